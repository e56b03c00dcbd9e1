"""What stands around a run while it goes on: its progress, and Ctrl-C."""

from .interruption import Interruption
from .progress import progress_bar, run_progress

__all__ = ["Interruption", "progress_bar", "run_progress"]
