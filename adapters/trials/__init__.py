"""Many runs of one program: each is an ordinary run, of which what it came to is kept."""

from .stored_grounds import GROUND_FIELDS, ground_name, stored_job
from .trial import MarketChange, Trial, TrialOutcome
from .trial_job import Ground, Job
from .trial_runner import KEPT_FIGURES, TrialRunner
from .trial_runs import run_trials

# what is run
__all__ = ["GROUND_FIELDS", "Ground", "Job", "MarketChange", "Trial", "ground_name", "stored_job"]
# how, and what it comes to
__all__ += ["KEPT_FIGURES", "TrialOutcome", "TrialRunner", "run_trials"]
