"""What others import from the room; `__init__.py` imports it when it is first used."""

# the journal of whatever somebody names
from .journal_of import NamedJournal as NamedJournal
from .journal_of import is_journal as is_journal
from .journal_of import journal_of_file as journal_of_file
from .journal_of import journal_of_result as journal_of_result
from .journal_of import journal_of_stored as journal_of_stored
