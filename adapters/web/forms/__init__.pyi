"""What others import from the room of forms; `__init__.py` imports it when it is first used."""

# studies
from .asked_study import MOST_RUNS as MOST_RUNS
from .asked_study import AskedStudy as AskedStudy
from .asked_study import checked_study as checked_study

# configurations, programs
from .form_start import PRESETS as PRESETS
from .form_start import START as START
from .program_check import ProgramCheck as ProgramCheck
from .program_check import no_sandbox_text as no_sandbox_text
from .served_defaults import SERVED_DEFAULTS as SERVED_DEFAULTS
from .served_defaults import language_of as language_of
from .served_defaults import with_served_defaults as with_served_defaults
from .study_fields import FIELDS as FIELDS
from .study_fields import KINDS as KINDS
from .study_fields import StudyField as StudyField
from .study_fields import form_entries as form_entries
