"""One curve of what was tested, window after window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from engine.market.series import FloatColumn, TimeColumn, read_only
from engine.result import MinuteGrid, curve_figures

if TYPE_CHECKING:
    import pandas

#: What becomes of the account from one test to the next: it is carried on, or begins anew and its returns compound.
Account = Literal["carried", "restarted"]


class JoinedPart(NamedTuple):
    """The equity (USD) of a test from `start_ms` to `end_ms` at every instant of an equity curve."""

    start_ms: int
    end_ms: int
    equity: FloatColumn


class JoinedEquity:
    """The equity in USD at the start, at every whole UTC minute and at the end of all tests, as read-only columns.

    Between tests, and where none was run, it is as before. A test begins with what the one before was worth: with the
    account carried on it was run so, and with one that begins anew each time its curve is scaled, so that returns
    compound. Positions that are open at the end of a test are in it at their worth then, without the costs of closing
    them. Once it is 0 or below it stays there.
    """

    def __init__(self, start_ms: int, end_ms: int, initial: float, parts: Sequence[JoinedPart]) -> None:
        grid = MinuteGrid(start_ms, end_ms)
        self.timestamp_ms: TimeColumn = read_only(grid.times_of(np.arange(len(grid))), np.int64)
        equity, worth, done = np.empty(len(grid)), initial, 0
        for part in parts:
            if worth <= 0.0:
                break
            times = MinuteGrid(part.start_ms, part.end_ms)
            instants = times.times_of(np.arange(len(times)))
            places = grid.places(instants)
            on_grid = (self.timestamp_ms[places] == instants) & (places >= done)
            equity[done : places[0]] = worth
            scaled = part.equity * (worth / part.equity[0])
            equity[places[on_grid]] = scaled[on_grid]
            worth, done = float(scaled[-1]), max(done, int(places[on_grid].max(initial=-1)) + 1)
        equity[done:] = worth
        self.equity: FloatColumn = read_only(equity, np.float64)

    def __len__(self) -> int:
        return len(self.equity)

    def figures(self) -> dict[str, float | None]:
        """Return what it amounts to, by the names that a result has for it."""
        return curve_figures(self.timestamp_ms, self.equity)

    @property
    def series(self) -> pandas.Series[float]:
        """The equity as a pandas series by time (UTC)."""
        import pandas

        index = pandas.DatetimeIndex(self.timestamp_ms.astype("datetime64[ms]"), name="time").tz_localize("UTC")
        return pandas.Series(self.equity, index, name="equity")


def whole_curve(start_ms: int, end_ms: int, kept: FloatColumn) -> FloatColumn:
    """Return the equity at every instant of a run, of a curve that was kept at least as finely as those are."""
    rows = len(MinuteGrid(start_ms, end_ms))
    _, first = np.unique(np.linspace(0, rows - 1, len(kept)).round().astype(np.int64), return_index=True)
    return np.asarray(kept[first])


def points_of(start_ms: int, end_ms: int) -> int:
    """Return how many steps of an equity curve keep all of it."""
    return len(MinuteGrid(start_ms, end_ms)) - 1
