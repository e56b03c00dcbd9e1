"""What others import from the room of trades; `__init__.py` imports it when it is first used."""

# on a price chart
from .few_bytes import in_few_bytes as in_few_bytes
from .few_bytes import with_digits as with_digits
from .linked_triggers import LoggedAnswer as LoggedAnswer
from .linked_triggers import TriggerLink as TriggerLink
from .linked_triggers import shown_links as shown_links
from .linked_triggers import trades_by_trigger as trades_by_trigger
from .linked_triggers import trigger_links as trigger_links
from .linked_triggers import won_by_trigger as won_by_trigger
from .mark_reader import OLD_RESULT as OLD_RESULT
from .mark_reader import MarkReader as MarkReader
from .mark_windows import lines_window as lines_window
from .mark_windows import marks_window as marks_window
from .trade_lines import Decided as Decided
from .trade_lines import Lines as Lines
from .trade_lines import decisions_of as decisions_of
from .trade_lines import lines_of as lines_of
from .trade_lines import steps_note as steps_note
from .trade_marks import ADD as ADD
from .trade_marks import AMBIGUOUS as AMBIGUOUS
from .trade_marks import DECIDED as DECIDED
from .trade_marks import ENTRY as ENTRY
from .trade_marks import NO_SYMBOL as NO_SYMBOL
from .trade_marks import OPEN as OPEN
from .trade_marks import TRIGGER as TRIGGER
from .trade_marks import Marks as Marks
from .trade_marks import marks_of as marks_of
from .trade_marks import with_entry as with_entry

# in a table, and what led to a trade
from .trigger_items import items_within as items_within
from .trigger_items import trigger_item as trigger_item
from .trigger_items import whole_trigger as whole_trigger
from .why_trades import explain_result as explain_result
from .why_trades import explained_trades as explained_trades
from .why_trades import shown_explanation as shown_explanation
