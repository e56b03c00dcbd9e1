"""How long trades were held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.result import Column, Unit

from .summary_table import Row, SummaryTable

_COLUMNS = (
    Column("part", "Trades"),
    Column("count", "Number", Unit.COUNT, meaning="Closed trades"),
    Column("min_ms", "Shortest", Unit.DURATION, meaning="The least time from first fill to exit"),
    Column("median_ms", "Median", Unit.DURATION, meaning="Half of them were held no longer than this"),
    Column("mean_ms", "Mean", Unit.DURATION, meaning="Sum of all times / their number"),
    Column("max_ms", "Longest", Unit.DURATION, meaning="The most time from first fill to exit"),
)


def by_outcome(trades: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield all trades, those won and those lost, each with its name; one of a net PnL of 0 is neither."""
    yield "All", list(trades)
    yield "Won", [each for each in trades if each["pnl"] > 0.0]
    yield "Lost", [each for each in trades if each["pnl"] < 0.0]


def duration_table(trades: Sequence[Row]) -> SummaryTable:
    """Return how long trades were held, from their first fill to their exit."""
    rows = [_row(part, found) for part, found in by_outcome(trades) if found]
    meaning = "Time from the first fill of a position to the fill that closed it, or a part of it."
    return SummaryTable("durations", "How long trades were held", meaning, _COLUMNS, rows, len(rows))


def _row(part: str, trades: Sequence[Row]) -> dict[str, Any]:
    held = np.array([each["exit_timestamp"] - each["entry_timestamp"] for each in trades], np.int64)
    return {
        "part": part,
        "count": len(held),
        "min_ms": int(held.min()),
        "median_ms": float(np.median(held)),
        "mean_ms": float(held.mean()),
        "max_ms": int(held.max()),
    }
