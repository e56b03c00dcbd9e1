"""What others import from the room; `__init__.py` imports it when it is first used."""

# what is run
from .market_changes import Until as Until
from .stored_grounds import GROUND_FIELDS as GROUND_FIELDS
from .stored_grounds import ground_fields as ground_fields
from .stored_grounds import ground_key as ground_key
from .stored_grounds import ground_name as ground_name
from .stored_grounds import public_url as public_url
from .stored_grounds import stored_job as stored_job
from .stored_grounds import without_program as without_program
from .trial import MarketChange as MarketChange
from .trial import Surroundings as Surroundings
from .trial import Trial as Trial

# what it comes to
from .trial import TrialOutcome as TrialOutcome
from .trial_job import Ground as Ground
from .trial_job import Job as Job

# how
from .trial_runner import KEPT_FIGURES as KEPT_FIGURES
from .trial_runner import TrialRunner as TrialRunner
from .trial_runs import run_trials as run_trials
