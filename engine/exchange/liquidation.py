"""When the account can no longer carry its positions: the first price that margin is judged on which takes it there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..account import AccountState, Holding, MarginRules
from ..market import MarginSpans
from ..market.series import FloatColumn, TimeColumn

SpansOf = Callable[[str], MarginSpans]


class Breach(NamedTuple):
    """The positions of `symbols` fall to maintenance margin at `due_ms`: at an instant (a kline's open, a mark row), or
    inside of a kline (known at its close). `prices` are those at which that happens.
    """

    due_ms: int
    opened_ms: int
    at_open: bool
    prices: Mapping[str, float]


class Search(NamedTuple):
    """Where breaches are looked for: in what opens before `until_ms`, and is not over at `now_ms`. A kline counts from
    the time in `since` on, of each symbol that is looked at: its position was the same all through it.
    """

    since: Mapping[str, int]
    now_ms: int
    until_ms: int


class Survey(NamedTuple):
    """What a search found: the breaches of the first instant that has any, of positions that stand alone each its own;
    `slack` is how many USD less in cash the account would have survived as well, at least (not above 0 with a breach).
    """

    slack: float
    breaches: Sequence[Breach]


def survey(state: AccountState, rules: MarginRules, spans_of: SpansOf, search: Search) -> Survey:
    """Return slack and first breaches of what lies ahead.

    With cross margin all positions stand together, each at the adverse extreme of the same kline; with isolated
    margin each by itself.
    """
    slack = math.inf
    breaches: list[Breach] = []
    for group in _groups(state, rules, spans_of):
        if not group.is_searched(search):
            continue
        lowest = group.lowest_excess(search)
        slack = min(slack, lowest)
        if lowest <= 0.0:
            breaches += filter(None, (group.first_inside(search), group.first_row(search)))
    if not breaches:  # nearly always
        return Survey(slack, ())
    first = min(map(_order, breaches))
    return Survey(slack, [each for each in breaches if _order(each) == first])


def slack_ahead(state: AccountState, rules: MarginRules, spans_of: SpansOf, now_ms: int) -> float:
    """Return how many USD less in cash an account would survive all that lies ahead with, at least: above 0 its
    positions are never liquidated. A bound that takes a few look-ups, where `survey` searches.
    """
    slack = math.inf if rules.isolated else state.cash
    for held in state.holdings.values():
        worst = spans_of(held.symbol).worst_ahead(held.sign, now_ms) or held.entry_price
        excess = _own_excess(held, rules, worst)
        slack = min(slack, held.margin + held.funding + excess) if rules.isolated else slack + excess
    return slack


def _own_excess(held: Holding, rules: MarginRules, price: float) -> float:
    """Return the profit of a position - its maintenance margin at a price."""
    return held.unrealized(price) - rules.instrument(held.symbol).maintenance_margin(held.size * price)


def _order(breach: Breach) -> tuple[int, bool]:
    return breach.due_ms, breach.at_open


def find_further(breach: Breach, state: AccountState, rules: MarginRules, spans_of: SpansOf) -> Breach | None:
    """Return the next breach inside the kline of one, from its prices on to the adverse extremes, or None: for what a
    partial liquidation has left.
    """
    group = _Group.of(
        [held for symbol, held in state.holdings.items() if symbol in breach.prices], state, rules, spans_of
    )
    worst = [float(each.adverse[0]) for each in group.columns(np.array([breach.opened_ms]))]
    if not group.held or group.excess(worst) > 0.0:
        return None
    start = [breach.prices[held.symbol] for held in group.held]
    return breach._replace(prices=group.prices(start, worst, group.share(start, worst)))


def breaches_at(
    state: AccountState, rules: MarginRules, spans_of: SpansOf, price_of: Callable[[str], float], now_ms: int
) -> list[Breach]:
    """Return the breaches of an account that stands at or below its maintenance margin at the prices of an instant,
    which nothing has led up to. A symbol without a price (0.0) counts at its entry price.
    """
    breaches = []
    for group in _groups(state, rules, spans_of):
        prices = {held.symbol: price_of(held.symbol) or held.entry_price for held in group.held}
        if prices and group.excess(prices.values()) <= 0.0:
            breaches.append(Breach(now_ms, now_ms, True, prices))
    return breaches


class _Columns(NamedTuple):
    """Prices of one position's symbol at each of some opening times: the open, where the way to the adverse extreme
    begins, and that. Where its symbol has no kline: the price then, and twice the price when the others close.
    """

    open: FloatColumn
    begin: FloatColumn
    adverse: FloatColumn

    @classmethod
    def of(cls, held: Holding, spans: MarginSpans, opened: TimeColumn) -> _Columns:
        if not len(spans.start_ms):  # of its mark there are rows alone, and one is always fresh
            known, later = _then(held, spans, opened)
            return cls(known, later, later)
        count = np.searchsorted(spans.start_ms, opened, side="right")
        place = np.maximum(count - 1, 0)
        there = (count > 0) & (spans.start_ms[place] == opened)
        extreme = (spans.low if held.sign > 0 else spans.high)[place]
        if there.all():
            return cls(spans.open[place], spans.begin[place], extreme)
        known, later = _then(held, spans, opened)
        first, begin = spans.open[place], spans.begin[place]
        return cls(np.where(there, first, known), np.where(there, begin, later), np.where(there, extreme, later))


def _then(held: Holding, spans: MarginSpans, opened: TimeColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return the prices that are known when klines open, and when they close."""
    known, later = (spans.prices.at_times(each) for each in (opened, opened + spans.period_ms))
    return _or_entry(held, known), _or_entry(held, later)


def _or_entry(held: Holding, prices: FloatColumn) -> FloatColumn:
    return np.where(prices == 0.0, held.entry_price, prices)


class _Group(NamedTuple):
    """Positions that stand together, and `cash`: the USD behind them beside their profit."""

    held: Sequence[Holding]
    cash: float
    rules: MarginRules
    spans: Sequence[MarginSpans]

    @classmethod
    def of(cls, held: Sequence[Holding], state: AccountState, rules: MarginRules, spans_of: SpansOf) -> _Group:
        cash = sum(each.margin + each.funding for each in held) if rules.isolated else state.cash
        return cls(held, cash, rules, [spans_of(each.symbol) for each in held])

    def excess(self, prices: Iterable[float]) -> float:
        """Return account value - maintenance margin at one price each."""
        excess = self.cash
        for held, price in zip(self.held, prices, strict=True):
            excess += _own_excess(held, self.rules, price)
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

    def columns(self, opened: TimeColumn) -> list[_Columns]:
        """Return the prices of each position at some opening times."""
        return [_Columns.of(held, spans, opened) for held, spans in zip(self.held, self.spans, strict=True)]

    def lowest_excess(self, search: Search) -> float:
        """Return account value - maintenance margin if everything adverse that lies ahead came at once."""
        since, now, until = self._since(search), search.now_ms, search.until_ms
        excess = self.cash
        for held, spans in zip(self.held, self.spans, strict=True):
            worst = spans.worst(held.sign, since, until, now)
            excess += _own_excess(held, self.rules, worst or held.entry_price)
        return excess

    def is_searched(self, search: Search) -> bool:
        """Tell whether all of the positions are looked at."""
        return search.since.keys() >= {held.symbol for held in self.held}

    def _since(self, search: Search) -> int:
        """Return from when on klines count: those that are not over, and opened when the positions were the same."""
        since = max([search.since[held.symbol] for held in self.held])
        return max(since, search.now_ms - self.spans[0].period_ms)

    def first_inside(self, search: Search) -> Breach | None:
        """Return the first breach at the open of a kline or inside of it; None without one. At an open that has passed
        nothing is liquidated any more.
        """
        since, until = self._since(search), search.until_ms
        opened = np.unique(np.concatenate([each.start_ms[each.between(since, until)] for each in self.spans]))
        if not len(opened):
            return None
        columns = self.columns(opened)
        at_open = self.excesses([each.open for each in columns]) <= 0.0
        inside = self.excesses([each.adverse for each in columns]) <= 0.0
        below = (at_open | inside) & ~(at_open & (opened < search.now_ms))
        place = int(below.argmax())
        if not below[place]:
            return None
        when = opened.item(place)
        if at_open[place]:
            return self._breach(when, when, True, [float(each.open[place]) for each in columns])
        start, worst = ([float(getattr(each, name)[place]) for each in columns] for name in ("begin", "adverse"))
        prices = self.prices(start, worst, self.share(start, worst))
        return Breach(when + self.spans[0].period_ms, when, False, prices)

    def first_row(self, search: Search) -> Breach | None:
        """Return the first breach at a mark row, or None."""
        since = max(self._since(search), search.now_ms)
        times = np.unique(np.concatenate([each.row_times(since, search.until_ms) for each in self.spans]))
        if not len(times):
            return None
        prices = [
            _or_entry(held, each.prices.at_times(times)) for held, each in zip(self.held, self.spans, strict=True)
        ]
        below = self.excesses(prices) <= 0.0
        place = int(below.argmax())
        if not below[place]:
            return None
        return self._breach(times.item(place), times.item(place), True, [each.item(place) for each in prices])

    def _breach(self, due_ms: int, opened_ms: int, at_open: bool, prices: Sequence[float]) -> Breach:
        return Breach(due_ms, opened_ms, at_open, {held.symbol: p for held, p in zip(self.held, prices, strict=True)})


def _groups(state: AccountState, rules: MarginRules, spans_of: SpansOf) -> list[_Group]:
    """Return the positions that stand together: all of them with cross margin, each by itself with isolated margin."""
    held = list(state.holdings.values())
    parts = [[each] for each in held] if rules.isolated else [held] if held else []
    return [_Group.of(part, state, rules, spans_of) for part in parts]
