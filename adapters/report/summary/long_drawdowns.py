"""The longest times that equity was below a peak."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.market.series import FloatColumn, TimeColumn
from engine.result import Column, Unit

from .summary_table import SummaryTable

MOST_DRAWDOWNS = 10
_COLUMNS = (
    Column("start", "From", Unit.MOMENT, meaning="When the peak was left, UTC"),
    Column("trough", "Lowest", Unit.MOMENT, meaning="When equity was lowest, UTC"),
    Column("end", "Until", Unit.MOMENT, meaning="When equity was at the peak again, UTC; none: it never was"),
    Column("depth", "Depth, USD", Unit.USD, meaning="Peak - lowest equity, USD"),
    Column("depth_percent", "Depth, %", Unit.PERCENT, meaning="Depth in percent of the peak"),
    Column("length_ms", "Length", Unit.DURATION, meaning="From the peak until equity is there again, or to the end"),
)


def drawdown_table(times: TimeColumn, equity: FloatColumn) -> SummaryTable:
    """Return the longest stretches below a peak of a curve at these instants (epoch ms)."""
    rows = _stretches(times, equity) if len(times) else []
    longest = sorted(rows, key=lambda row: (-row["length_ms"], row["start"]))[:MOST_DRAWDOWNS]
    apart = round(int(np.diff(times).max()) / 60_000) if len(times) > 1 else 0
    meaning = (
        f"Of {len(times):,} points of the curve, every extreme of it among them, at most {apart:,} minutes apart: "
        "so far an instant can be off; depths are exact."
    )
    return SummaryTable("drawdowns", "Longest drawdowns", meaning, _COLUMNS, longest, len(rows))


def _stretches(times: TimeColumn, equity: FloatColumn) -> list[dict[str, Any]]:
    peaks = np.maximum.accumulate(equity)
    below = np.concatenate(([False], equity < peaks, [False]))
    turns = np.flatnonzero(below[1:] != below[:-1])
    return [
        _stretch(times, equity, begin, end)
        for begin, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)
    ]


def _stretch(times: TimeColumn, equity: FloatColumn, begin: int, end: int) -> dict[str, Any]:
    """Return what is told of the points from `begin` on that are below the one before, up to that before `end`."""
    trough = begin + int(equity[begin:end].argmin())
    peak, is_over = float(equity[begin - 1]), end < len(times)
    depth, until = peak - float(equity[trough]), int(times[end] if is_over else times[-1])
    return {
        "start": int(times[begin - 1]),
        "trough": int(times[trough]),
        "end": until if is_over else None,
        "depth": depth,
        "depth_percent": 100.0 * depth / peak if peak > 0.0 else None,
        "length_ms": until - int(times[begin - 1]),
    }
