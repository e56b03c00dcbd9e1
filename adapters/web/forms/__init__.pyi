"""What others import from the room of forms; `__init__.py` imports it when it is first used."""

# studies
from .asked_study import MOST_RUNS as MOST_RUNS
from .asked_study import AskedStudy as AskedStudy
from .asked_study import checked_study as checked_study

# what a form begins with, and what it has of faults
from .fault_fields import fault_kinds as fault_kinds
from .form_start import PRESETS as PRESETS
from .form_start import START as START

# looking at programs
from .program_check import ProgramCheck as ProgramCheck
from .program_check import no_sandbox_text as no_sandbox_text

# what may be said of how a file is read
from .reading_words import READING_WORDS as READING_WORDS

# what a configuration has that does not say it
from .served_defaults import SERVED_DEFAULTS as SERVED_DEFAULTS
from .served_defaults import language_of as language_of
from .served_defaults import with_served_defaults as with_served_defaults

# how much a configuration may hold
from .served_limits import LARGEST_ID as LARGEST_ID
from .served_limits import LONGEST_KEY as LONGEST_KEY
from .served_limits import LONGEST_NAME as LONGEST_NAME
from .served_limits import MOST_IN_FAULT as MOST_IN_FAULT
from .served_limits import MOST_ITEMS as MOST_ITEMS
from .served_limits import MOST_PARAMETERS as MOST_PARAMETERS
from .served_limits import NAME_PATTERN as NAME_PATTERN
from .served_limits import beyond_limits as beyond_limits

# a stored study, asked for once more
from .study_again import asked_again as asked_again
from .study_again import stored_config as stored_config

# the form of a study
from .study_fields import FIELDS as FIELDS
from .study_fields import KINDS as KINDS
from .study_fields import StudyField as StudyField
from .study_fields import form_entries as form_entries

# what a program may say
from .word_list import program_words as program_words
