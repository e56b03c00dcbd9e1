"""When the account can no longer carry its positions: the first kline whose adverse extremes take it there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..account import AccountState, Holding, MarginRules
from ..market import MarketHistory
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


def find_breach(
    state: AccountState, rules: MarginRules, market: MarketHistory, from_ms: int, until_ms: int
) -> Breach | None:
    """Return the first breach in the klines that open in [from_ms, until_ms), or None.

    With cross margin all positions stand together, each at the adverse extreme of the same kline; with isolated
    margin each by itself.
    """
    return survey(state, rules, market, from_ms, until_ms).breach


def survey(state: AccountState, rules: MarginRules, market: MarketHistory, from_ms: int, until_ms: int) -> Survey:
    """Return slack and first breach of the klines that open in [from_ms, until_ms)."""
    slack, breaches = math.inf, []
    for group in _groups(state, rules):
        cash = _cash(group, state, rules)
        lowest = _lowest_excess(cash, group, rules, market, from_ms, until_ms)
        slack = min(slack, lowest)
        if lowest <= 0.0:
            breach = _first_breach(cash, group, rules, market, from_ms, until_ms)
            if breach is not None:
                breaches.append(breach)
    return Survey(slack, min(breaches, key=lambda breach: (breach.due_ms, breach.at_open), default=None))


def find_further(breach: Breach, state: AccountState, rules: MarginRules, market: MarketHistory) -> Breach | None:
    """Return the next breach inside the kline of one, from its prices on to the adverse extremes, or None: for what a
    partial liquidation has left.
    """
    group = [held for symbol, held in state.holdings.items() if symbol in breach.prices]
    if not group:
        return None
    opened = np.array([breach.opened_ms])
    worst = [float(_Columns.of(held, market, opened).adverse[0]) for held in group]
    start = [breach.prices[held.symbol] for held in group]
    cash = _cash(group, state, rules)
    if _excess_at(cash, group, rules, worst) > 0.0:
        return None
    share = _share(cash, group, rules, start, worst)
    prices = {held.symbol: a + share * (b - a) for held, a, b in zip(group, start, worst, strict=True)}
    return breach._replace(prices=prices)


def breach_now(state: AccountState, rules: MarginRules, prices: Mapping[str, float], now_ms: int) -> Breach | None:
    """Return the breach of an account that stands at or below its maintenance margin at the prices of an instant, which
    nothing has led up to; None when it does not. A symbol without a price counts at its entry price.
    """
    breached: dict[str, float] = {}
    for group in _groups(state, rules):
        at = [prices.get(held.symbol) or held.entry_price for held in group]
        if _excess_at(_cash(group, state, rules), group, rules, at) <= 0.0:
            breached.update((held.symbol, price) for held, price in zip(group, at, strict=True))
    return Breach(now_ms, now_ms, True, breached) if breached else None


def _groups(state: AccountState, rules: MarginRules) -> list[list[Holding]]:
    """Return the positions that stand together: all of them with cross margin, each by itself with isolated margin."""
    held = list(state.holdings.values())
    return [[each] for each in held] if rules.isolated else [held]


def _cash(group: Sequence[Holding], state: AccountState, rules: MarginRules) -> float:
    return sum(each.margin + each.funding for each in group) if rules.isolated else state.cash


def _first_breach(
    cash: float, group: Sequence[Holding], rules: MarginRules, market: MarketHistory, from_ms: int, until_ms: int
) -> Breach | None:
    spans = [_span(each, market, from_ms, until_ms) for each in group]
    opened = np.unique(
        np.concatenate(
            [market.symbols[each.symbol].base.columns.open_ms[span] for each, span in zip(group, spans, strict=True)]
        )
    )
    columns = [_Columns.of(each, market, opened) for each in group]
    at_open = _excess(cash, group, rules, [each.open for each in columns])
    at_worst = _excess(cash, group, rules, [each.adverse for each in columns])
    below = (at_open <= 0.0) | (at_worst <= 0.0)
    place = int(below.argmax())
    if not below[place]:
        return None
    start = [float(each.open[place]) for each in columns]
    worst = [float(each.adverse[place]) for each in columns]
    gapped = float(at_open[place]) <= 0.0
    share = 0.0 if gapped else _share(cash, group, rules, start, worst)
    prices = {held.symbol: a + share * (b - a) for held, a, b in zip(group, start, worst, strict=True)}
    when = int(opened[place])
    period = market.symbols[group[0].symbol].base.period_ms
    return Breach(when if gapped else when + period, when, gapped, prices)


def _share(
    cash: float, group: Sequence[Holding], rules: MarginRules, start: Sequence[float], worst: Sequence[float]
) -> float:
    """Return how far on the way from `start` to `worst` prices the group falls to maintenance margin, 0 to 1.

    Account value - maintenance is a straight line as long as no position passes into another tier: two or three steps
    of the secant find its zero, and bisection guards them.
    """
    low, high = 0.0, 1.0
    at_low, at_high = _excess_at(cash, group, rules, start), _excess_at(cash, group, rules, worst)
    if at_low <= 0.0:
        return 0.0
    for step in range(100):
        share = (low + high) / 2.0 if step % 3 == 2 else low + (high - low) * at_low / (at_low - at_high)
        prices = [a + share * (b - a) for a, b in zip(start, worst, strict=True)]
        excess = _excess_at(cash, group, rules, prices)
        if abs(excess) <= 1e-12 * abs(cash) or share in (low, high):
            return share
        if excess > 0.0:
            low, at_low = share, excess
        else:
            high, at_high = share, excess
    return high


def _excess_at(cash: float, group: Sequence[Holding], rules: MarginRules, prices: Sequence[float]) -> float:
    """Return account value - maintenance margin of a group at one price each."""
    excess = cash
    for held, price in zip(group, prices, strict=True):
        excess += held.unrealized(price) - rules.instrument(held.symbol).maintenance_margin(held.size * price)
    return excess


def _span(held: Holding, market: MarketHistory, from_ms: int, until_ms: int) -> slice:
    """Return the klines of a position's symbol that open in [from_ms, until_ms)."""
    index = market.symbols[held.symbol].base.index
    return slice(index.count_before(from_ms), index.count_before(until_ms))


def _lowest_excess(
    cash: float, group: Sequence[Holding], rules: MarginRules, market: MarketHistory, from_ms: int, until_ms: int
) -> float:
    """Return account value - maintenance margin if all adverse extremes of the klines came at once; inf without any."""
    excess, traded = cash, False
    for held in group:
        span = _span(held, market, from_ms, until_ms)
        base = market.symbols[held.symbol].base
        price = held.entry_price if not span.start else base.closes[span.start - 1]
        if span.stop > span.start:
            traded = True
            if held.sign > 0:
                price = min(price, float(np.minimum.reduce(base.columns.low[span])))
            else:
                price = max(price, float(np.maximum.reduce(base.columns.high[span])))
        excess += held.unrealized(price) - rules.instrument(held.symbol).maintenance_margin(held.size * price)
    return excess if traded else math.inf


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


def _excess(
    cash: float, group: Sequence[Holding], rules: MarginRules, prices: Sequence[FloatColumn]
) -> npt.NDArray[np.float64]:
    """Return account value - maintenance margin of a group of positions at each row of prices."""
    excess = np.full(len(prices[0]), cash)
    for held, price in zip(group, prices, strict=True):
        notional = held.size * price
        excess += held.sign * (notional - held.size * held.entry_price)
        excess -= rules.instrument(held.symbol).maintenance_margins(notional)
    return excess
