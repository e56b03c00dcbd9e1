"""When the account can no longer carry its positions: the first kline whose adverse extremes take it there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..account import AccountState, Holding, MarginRules
from ..market import KlineSeries, MarketHistory
from ..market.series import FloatColumn, TimeColumn


class Breach(NamedTuple):
    """The positions of `symbols` fall to maintenance margin at `due_ms`: at a kline's open, or inside of it (known at
    its close). `prices` are those at which that happens.
    """

    due_ms: int
    opened_ms: int
    at_open: bool
    prices: Mapping[str, float]


class Survey(NamedTuple):
    """What a range of klines holds: the first breach, or None; and `slack`, how many USD less in cash the account would
    have survived as well, at least (not above 0 with a breach).
    """

    slack: float
    breach: Breach | None


def survey(state: AccountState, rules: MarginRules, market: MarketHistory, from_ms: int, until_ms: int) -> Survey:
    """Return slack and first breach of the klines that open in [from_ms, until_ms).

    With cross margin all positions stand together, each at the adverse extreme of the same kline; with isolated
    margin each by itself.
    """
    slack, breaches = math.inf, []
    for group in _groups(state, rules):
        lowest = _lowest_excess(group, market, from_ms, until_ms)
        slack = min(slack, lowest)
        if lowest <= 0.0:
            breach = _first_breach(group, market, from_ms, until_ms)
            if breach is not None:
                breaches.append(breach)
    return Survey(slack, min(breaches, key=lambda breach: (breach.due_ms, breach.at_open), default=None))


def find_further(breach: Breach, state: AccountState, rules: MarginRules, market: MarketHistory) -> Breach | None:
    """Return the next breach inside the kline of one, from its prices on to the adverse extremes, or None: for what a
    partial liquidation has left.
    """
    group = _Group.of([held for symbol, held in state.holdings.items() if symbol in breach.prices], state, rules)
    opened = np.array([breach.opened_ms])
    worst = [float(_Columns.of(held, market, opened).adverse[0]) for held in group.held]
    if not group.held or group.excess(worst) > 0.0:
        return None
    start = [breach.prices[held.symbol] for held in group.held]
    return breach._replace(prices=group.prices(start, worst, group.share(start, worst)))


def breach_now(state: AccountState, rules: MarginRules, price_of: Callable[[str], float], now_ms: int) -> Breach | None:
    """Return the breach of an account that stands at or below its maintenance margin at the prices of an instant, which
    nothing has led up to; None when it does not. A symbol without a price (0.0) counts at its entry price.
    """
    breached: dict[str, float] = {}
    for group in _groups(state, rules):
        prices = {held.symbol: price_of(held.symbol) or held.entry_price for held in group.held}
        if group.excess(prices.values()) <= 0.0:
            breached |= prices
    return Breach(now_ms, now_ms, True, breached) if breached else None


class _Group(NamedTuple):
    """Positions that stand together, and `cash`: the USD behind them beside their profit."""

    held: Sequence[Holding]
    cash: float
    rules: MarginRules

    @classmethod
    def of(cls, held: Sequence[Holding], state: AccountState, rules: MarginRules) -> _Group:
        return cls(held, sum(each.margin + each.funding for each in held) if rules.isolated else state.cash, rules)

    def excess(self, prices: Iterable[float]) -> float:
        """Return account value - maintenance margin at one price each."""
        excess = self.cash
        for held, price in zip(self.held, prices, strict=True):
            excess += held.unrealized(price) - self.rules.instrument(held.symbol).maintenance_margin(held.size * price)
        return excess

    def excesses(self, prices: Sequence[FloatColumn]) -> FloatColumn:
        """Return account value - maintenance margin at each row of prices."""
        excess = np.full(len(prices[0]), self.cash)
        for held, price in zip(self.held, prices, strict=True):
            notional = held.size * price
            excess += held.sign * (notional - held.size * held.entry_price)
            excess -= self.rules.instrument(held.symbol).maintenance_margins(notional)
        return excess

    def prices(self, start: Sequence[float], worst: Sequence[float], share: float) -> dict[str, float]:
        """Return the prices at a share of the way from `start` to `worst`."""
        return {held.symbol: a + share * (b - a) for held, a, b in zip(self.held, start, worst, strict=True)}

    def share(self, start: Sequence[float], worst: Sequence[float]) -> float:
        """Return how far on the way from `start` to `worst` prices the group falls to maintenance margin, 0 to 1.

        Account value - maintenance is a straight line as long as no position passes into another tier: two or three
        steps of the secant find its zero, and bisection guards them.
        """
        low, high = 0.0, 1.0
        at_low, at_high = self.excess(start), self.excess(worst)
        if at_low <= 0.0:
            return 0.0
        for step in range(100):
            share = (low + high) / 2.0 if step % 3 == 2 else low + (high - low) * at_low / (at_low - at_high)
            excess = self.excess(self.prices(start, worst, share).values())
            if abs(excess) <= 1e-12 * abs(self.cash) or share in (low, high):
                return share
            if excess > 0.0:
                low, at_low = share, excess
            else:
                high, at_high = share, excess
        return high


def _groups(state: AccountState, rules: MarginRules) -> list[_Group]:
    """Return the positions that stand together: all of them with cross margin, each by itself with isolated margin."""
    held = list(state.holdings.values())
    return [_Group.of(each, state, rules) for each in ([[each] for each in held] if rules.isolated else [held])]


def _first_breach(group: _Group, market: MarketHistory, from_ms: int, until_ms: int) -> Breach | None:
    series = [market.symbols[held.symbol].base for held in group.held]
    opened = np.unique(np.concatenate([each.columns.open_ms[_span(each, from_ms, until_ms)] for each in series]))
    columns = [_Columns.of(held, market, opened) for held in group.held]
    at_open = group.excesses([each.open for each in columns])
    below = (at_open <= 0.0) | (group.excesses([each.adverse for each in columns]) <= 0.0)
    place = int(below.argmax())
    if not below[place]:
        return None
    start = [float(each.open[place]) for each in columns]
    worst = [float(each.adverse[place]) for each in columns]
    gapped, when = bool(at_open[place] <= 0.0), int(opened[place])
    prices = group.prices(start, worst, 0.0 if gapped else group.share(start, worst))
    return Breach(when if gapped else when + series[0].period_ms, when, gapped, prices)


def _span(base: KlineSeries, from_ms: int, until_ms: int) -> slice:
    """Return the klines that open in [from_ms, until_ms)."""
    return slice(base.index.count_before(from_ms), base.index.count_before(until_ms))


def _lowest_excess(group: _Group, market: MarketHistory, from_ms: int, until_ms: int) -> float:
    """Return account value - maintenance margin if all adverse extremes of the klines came at once; inf without any."""
    prices, traded = [], False
    for held in group.held:
        base = market.symbols[held.symbol].base
        span = _span(base, from_ms, until_ms)
        price = held.entry_price if not span.start else base.closes[span.start - 1]
        if span.stop > span.start:
            traded = True
            if held.sign > 0:
                price = min(price, float(np.minimum.reduce(base.columns.low[span])))
            else:
                price = max(price, float(np.maximum.reduce(base.columns.high[span])))
        prices.append(price)
    return group.excess(prices) if traded else math.inf


class _Columns(NamedTuple):
    """Open and adverse extreme of one position's symbol at each of some opening times; the last close where its
    symbol has no kline.
    """

    open: FloatColumn
    adverse: FloatColumn

    @classmethod
    def of(cls, held: Holding, market: MarketHistory, opened: TimeColumn) -> _Columns:
        c = market.symbols[held.symbol].base.columns
        count = np.searchsorted(c.open_ms, opened, side="right")
        place = np.maximum(count - 1, 0)
        there = (count > 0) & (c.open_ms[place] == opened)
        last = np.where(count > 0, c.close[place], held.entry_price)
        extreme = c.low[place] if held.sign > 0 else c.high[place]
        return cls(np.where(there, c.open[place], last), np.where(there, extreme, last))
