"""How well the klines of a symbol cover a range: what is missing is said before a result is trusted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .klines import KlineColumns
from .periods import utc_text


@dataclass(frozen=True, slots=True)
class DataCoverage:
    """Klines of one symbol in a range: how many there are and should be, holes, and the longest hole.

    `first_ms` is the first kline's open in the range, `last_ms` the last one's close; both 0 without a kline.
    """

    symbol: str
    expected: int
    present: int
    holes: int
    longest_hole: int
    longest_hole_ms: int
    first_ms: int
    last_ms: int

    @property
    def missing(self) -> int:
        """How many klines are missing, before the first and after the last one included."""
        return self.expected - self.present

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return {**asdict(self), "missing": self.missing}

    def warning(self) -> str | None:
        """Return what a user should know, or None when nothing is missing."""
        if not self.missing:
            return None
        if not self.present:
            return f"{self.symbol}: there are no klines in the range"
        text = f"{self.symbol}: {self.missing:,} of {self.expected:,} klines are missing"
        if self.longest_hole:
            text += f"; the longest hole is {self.longest_hole:,} klines from {utc_text(self.longest_hole_ms)}"
        return text


def data_coverage(symbol: str, klines: KlineColumns, start_ms: int, end_ms: int) -> DataCoverage:
    """Return the coverage of the klines that open and close in [start_ms, end_ms]."""
    period = klines.period_ms
    first_open = -(-start_ms // period) * period
    expected = max((end_ms - first_open) // period, 0)
    begin, stop = np.searchsorted(klines.open_ms, [first_open, first_open + expected * period])
    open_ms = klines.open_ms[begin:stop]
    if not len(open_ms):
        return DataCoverage(symbol, expected, 0, 0, 0, 0, 0, 0)
    edges = np.concatenate(([first_open - period], open_ms, [first_open + expected * period]))
    steps = np.diff(edges)
    holes = np.flatnonzero(steps != period)
    longest = int(holes[steps[holes].argmax()]) if len(holes) else 0
    return DataCoverage(
        symbol,
        expected,
        len(open_ms),
        len(holes),
        int(steps[longest]) // period - 1,
        int(edges[longest]) + period if len(holes) else 0,
        int(open_ms[0]),
        int(open_ms[-1]) + period,
    )
