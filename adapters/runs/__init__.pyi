"""What others import from the room; `__init__.py` imports it when it is first used."""

# how what asks it to end is heard in deaf libraries
from .deaf_calls import WATCHER as WATCHER
from .deaf_calls import Patience as Patience
from .deaf_calls import deaf_call as deaf_call
from .deaf_calls import hearing as hearing
from .deaf_calls import in_another_thread as in_another_thread

# its hash seed
from .fresh_start import fix_hash_seed as fix_hash_seed

# what asks it to end
from .interruption import Interruption as Interruption
from .interruption import ended_by_signals as ended_by_signals
from .interruption import interruptible as interruptible

# what that leaves open
from .left_open import let_go as let_go

# what it looks like
from .progress import long_step as long_step
from .progress import long_steps_shown as long_steps_shown
from .progress import no_bars as no_bars
from .progress import progress_bar as progress_bar
from .progress import run_progress as run_progress
from .progress import steps_told as steps_told
from .progress import trials_progress as trials_progress
from .progress import unseen as unseen

# which signals ask it to end
from .waiting_signals import ENDINGS as ENDINGS
from .waiting_signals import signals_waiting as signals_waiting
