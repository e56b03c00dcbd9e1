"""What others import from the room; `__init__.py` imports it when it is first used."""

# the journal of whatever somebody names
# what sets two runs apart
from .difference_words import fills_table as fills_table
from .journal_of import NamedJournal as NamedJournal
from .journal_of import is_journal as is_journal
from .journal_of import is_result_json as is_result_json
from .journal_of import journal_of_file as journal_of_file
from .journal_of import journal_of_json as journal_of_json
from .journal_of import journal_of_result as journal_of_result
from .journal_of import journal_of_stored as journal_of_stored

# what moved the money of a run, exactly
from .money_of_run import MoneyOfRun as MoneyOfRun
from .money_of_run import TradedFill as TradedFill

# as somebody names them
from .named_runs import RunsAsked as RunsAsked
from .run_difference import WITHIN_MS as WITHIN_MS
from .run_difference import RunDifference as RunDifference
from .run_difference import difference_of as difference_of

# fills of a venue
from .venue_fills import read_fills as read_fills
from .venue_layout import VenueReading as VenueReading
