"""What stands around a run while it goes on: its progress, what asks it to end, its hash seed."""

from .deaf_calls import Patience, deaf_call, hearing, in_another_thread
from .fresh_start import fix_hash_seed
from .interruption import ENDINGS, Interruption, interruptible, signals_waiting
from .progress import progress_bar, run_progress

# what it looks like
__all__ = ["progress_bar", "run_progress"]
# what asks it to end, in deaf libraries too
__all__ += ["ENDINGS", "Interruption", "Patience", "deaf_call", "hearing", "in_another_thread", "interruptible"]
__all__ += ["signals_waiting"]
# its hash seed
__all__ += ["fix_hash_seed"]
