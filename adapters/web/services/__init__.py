"""What the requests of one server share: its database, its queue of runs and studies, what explains trades, what lists
pools and data, uploaded files, imports and downloads.
"""

# what all of them have, and what gives their answers again
# work in processes of its own
from .data_jobs import JobEnding
from .job_store import JOB_STATUSES
from .kept_answers import KeptAnswers, StoredAnswer
from .limited_work import LOOK, PREVIEW

# what is stored, and what waits for that
from .pool_list import pool_answer, stored_signals
from .shared_services import Services, ServicesOf
from .study_run import StudyRun, announced, announced_again
from .waiting_files import WaitingFile

__all__ = [
    "JOB_STATUSES",
    "LOOK",
    "PREVIEW",
    "JobEnding",
    "KeptAnswers",
    "Services",
    "ServicesOf",
    "StoredAnswer",
    "StudyRun",
    "WaitingFile",
    "announced",
    "announced_again",
    "pool_answer",
    "stored_signals",
]
