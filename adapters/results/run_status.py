"""Where a stored run stands."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """The status of a stored run; one that failed, was interrupted or was lost is an error."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "error"
