"""What a stored run is at, by its row."""

from __future__ import annotations

import pytest

from adapters.desk import RunState
from adapters.desk.run_states import state_of
from adapters.results import CANCELLED, INTERRUPTED, LOST, SERVER_GONE


@pytest.mark.parametrize(
    ("status", "error", "state"),
    [
        ("running", "a runner", RunState.RUNNING),
        ("completed", None, RunState.COMPLETED),
        ("error", CANCELLED, RunState.CANCELLED),
        ("error", "ZeroDivisionError", RunState.FAILED),
        *(("error", error, RunState.INTERRUPTED) for error in (INTERRUPTED, LOST, SERVER_GONE)),
    ],
)
def test_every_end_has_its_state(status: str, error: str | None, state: RunState) -> None:
    assert state_of(status, error) is state
