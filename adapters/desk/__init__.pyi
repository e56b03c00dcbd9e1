"""What others import from the room; `__init__.py` imports it when it is first used."""

# its columns
from .desk_columns import NAMES as NAMES
from .desk_columns import PARAMETER as PARAMETER

# what is wanted
from .desk_filter import CONDITION as CONDITION
from .desk_filter import DeskFilter as DeskFilter
from .desk_filter import condition as condition

# the list and a comparison as files
from .list_files import comparison_csv as comparison_csv
from .list_files import items_csv as items_csv

# several side by side
from .many_compared import compare_many as compare_many

# the list
from .result_desk import ResultDesk as ResultDesk

# files of a result
from .result_downloads import Download as Download
from .result_downloads import write_download as write_download

# what is noted of it
from .result_notes import LONGEST_NOTE as LONGEST_NOTE
from .result_notes import LONGEST_TAG as LONGEST_TAG
from .result_notes import MOST_TAGS as MOST_TAGS
from .result_notes import NotesChanged as NotesChanged
from .result_notes import change_notes as change_notes

# a result as an item of it
from .row_items import ITEM_COLUMNS as ITEM_COLUMNS
from .row_items import range_of_item as range_of_item
from .row_items import result_item as result_item

# what it is at
from .run_states import RunState as RunState
