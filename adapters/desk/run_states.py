"""What a stored run is at, as people say it: its status, and what it ended by."""

from __future__ import annotations

from engine.contract import Labelled

from ..results import CANCELLED, INTERRUPTED, LOST, SERVER_GONE, RunStatus

_ENDS = (INTERRUPTED, LOST, SERVER_GONE)


class RunState(Labelled):
    """What a stored run is at; it is interrupted where its process or its server was ended."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    INTERRUPTED = "interrupted", "Interrupted"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self not in (RunState.WAITING, RunState.RUNNING)


def state_of(status: str | None, error: str | None) -> RunState:
    """Return what a stored run is at by its row; who runs it knows whether it waits."""
    if status == RunStatus.RUNNING:
        return RunState.RUNNING
    if status == RunStatus.COMPLETED:
        return RunState.COMPLETED
    if error == CANCELLED:
        return RunState.CANCELLED
    return RunState.INTERRUPTED if error in _ENDS else RunState.FAILED
