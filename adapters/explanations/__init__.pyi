"""What others import from the room; `__init__.py` imports it when it is first used."""

# a journal, and what led to something in it
from .explaining import JournalExplained as JournalExplained
from .explaining import checked_market as checked_market
from .explanation import Explanation as Explanation
from .explanation import Section as Section
from .explanation import Step as Step
from .explanation import moment as moment
