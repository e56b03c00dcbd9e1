"""What the requests of one server share: its database, its queue of runs and studies, and what explains trades."""

from .shared_services import Services, ServicesOf
from .study_run import StudyRun, announced

__all__ = ["Services", "ServicesOf", "StudyRun", "announced"]
