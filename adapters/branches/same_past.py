"""Whether two runs are the same until an instant."""

from __future__ import annotations

from itertools import takewhile, zip_longest
from typing import Any

from engine import BacktestResult, SimulationError, utc_text
from engine.journal import Journal

from .turning import Change


def require_same_past(base: BacktestResult, branch: BacktestResult, change: Change, until_ms: int) -> None:
    """Raise `SimulationError` unless the journals of two runs are the same bytes before an instant (epoch ms); where a
    fault of the `change` changes rows, the same but for what is told there of rows to come.
    """
    before, after = base.journal, branch.journal
    assert before is not None
    assert after is not None
    if before.upto(until_ms - 1) == after.upto(until_ms - 1):
        return
    changes_rows = any(each.changes_market or each.changes_sight for each in change.faults)
    if changes_rows and all(a == b for a, b in zip_longest(_known(before, until_ms), _known(after, until_ms))):
        return
    reach = ", or a fault reaches further back than it begins" if change.faults else ""
    raise SimulationError(
        f"what comes before {utc_text(until_ms)} is not the same when the run is made again: data or program have "
        f"changed since, or the program answers by more than it is asked with{reach}"
    )


def _known(journal: Journal, until_ms: int) -> Any:
    """Yield the lines before an instant without their hashes, and without when an indicator will have rows enough."""
    for line in takewhile(lambda each: each["at"] < until_ms, journal.records()):
        warm_up = {name: each for name, each in (line.get("warm_up") or {}).items() if name != "until"}
        yield {**{name: each for name, each in line.items() if name != "~hash"}, "warm_up": warm_up}
