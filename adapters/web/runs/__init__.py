"""The runs of a server: worker processes, and their events."""

from .run_events import RunEvent, RunEvents
from .run_process import WorkerProcess

__all__ = ["RunEvent", "RunEvents", "WorkerProcess"]
