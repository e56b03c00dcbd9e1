"""The equity curve: the account marked to market at every whole UTC minute, worked out after the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .account import MAINTENANCE_RATE, AccountState, StateChange
from .klines import FloatColumn, TimeColumn
from .market_history import MarketHistory, MarkPrices, SymbolHistory
from .periods import MINUTE_MS

IntColumn = npt.NDArray[np.int64]
MAX_POINTS = 2_000


class MinuteGrid:
    """The instants of an equity curve: start, every whole UTC minute between, end (epoch ms)."""

    def __init__(self, start_ms: int, end_ms: int) -> None:
        self.start_ms, self.end_ms = start_ms, end_ms
        self._first = start_ms - start_ms % MINUTE_MS + MINUTE_MS
        minutes = np.arange(self._first, end_ms, MINUTE_MS, dtype=np.int64)
        self._minutes = len(minutes)
        self.times = np.concatenate(([start_ms], minutes, [end_ms]))

    def __len__(self) -> int:
        return self._minutes + 2

    def places(self, times: TimeColumn) -> IntColumn:
        """Return for each time the place of the first instant at or after it (the length when there is none)."""
        places = 1 + np.clip(-((self._first - times) // MINUTE_MS), 0, self._minutes)
        places[times <= self.start_ms] = 0
        places[times > self.end_ms] = len(self)
        return places

    def fill_forward(self, values: npt.NDArray[Any], places: IntColumn, before: Any) -> npt.NDArray[Any]:
        """Return the newest of `values` at each instant, when value i is new from `places[i]` on."""
        edges = np.concatenate(([0], places, [len(self)]))
        return np.repeat(np.concatenate(([before], values)), np.diff(edges))


@dataclass(frozen=True, slots=True, eq=False)
class MaintenanceBreach:
    """The first minute in which equity, at the kline's adverse extreme, was at or below maintenance margin."""

    timestamp_ms: int
    equity: float
    maintenance_margin: float


@dataclass(frozen=True, slots=True, eq=False)
class EquityCurve:
    """Equity and balance (cash) in USD at each of `timestamp_ms`; the columns are read-only and of one length.

    `worst_intrabar` is the lowest equity with all positions marked at the adverse extreme of a kline that they were
    held through; `minutes_open` counts the minutes with a position.
    """

    timestamp_ms: TimeColumn
    equity: FloatColumn
    balance: FloatColumn
    worst_intrabar: float
    minutes_open: int
    breach: MaintenanceBreach | None

    @property
    def drawdown(self) -> FloatColumn:
        """Peak so far - equity, in USD, at each instant."""
        return np.asarray(np.maximum.accumulate(self.equity) - self.equity)

    def points(self, most: int = MAX_POINTS) -> list[dict[str, Any]]:
        """Return at most `most` points as plain values: the first, the last, and each bucket's extremes."""
        keep = sample_extremes(self.equity, most)
        columns = (self.timestamp_ms, self.equity, self.balance, self.drawdown)
        names = ("timestamp", "equity", "balance", "drawdown")
        rows = zip(*(column[keep].tolist() for column in columns), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]


