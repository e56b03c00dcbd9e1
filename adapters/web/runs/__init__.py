"""The runs of a server: worker processes, and their events."""

from .run_events import RunEvents
from .run_process import WorkerProcess

__all__ = ["RunEvents", "WorkerProcess"]
