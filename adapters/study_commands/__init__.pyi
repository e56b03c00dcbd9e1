"""What others import from the room; `__init__.py` imports it when it is first used."""

# options of all commands that run a configuration many times
from .study_options import StudyRequest as StudyRequest
from .study_options import begin_study as begin_study
from .study_options import with_study_options as with_study_options
