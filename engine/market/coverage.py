"""How well stored data covers a range: what is missing is said before a result is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..instants import duration_text, utc_text
from .flow import ROW_MS, FlowHistory
from .history import SymbolHistory
from .series import KlineColumns, TimeColumn

#: The flow series whose holes are looked for; funding comes at intervals of its own.
FLOW_SERIES = ("trades", "book", "mark_price", "open_interest")
#: So many rows are looked at together.
_PART_ROWS = 1 << 14


@dataclass(frozen=True, slots=True)
class DataCoverage:
    """Rows of one symbol and series in a range: how many there are and should be, holes, and the longest hole.

    `step_ms` is the distance between two rows without a hole, 0 of what comes at any time; `longest_hole` is counted in
    rows, and begins at `longest_hole_ms`; `first_ms` and `last_ms` are the first and the last row's times, all 0 where
    there is none. `back_filled` rows are whole minutes that a platform stamped at their open; they count from their
    close.
    """

    symbol: str
    series: str
    step_ms: int
    expected: int
    present: int
    holes: int
    longest_hole: int
    longest_hole_ms: int
    first_ms: int
    last_ms: int
    back_filled: int = 0

    @property
    def missing(self) -> int:
        """How many rows are missing, before the first and after the last one included."""
        return max(self.expected - self.present, 0)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return {**asdict(self), "missing": self.missing}

    def warning(self) -> str | None:
        """Return what a user should know, or None when nothing is missing."""
        if not self.present and self.missing:
            return f"{self.symbol}: there are no {self.series} in the range"
        return "; ".join(filter(None, (self._missing_text(), self._back_fill_text()))) or None

    def _back_fill_text(self) -> str:
        if not self.back_filled:
            return ""
        return (
            f"{self.symbol}: {self.back_filled:,} of the {self.series} are back-filled 1m klines, stamped at their "
            "open; they count from their close"
        )

    def _missing_text(self) -> str:
        if not self.missing and not self.holes:
            return ""
        text = f"{self.symbol}: {self.missing:,} of {self.expected:,} {self.series} are missing"
        if self.longest_hole:
            lasts = self.longest_hole * self.step_ms
            length = duration_text(lasts) if lasts >= 60_000 else f"{lasts // 1000}s"
            text += f"; the longest hole is {length} from {utc_text(self.longest_hole_ms)}"
        return text


def symbol_coverage(history: SymbolHistory, start_ms: int, end_ms: int) -> list[DataCoverage]:
    """Return the coverage of [start_ms, end_ms] by a symbol's base klines, by those of its mark price, by each flow
    series that it has and by its features, of which nobody knows how many values there should be.
    """
    base = history.base
    whole = base.index.is_whole(base.period_ms)
    found = [_kline_coverage(history.symbol, "klines", base.columns, start_ms, end_ms, whole)]
    if history.mark_klines is not None:
        found.append(_kline_coverage(history.symbol, "mark klines", history.mark_klines, start_ms, end_ms))
    for name in FLOW_SERIES:
        times = history.flow.times(name)
        if times is None:
            continue
        step = max(_usual_step(times) if len(times) > 1 else ROW_MS, 1)
        first = -(-(start_ms + 1) // step) * step
        count = max((end_ms - first) // step + 1, 0)
        coverage = _coverage(history.symbol, f"{name.replace('_', ' ')} rows", times, step, first, count)
        found.append(_with_back_fill(coverage, history.flow, start_ms, end_ms) if name == "trades" else coverage)
    return [*found, *_feature_coverage(history, start_ms, end_ms)]


def _feature_coverage(history: SymbolHistory, start_ms: int, end_ms: int) -> Iterator[DataCoverage]:
    for name in history.feature_names:
        feature = history.feature(name)
        assert feature is not None
        times = feature.rows.timestamp_ms
        present = times[slice(*np.searchsorted(times, (start_ms, end_ms + 1)).tolist())]
        first, last = (int(present[0]), int(present[-1])) if len(present) else (0, 0)
        yield DataCoverage(history.symbol, f"feature {name}", 0, len(present), len(present), 0, 0, 0, first, last)


def _kline_coverage(
    symbol: str, series: str, klines: KlineColumns, start_ms: int, end_ms: int, is_whole: bool = False
) -> DataCoverage:
    period = klines.period_ms
    first_open = -(-start_ms // period) * period
    count = max((end_ms - first_open) // period, 0)
    return _coverage(symbol, series, klines.open_ms, period, first_open, count, is_whole)


def _with_back_fill(coverage: DataCoverage, flow: FlowHistory, start_ms: int, end_ms: int) -> DataCoverage:
    first, stop = np.searchsorted(flow.back_filled_ms, (start_ms + 1, end_ms + 1)).tolist()
    return replace(coverage, back_filled=stop - first)


def _coverage(
    symbol: str, series: str, times: TimeColumn, step: int, first_due: int, expected: int, is_whole: bool = False
) -> DataCoverage:
    """Return the coverage by a series; where `is_whole` is known only its ends are looked at."""
    end = first_due + expected * step
    begin, stop = np.searchsorted(times, [first_due, end])
    present = times[begin:stop]
    if not len(present):
        return DataCoverage(symbol, series, step, expected, 0, 0, 0, 0, 0, 0)
    first, last = int(present[0]), int(present[-1])
    inside = () if is_whole else _neighbours(present)
    holes, longest, since = _holes((np.array([first_due - step, first]), *inside, np.array([last, end])), 1.5 * step)
    longest_rows, longest_ms = (round(longest / step) - 1, since + step) if holes else (0, 0)
    return DataCoverage(symbol, series, step, expected, len(present), holes, longest_rows, longest_ms, first, last)


def _neighbours(times: TimeColumn) -> Iterator[TimeColumn]:
    """Yield times in parts, each from the last one of the part before on, so that a long series costs no memory."""
    return (times[at : at + _PART_ROWS + 1] for at in range(0, len(times), _PART_ROWS))


def _usual_step(times: TimeColumn) -> int:
    """Return the median of the distances between two times or more, rounded down.

    Where less than half of them are shorter, and less than half longer, than the median of the first part, it is that
    one: counting takes a tenth of the time, and no memory.
    """
    first = int(np.median(np.diff(times[: _PART_ROWS + 1])))
    shorter = longer = 0
    for part in _neighbours(times):
        distance = np.diff(part)
        shorter += int(np.count_nonzero(distance < first))
        longer += int(np.count_nonzero(distance > first))
    is_median = 2 * max(shorter, longer) < len(times) - 1
    return first if is_median else int(np.median(np.diff(times)))


def _holes(parts: Iterable[TimeColumn], least: float) -> tuple[int, int, int]:
    """Return how many times in all parts come `least` or more after the one before, by how much at most, and when that
    one was.
    """
    count, longest, longest_at = 0, 0, 0
    for part in parts:
        distance = np.diff(part)
        place = int(distance.argmax()) if len(distance) else 0
        if not len(distance) or distance[place] < least:
            continue
        count += int(np.count_nonzero(distance >= least))
        if distance[place] > longest:
            longest, longest_at = distance.item(place), part.item(place)
    return count, longest, longest_at
