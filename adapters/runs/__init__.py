"""What stands around a run while it goes on: its progress, what asks it to end, its hash seed."""

from .deaf_calls import Patience, deaf_call, hearing, in_another_thread
from .fresh_start import fix_hash_seed
from .interruption import Interruption, ended_by_signals, interruptible
from .progress import progress_bar, run_progress
from .waiting_signals import ENDINGS, signals_waiting

# what it looks like
__all__ = ["progress_bar", "run_progress"]
# what asks it to end
__all__ += ["ENDINGS", "Interruption", "ended_by_signals", "interruptible", "signals_waiting"]
# how that is heard in deaf libraries
__all__ += ["Patience", "deaf_call", "hearing", "in_another_thread"]
# its hash seed
__all__ += ["fix_hash_seed"]
