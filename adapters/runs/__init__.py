"""What stands around a run while it goes on: its progress, what asks it to end, its hash seed."""

from .fresh_start import fix_hash_seed
from .interruption import ENDINGS, Interruption, interruptible
from .progress import progress_bar, run_progress

__all__ = ["ENDINGS", "Interruption", "fix_hash_seed", "interruptible", "progress_bar", "run_progress"]
