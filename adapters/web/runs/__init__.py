"""The runs of a server: worker processes, and their events."""

from .run_events import BACKTESTS, STUDIES, RunEvent, RunEvents
from .run_process import WorkerProcess

__all__ = ["BACKTESTS", "STUDIES", "RunEvent", "RunEvents", "WorkerProcess"]
