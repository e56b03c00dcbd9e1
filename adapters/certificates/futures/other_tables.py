"""Tables that somebody holds of a market, as they would be if the future were another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from engine import DataError, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import KlineSeries, is_frame, is_series, times_of_frame
from engine.market.series import FloatColumn, TimeColumn
from engine.resampling import noise_values, other_future, other_values

_FIELDS = ("open", "high", "low", "close", "volume")


class _Column(NamedTuple):
    """A column of klines as it was recorded, and with another future."""

    opened: TimeColumn
    recorded: FloatColumn
    other: FloatColumn


class OtherTables:
    """Gives, for tables that hold what a market holds, the same from a market whose future is noise after an instant.

    What is a column of the market is taken from the changed market; other values of a row whose time comes later, or
    whose kline opens later, are drawn from the column itself, and named in `only_cut`: what they held before cannot be
    worked out anew.
    """

    def __init__(self, market: MarketHistory, changed: MarketHistory, after_ms: int, seed: int) -> None:
        self._market, self._changed, self._after_ms, self._seed = market, changed, after_ms, seed
        self._generator = np.random.default_rng(seed)
        self._columns = list(_columns(market, changed))
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
            return changed
        for place, title in enumerate(table.columns):
            if table.dtypes.iloc[place].kind == "f":
                changed.isetitem(
                    place, self._values(f"column {title} of {name}", table.iloc[:, place].to_numpy(), times)
                )
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
            times = next((each.opened for each in self._columns if len(each.opened) == len(values)), None)
        if times is None or len(times) != len(values) or (np.diff(times) < 0).any():
            return values
        first = int(times.searchsorted(self._after_ms, side="right"))
        if first == len(values):
            return values
        self.only_cut.append(name)
        return np.concatenate((values[:first], noise_values(values, first, self._generator)))

    def _same(self, values: FloatColumn, times: TimeColumn | None) -> FloatColumn | None:
        """Return the changed column of the market that values are, None where they are none."""
        for each in self._columns:
            if times is None:
                if len(values) == len(each.recorded) and np.array_equal(values, each.recorded, equal_nan=True):
                    return each.other
                continue
            place = np.minimum(each.opened.searchsorted(times), len(each.opened) - 1)
            there = each.opened[place] == times
            if there.sum() > len(times) // 2 and np.array_equal(
                values[there], each.recorded[place[there]], equal_nan=True
            ):
                return np.where(there, each.other[place], values)
        return None


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
        for recorded, noise in pairs:
            if len(recorded) and len(recorded) == len(noise):
                yield from (_Column(recorded.open_ms, getattr(recorded, f), getattr(noise, f)) for f in _FIELDS)
