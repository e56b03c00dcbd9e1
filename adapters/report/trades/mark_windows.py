"""What a chart is given of marks and lines: those of the range that is looked at, and how many there are in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from .trade_lines import Lines
from .trade_marks import ADD, ENTRY, NO_SYMBOL, OPEN, TRIGGER, Marks, within

_BARS = "time count entries exits wins losses others pnl".split()
_EMPTY: dict[str, list[Any]] = {name: [] for name in _BARS}


def marks_window(
    marks: Marks,
    start: int,
    end: int,
    most: int,
    symbol: str | None = None,
    without: Collection[str] = (),
    per: int | None = None,
) -> dict[str, Any]:
    """Return the marks from `start` to `end` (epoch ms, inclusive) but for those of some kinds: the first `most` of
    `total` as `columns`; with `per`, where there are more, none of them, but what they come to in each bar of so many
    ms, as `bars`. `given` says how many are told of either way, and `kinds` how many of each there are in the run.
    """
    first, stop = np.searchsorted(marks["time"], start), np.searchsorted(marks["time"], end, side="right")
    found = {name: column[first:stop] for name, column in marks.items()}
    keep = np.ones(stop - first, np.bool_)
    if symbol is not None:
        keep &= (found["symbol"] == symbol) | (found["symbol"] == NO_SYMBOL)
    for kind in without:
        keep &= found["kind"] != kind
    places = np.flatnonzero(keep)
    is_added_up = per is not None and len(places) > most
    given = 0 if is_added_up else min(most, len(places))
    columns = {name: column[places[:given]].tolist() for name, column in found.items()}
    bars = _added_up(found, places, per) if per is not None and is_added_up else _EMPTY
    return {
        "total": len(places),
        "given": sum(bars["count"]) if is_added_up else given,
        "per": per if is_added_up else None,
        "kinds": dict(sorted(Counter(marks["kind"].tolist()).items())),
        "columns": columns,
        "bars": bars,
    }


def _added_up(marks: Marks, places: npt.NDArray[np.int64], per: int) -> dict[str, list[Any]]:
    """Return what marks come to bar by bar: how many there are, and of exits what they won in USD."""
    opens = within(marks["time"][places], marks["at_open"][places]) // per * per
    times, bar = np.unique(opens, return_inverse=True)
    kinds = marks["kind"][places]
    pnl = np.array([0.0 if each is None else each for each in marks["pnl"][places]], np.float64)
    entries = (kinds == ENTRY) | (kinds == ADD)
    exits = np.array([each is not None for each in marks["pnl"][places]], np.bool_) & (kinds != OPEN)

    def counted(which: npt.NDArray[np.bool_]) -> list[int]:
        return [*map(int, np.bincount(bar[which], minlength=len(times)))]

    return {
        "time": times.tolist(),
        "count": counted(np.ones(len(places), np.bool_)),
        "entries": counted(entries),
        "exits": counted(exits),
        "wins": counted(exits & (pnl > 0.0)),
        "losses": counted(exits & (pnl < 0.0)),
        "others": counted(~entries & ~exits),
        "pnl": np.bincount(bar, np.where(exits, pnl, 0.0), len(times)).tolist(),
    }


def marks_of_trigger(marks: Marks, index: int) -> list[dict[str, Any]]:
    """Return the marks of what was decided at a trigger, in order of time, as plain values: its fills, what became of
    its orders, and the exits that stood for them.
    """
    places = np.flatnonzero((marks["trigger"] == index) & (marks["kind"] != TRIGGER))
    columns = {name: column[places].tolist() for name, column in marks.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def lines_window(
    lines: Lines, start: int, end: int, most: int, symbol: str | None = None, trade: int | None = None
) -> dict[str, Any]:
    """Return the lines that are anywhere between `start` and `end` (epoch ms, inclusive), or only those of the position
    that a `trade` closed, up to its exit: the first `most` of `total`.
    """
    keep = (lines["start"] <= end) & (lines["end"] >= start)
    if symbol is not None:
        keep &= lines["symbol"] == symbol
    if trade is not None:
        own = lines["trade"] == trade
        keep &= np.isin(lines["position"].astype(np.int64), lines["position"][own].astype(np.int64))
        keep &= own | (lines["start"] < max(lines["end"][own].tolist(), default=0))
    places = np.flatnonzero(keep)
    columns = {name: column[places[:most]].tolist() for name, column in lines.items()}
    return {"total": len(places), "given": min(most, len(places)), "columns": columns}
