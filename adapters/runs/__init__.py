"""What stands around a run while it goes on: its progress, Ctrl-C, its stored row."""

from .interruption import Interruption
from .progress import progress_bar, run_progress
from .run_storage import saved_run

__all__ = ["Interruption", "progress_bar", "run_progress", "saved_run"]
