"""What stands around a run while it goes on: its progress, and what asks it to end."""

from .interruption import ENDINGS, Interruption, interruptible
from .progress import progress_bar, run_progress

__all__ = ["ENDINGS", "Interruption", "interruptible", "progress_bar", "run_progress"]
