"""What others import from the room; `__init__.py` imports it when it is first used."""

# what is kept
from .program_store import KeptProgram as KeptProgram
from .program_store import ProgramStore as ProgramStore
from .program_store import ProgramVersion as ProgramVersion

# what it may be
from .program_tables import LONGEST_NAME as LONGEST_NAME
from .program_tables import LONGEST_SOURCE as LONGEST_SOURCE
from .program_tables import MOST_DELETED as MOST_DELETED
from .program_tables import MOST_PROGRAMS as MOST_PROGRAMS
from .program_tables import MOST_VERSIONS as MOST_VERSIONS

# what is refused
from .refusals import MovedOn as MovedOn
from .refusals import NameTaken as NameTaken
from .refusals import NoSuchProgram as NoSuchProgram
from .refusals import TooManyPrograms as TooManyPrograms
