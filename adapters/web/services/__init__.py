"""What the requests of one server share: its database, its queue of runs and studies, what explains trades, what lists
pools and data, uploaded files, imports and downloads.
"""

from .job_store import JOB_STATUSES
from .pool_list import pool_answer, stored_signals
from .shared_services import Services, ServicesOf
from .study_run import StudyRun, announced, announced_again
from .waiting_files import WaitingFile

__all__ = [
    "JOB_STATUSES",
    "Services",
    "ServicesOf",
    "StudyRun",
    "WaitingFile",
    "announced",
    "announced_again",
    "pool_answer",
    "stored_signals",
]
