"""The detector of pools, row by row, for a market that is made while the simulation runs."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from math import nan

import numpy as np

from ..errors import ConfigurationError, DataError
from ..market.flow import ROW_COLUMNS, FlowRowByRow
from ..market.indicators import INDICATOR_WINDOW, Indicator, IndicatorHistory
from ..market.series import FloatColumn, Kline, KlineColumns, TimeColumn
from ..periods import PERIOD_MS, SECOND_MS
from .check_points import TRUE, UNDEFINED
from .condition import Condition
from .pool import SignalPool, combine
from .pool_triggers import PoolTrigger, facts

#: A value made from the newest window of klines and, for events, the one before it.
_KLINES_KEPT = INDICATOR_WINDOW + 1

_VALUE_TABLES = [table for table, columns in ROW_COLUMNS.items() if columns == ("value",)]


class IncrementalDetector:
    """Tells when a pool fires for one symbol, from rows that are added as they become known.

    `check` is called at ascending instants, those at which `detect` judges the pool: the 15-second grid, or the
    closes of klines for a pool of kline-based signals alone. On the same rows both give the same triggers. Memory is
    bounded by the windows: for each of them the rows of the newest bucket, and 501 klines for each period.
    """

    def __init__(self, pool: SignalPool, symbol: str) -> None:
        if pool.symbols and symbol not in pool.symbols:
            watched = ", ".join(pool.symbols)
            raise ConfigurationError([f"signal pool {pool.label}: does not watch {symbol} (it watches {watched})"])
        self.pool, self.symbol = pool, symbol
        self._points = _PresentPoints(signal.condition for signal in pool.signals)
        self._is_true = False

    def add_trade_row(self, time_ms: int, buy_notional: float, sell_notional: float, high: float, low: float) -> None:
        """Take the trades of a row that ends at `time_ms`: USD by side, extreme prices (NaN: there are none)."""
        self._points.flow.add("trades", time_ms, buy_notional, sell_notional)
        if not (math.isnan(high) or math.isnan(low)):
            self._points.flow.add("ranged", time_ms, high, low)

    def add_book_row(self, time_ms: int, bid_depth: float, ask_depth: float) -> None:
        """Take a snapshot of the order book: depth of the best five levels of each side, coins."""
        self._points.flow.add("book", time_ms, bid_depth, ask_depth)

    def add_value(self, name: str, time_ms: int, value: float) -> None:
        """Take a value of open_interest, funding_rate or mark_price; NaN stands for none."""
        if name not in _VALUE_TABLES:
            raise DataError(f"there is no value {name!r} (there: {', '.join(_VALUE_TABLES)})")
        if not math.isnan(value):
            self._points.flow.add(name, time_ms, value)

    def add_feature(self, name: str, time_ms: int, value: float) -> None:
        """Take a value of a feature that the pool uses (others are ignored), at the instant at which it is known."""
        if any(name in signal.condition.features for signal in self.pool.signals):
            self._points.add_feature(name, time_ms, value)

    def add_kline(self, period: str, kline: Kline) -> None:
        """Take a finished kline of a period that the pool uses (others are ignored)."""
        klines = self._points.klines.get(period)
        if klines is not None:
            klines.add(kline)

    def check(self, time_ms: int) -> PoolTrigger | None:
        """Judge the pool at an instant, later than the one before, and return its trigger if it fires there.

        Rows up to and including `time_ms` have been added, none later; otherwise `DataError`.
        """
        self._points.advance(time_ms)
        members = [signal.condition.states(self._points) for signal in self.pool.signals]
        state = combine(members, self.pool.logic).item(0)
        fires = state == TRUE and not self._is_true
        if state != UNDEFINED:
            self._is_true = state == TRUE
        return PoolTrigger(time_ms, facts(self.pool, self._points, members, 0)) if fires else None


class _PresentPoints:
    """One instant, the present one, on what is kept of the rows so far."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        needed: list[tuple[str, int]] = []
        self.klines: dict[str, _RecentKlines] = {}
        for condition in conditions:
            window = condition.time_window
            needed += [(metric, PERIOD_MS[window]) for metric in condition.flow_metrics]
            if condition.on_klines:
                self.klines[window] = _RecentKlines(window)
        self.flow = FlowRowByRow(needed)
        self._features: dict[str, tuple[int, float]] = {}
        self._checked_ms = -1

    def advance(self, time_ms: int) -> None:
        features = (known_ms for known_ms, _ in self._features.values())
        newest = max([self.flow.newest_ms, *features, *(klines.closed_ms for klines in self.klines.values())])
        if time_ms <= self._checked_ms:
            raise DataError(f"the check at {time_ms} does not come after the one at {self._checked_ms}")
        if newest > time_ms:
            raise DataError(f"a row of {newest} was added before the check at {time_ms}")
        self._checked_ms = self.flow.now_ms = time_ms

    def indicator(self, period: str, indicator: Indicator) -> tuple[IndicatorHistory, TimeColumn]:
        return self.klines[period].indicator(indicator)

    def add_feature(self, name: str, time_ms: int, value: float) -> None:
        """Take a value that is newer than all before it, and than the last check."""
        latest = max(self._features.get(name, (-1, nan))[0], self._checked_ms)
        if time_ms <= latest:
            raise DataError(f"feature {name}: the value at {time_ms} comes after {latest}")
        self._features[name] = time_ms, value

    def feature(self, name: str) -> FloatColumn:
        return np.array([self._features[name][1] if name in self._features else nan])


class _RecentKlines:
    """The newest finished klines of one period."""

    def __init__(self, period: str) -> None:
        self._period, self._period_ms = period, PERIOD_MS[period]
        self._klines: deque[Kline] = deque(maxlen=_KLINES_KEPT)
        self._histories: dict[Indicator, IndicatorHistory] = {}
        self.closed_ms = -1

    def add(self, kline: Kline) -> None:
        """Take a kline that is newer than all before it."""
        closed_ms = kline.timestamp * SECOND_MS + self._period_ms
        if closed_ms <= self.closed_ms:
            raise DataError(f"{self._period} klines: the one that closes at {closed_ms} follows {self.closed_ms}")
        self.closed_ms = closed_ms
        self._klines.append(kline)
        self._histories.clear()

    def indicator(self, indicator: Indicator) -> tuple[IndicatorHistory, TimeColumn]:
        """Return an indicator over the klines, worked out once for each new kline, and their number."""
        if indicator not in self._histories:
            self._histories[indicator] = IndicatorHistory(KlineColumns.of(self._period_ms, self._klines), indicator)
        return self._histories[indicator], np.array([len(self._klines)])
