"""Tables that somebody holds of a market, as they would be if the future were another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from engine import DataError, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import KlineSeries, is_frame, is_series, times_of_frame
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import PERIOD_MS
from engine.resampling import noise_values, other_future, other_values

#: Fewer values are no data.
FEWEST_VALUES = 20
#: Longer klines that somebody has made are the same but for sums in another order.
_SAME = 1e-9
_FIELDS = ("open", "high", "low", "close", "volume")


class _Column(NamedTuple):
    """A column of klines as it was recorded, and with another future; `times` are those at which these open, or end."""

    times: TimeColumn
    recorded: FloatColumn
    other: FloatColumn


class OtherTables:
    """Gives, for tables that hold what a market holds, the same from a market whose future is noise after an instant.

    What is a column of the market, or of its klines of a longer period, is taken from the changed market; other values
    of a row whose time comes later, or whose kline opens later, are drawn from the column itself. These are named in
    `only_cut`, and so are columns that are left as they are: what they held before cannot be worked out anew.
    """

    def __init__(self, market: MarketHistory, changed: MarketHistory, after_ms: int, seed: int) -> None:
        self._market, self._changed, self._after_ms, self._seed = market, changed, after_ms, seed
        self._generator = np.random.default_rng(seed)
        self._columns = list(_columns(market, changed))
        self._longer: list[_Column] | None = None
        self.only_cut: list[str] = []

    def of(self, name: str, value: Any) -> Any:
        """Return what stands for a value, the value itself where it is no table of the market."""
        if isinstance(value, MarketHistory):
            return self._changed if value is self._market else other_future(value, self._after_ms, self._seed)
        if isinstance(value, SymbolHistory):
            return self._of_symbol(value)
        if isinstance(value, KlineSeries):
            return KlineSeries(self._klines(value.columns))
        if isinstance(value, KlineColumns):
            return self._klines(value)
        if isinstance(value, TimedValues):
            self.only_cut.append(name)
            return other_values(value, self._after_ms, self._generator)
        if is_frame(value) or is_series(value):
            return self._frame(name, value)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim in (1, 2):
            return self._array(name, value)
        return self._list(name, value)

    def _of_symbol(self, history: SymbolHistory) -> SymbolHistory:
        changed = self._changed.symbols.get(history.symbol)
        if changed is not None and self._market.symbols.get(history.symbol) is history:
            return changed
        return other_future(MarketHistory([history]), self._after_ms, self._seed).symbols[history.symbol]

    def _klines(self, columns: KlineColumns) -> KlineColumns:
        figures = []
        for recorded in columns.figures:
            found = self._same(recorded, columns.open_ms)
            if found is None:
                alone = MarketHistory.from_klines({"": columns})
                return other_future(alone, self._after_ms, self._seed).symbols[""].base.columns
            figures.append(found)
        return KlineColumns(columns.period_ms, columns.open_ms, *figures)

    def _frame(self, name: str, table: Any) -> Any:
        times = table_times(table)
        changed = table.copy()
        if is_series(table):
            if table.dtype.kind == "f":
                changed[:] = self._values(name, table.to_numpy(), times)
            elif table.dtype.kind in "iub" and len(table) >= FEWEST_VALUES and not is_regular(table.to_numpy()):
                self.only_cut.append(name)
            return changed
        for place, title in enumerate(table.columns):
            column, called = table.iloc[:, place], f"column {title} of {name}"
            if column.dtype.kind == "f":
                changed.isetitem(place, self._values(called, column.to_numpy(), times))
            elif column.dtype.kind in "iub" and len(table) >= FEWEST_VALUES and not is_regular(column.to_numpy()):
                self.only_cut.append(called)
        return changed

    def _array(self, name: str, array: Any) -> Any:
        if array.ndim == 1:
            return self._values(name, array, None)
        return np.column_stack([self._values(name, array[:, place], None) for place in range(array.shape[1])])

    def _list(self, name: str, value: Any) -> Any:
        if not isinstance(value, list) or not value or not all(type(each) is float for each in value[:3]):
            return value
        try:
            array = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            return value
        other = self._values(name, array, None) if array.ndim == 1 else array
        return value if other is array else other.tolist()

    def _values(self, name: str, values: FloatColumn, times: TimeColumn | None) -> FloatColumn:
        """Return values of rows at some times; without times they are those of klines if there are as many."""
        found = self._same(values, times)
        if found is not None:
            return found
        if times is None:
            times = next((each.times for each in self._columns if len(each.times) == len(values)), None)
        if len(values) >= FEWEST_VALUES and not is_regular(values):
            self.only_cut.append(name)
        if times is None or len(times) != len(values) or (np.diff(times) < 0).any():
            return values
        first = int(times.searchsorted(self._after_ms, side="right"))
        if first == len(values):
            return values
        return np.concatenate((values[:first], noise_values(values, first, self._generator)))

    def _same(self, values: FloatColumn, times: TimeColumn | None) -> FloatColumn | None:
        """Return the changed column of the market that values are, None where they are none."""
        found = _same_among(self._columns, values, times)
        if found is None and len(values) >= FEWEST_VALUES:
            if self._longer is None:
                self._longer = list(_longer_columns(self._market, self._changed))
            found = _same_among(self._longer, values, times)
        return found


def is_regular(values: Any) -> bool:
    """Tell whether values are all the same, or go on by equal steps, as the times of klines do: they tell nothing."""
    if values.ndim != 1 or values.dtype.kind not in "iufM":
        return False
    steps = np.diff(values)
    return bool((steps == steps[:1]).all())


def _same_among(columns: list[_Column], values: FloatColumn, times: TimeColumn | None) -> FloatColumn | None:
    for each in columns:
        if times is None:
            if len(values) == len(each.recorded) and _are_alike(values, each.recorded):
                return each.other
            continue
        place = np.minimum(each.times.searchsorted(times), len(each.times) - 1)
        there = each.times[place] == times
        if there.sum() > len(times) // 2 and _are_alike(values[there], each.recorded[place[there]]):
            return np.where(there, each.other[place], values)
    return None


def _are_alike(one: FloatColumn, other: FloatColumn) -> bool:
    return np.allclose(one[:5], other[:5], rtol=_SAME, atol=0.0, equal_nan=True) and np.allclose(
        one, other, rtol=_SAME, atol=0.0, equal_nan=True
    )


def table_times(table: Any) -> TimeColumn | None:
    """Return the times of the rows of a frame or a series, those without a zone as UTC; None where it has none."""
    frame = table.to_frame("value") if is_series(table) else table
    if frame.index.dtype.kind == "M" and frame.index.tz is None:
        frame = frame.set_axis(frame.index.tz_localize("UTC"))
    try:
        return times_of_frame("a table", frame).ms
    except DataError:
        return None


def _columns(market: MarketHistory, changed: MarketHistory) -> Iterator[_Column]:
    for symbol, history in market.symbols.items():
        other = changed.symbols[symbol]
        pairs = [(history.base.columns, other.base.columns), *zip(history.stored, other.stored, strict=False)]
        yield from (column for pair in pairs for column in _of_klines(*pair))


def _longer_columns(market: MarketHistory, changed: MarketHistory) -> Iterator[_Column]:
    """Yield the columns of klines that are made of the base ones, those that are still forming too."""
    for symbol, history in market.symbols.items():
        other = changed.symbols[symbol]
        for period in PERIOD_MS:
            one, two = history.series(period), other.series(period)
            if one is not None and two is not None and one.period_ms > history.base.period_ms:
                yield from _of_klines(one.columns, two.columns)


def _of_klines(recorded: KlineColumns, noise: KlineColumns) -> Iterator[_Column]:
    """Yield the columns of klines, by the times at which they open, and by those at which they end."""
    if len(recorded) and len(recorded) == len(noise):
        for times in (recorded.open_ms, recorded.open_ms + recorded.period_ms):
            yield from (_Column(times, getattr(recorded, each), getattr(noise, each)) for each in _FIELDS)