def sample_extremes(values: FloatColumn, most: int) -> IntColumn:
    """Return at most `most` places of `values`, sorted: first, last, and the extremes of equal buckets between."""
    size = len(values)
    if size <= most:
        return np.arange(size)
    buckets = max((most - 2) // 2, 1)
    width = -(-size // buckets)
    padded = np.full(buckets * width, values[-1])
    padded[:size] = values
    table = padded.reshape(buckets, width)
    offset = np.arange(buckets) * width
    keep = np.concatenate(([0], offset + table.argmin(1), offset + table.argmax(1), [size - 1]))
    return np.unique(np.minimum(keep, size - 1))


def mark_to_market(
    market: MarketHistory, changes: Sequence[StateChange], opening: AccountState, grid: MinuteGrid, mark_stale_ms: int
) -> EquityCurve:
    """Return the curve of an account that began as `opening` and then went through `changes` (in order of time)."""
    places = grid.places(np.array([change.timestamp for change in changes], np.int64))
    states = [opening, *(change.state for change in changes)]
    balance = grid.fill_forward(np.array([state.cash for state in states[1:]]), places, opening.cash)
    equity = balance.copy()
    adverse = balance.copy()
    maintenance = np.zeros(len(grid))
    is_open = np.zeros(len(grid), np.bool_)
    for symbol in sorted({symbol for state in states for symbol in state.holdings}):
        size, entry = _position_columns(symbol, states, places, grid)
        history = market.symbols[symbol]
        price = _prices(history, grid, mark_stale_ms)
        worst = _adverse_prices(history, grid, price, size)
        held = size != 0.0
        equity += np.where(held, size * (price - entry), 0.0)
        adverse += np.where(held, size * (worst - entry), 0.0)
        maintenance += np.where(held, np.abs(size) * worst * MAINTENANCE_RATE, 0.0)
        is_open |= held
    whole = is_open.copy()
    whole[places[places < len(grid)]] = False  # the state changed within the minute: its extremes were not all lived
    lowest = float(min(equity.min(), adverse[whole].min(initial=np.inf)))
    for column in (equity, balance):
        column.flags.writeable = False
    breach = _first_breach(grid, np.where(whole, adverse, equity), maintenance, is_open)
    return EquityCurve(grid.times, equity, balance, lowest, int(is_open[:-1].sum()), breach)


def _position_columns(
    symbol: str, states: Sequence[AccountState], places: IntColumn, grid: MinuteGrid
) -> tuple[FloatColumn, FloatColumn]:
    """Return signed size and entry price of a symbol's position at each instant."""
    holdings = [state.holdings.get(symbol) for state in states]
    size = np.array([0.0 if each is None else each.sign * each.size for each in holdings])
    entry = np.array([0.0 if each is None else each.entry_price for each in holdings])
    return grid.fill_forward(size[1:], places, size[0]), grid.fill_forward(entry[1:], places, entry[0])


def _prices(history: SymbolHistory, grid: MinuteGrid, mark_stale_ms: int) -> FloatColumn:
    """Return the last known price at each instant (0 before there is one)."""
    closes, close_ms, before = _known_closes(history, grid)
    prices = grid.fill_forward(closes, grid.places(close_ms), before)
    if history.marks is None:
        return prices
    return _with_marks(prices, history.marks, grid, mark_stale_ms)


def _known_closes(history: SymbolHistory, grid: MinuteGrid) -> tuple[FloatColumn, TimeColumn, float]:
    series = history.base
    first, last = series.finished(grid.start_ms), series.finished(grid.end_ms)
    columns = series.columns
    before = float(columns.close[first - 1]) if first else 0.0
    return columns.close[first:last], columns.open_ms[first:last] + series.period_ms, before


def _with_marks(prices: FloatColumn, marks: MarkPrices, grid: MinuteGrid, mark_stale_ms: int) -> FloatColumn:
    newest = np.searchsorted(marks.timestamp_ms, grid.times, side="right") - 1
    stamp = np.where(newest >= 0, marks.timestamp_ms[np.maximum(newest, 0)], np.iinfo(np.int64).min // 2)
    fresh = grid.times - stamp <= mark_stale_ms
    return np.where(fresh, marks.price[np.maximum(newest, 0)], prices)


def _adverse_prices(history: SymbolHistory, grid: MinuteGrid, price: FloatColumn, size: FloatColumn) -> FloatColumn:
    """Return the low (long) or high (short) of the kline that closes at each instant, else the price."""
    series = history.base
    first, last = series.finished(grid.start_ms), series.finished(grid.end_ms)
    places = grid.places(series.columns.open_ms[first:last] + series.period_ms)
    low, high = price.copy(), price.copy()
    np.minimum.at(low, places, series.columns.low[first:last])
    np.maximum.at(high, places, series.columns.high[first:last])
    return np.where(size > 0.0, low, high)


def _first_breach(
    grid: MinuteGrid, equity: FloatColumn, maintenance: FloatColumn, is_open: npt.NDArray[np.bool_]
) -> MaintenanceBreach | None:
    places = np.flatnonzero(is_open & (equity <= maintenance))
    if not len(places):
        return None
    at = int(places[0])
    return MaintenanceBreach(int(grid.times[at]), float(equity[at]), float(maintenance[at]))
