"""An account at the worst prices of its klines: how low equity fell inside them, and whether a venue had closed it.

This needs highs and lows, which a result does not keep: it is asked while the market is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..account import MarginRules
from ..market import MarginSpans
from ..market.series import FloatColumn, TimeColumn
from ..periods import MINUTE_MS
from .marked_account import PART_ROWS, HeldMinutes, HeldSteps, MarkedAccount
from .minute_grid import IntColumn


class MaintenanceBreach(NamedTuple):
    """The first minute in which equity, at the kline's adverse extreme, was at or below maintenance margin."""

    timestamp_ms: int
    equity: float
    maintenance_margin: float


class AdverseMarks:
    """A marked account with each position at the adverse extreme of what its margin is judged on (`spans_of`)."""

    def __init__(self, account: MarkedAccount, spans_of: Callable[[str], MarginSpans]) -> None:
        self._account = account
        self._spans = {held.symbol: spans_of(held.symbol) for held in account.held}

    def lowest(self, known: float) -> float:
        """Return the lowest equity (USD) with all positions marked at the adverse extreme of a kline that they were
        held through; `known`, the lowest at the prices of the minutes, when that is lower.

        It is worked out minute by minute for those steps only whose worst prices, each at any time, could make it.
        """
        account = self._account
        bound, last = account.cash.copy(), account.first + account.length
        until = account.grid.times_of(last - 1)
        for held in account.held:
            steps = np.flatnonzero(held.size)
            bound[steps] += held.size[steps] * (self._worst_in(held, steps, until[steps]) - held.entry[steps])
        for step in np.argsort(bound).tolist():
            if not bound[step] < known:
                break
            end = last.item(step)
            for place in range(account.first.item(step), end, PART_ROWS):
                known = min(known, float(self._adverse(np.arange(place, min(place + PART_ROWS, end)))[0].min()))
        return known

    def _worst_in(self, held: HeldSteps, steps: IntColumn, until: TimeColumn) -> FloatColumn:
        """Return for some steps a price at least as bad for a position as all that count in them; of a single symbol
        without those of the minutes, at which equity is known: nan without any.
        """
        spans, since, is_long = self._spans[held.symbol], self._account.since[steps], held.size[steps] > 0.0
        worst = spans.worst_between(is_long, since, until)
        if len(self._account.held) == 1:
            return worst
        first = spans.prices.at_times(since)
        first = np.where(first == 0.0, held.entry[steps], first)
        found = worst, first, spans.worst_price_between(is_long, since, until)
        return np.asarray(np.where(is_long, np.fmin.reduce(found), np.fmax.reduce(found)))

    def first_breach(self, margins: MarginRules) -> MaintenanceBreach | None:
        """Return where equity, at adverse prices, was first at or below maintenance margin; None where it never was."""
        account = self._account
        for places in account.parts():
            equity, maintenance = self._adverse(places, margins)
            steps, count = account.steps(places)
            below = np.flatnonzero((equity <= maintenance) & np.repeat(account.is_open[steps], count))
            if len(below):
                at = below.item(0)
                return MaintenanceBreach(account.grid.time_of(places.item(at)), equity.item(at), maintenance.item(at))
        return None

    def _adverse(self, places: IntColumn, margins: MarginRules | None = None) -> tuple[FloatColumn, FloatColumn]:
        """Return equity and maintenance margin (0.0 without `margins`) at the adverse prices of some places, which are
        in order.
        """
        account = self._account
        steps, count = account.steps(places)
        equity, maintenance = np.repeat(account.cash[steps], count), np.zeros(len(places))
        since = np.repeat(account.since[steps], count)
        for row in account.rows(places, steps, count):
            worst = _worst(row, self._spans[row.held.symbol], since)
            equity += row.size * (worst - row.entry)
            if margins is not None:
                notional = np.abs(row.size) * worst
                maintenance += margins.instrument(row.held.symbol).maintenance_margins(notional)
        return equity, maintenance


def _worst(row: HeldMinutes, spans: MarginSpans, since: TimeColumn) -> FloatColumn:
    """Return at each time the low (long) or high (short) of the kline that closes right then, if it opened when the
    account had its state already (`since`), and of the mark rows of the minute before, else the price.
    """
    times = row.times
    count = spans.finished_at(times)
    last = np.maximum(count - 1, 0)
    is_long = row.size > 0.0
    worst = row.price
    if len(spans.start_ms):
        opened = spans.start_ms[last]
        is_held = (opened + spans.period_ms == times) & (opened >= since) & (count > 0)
        worst = np.where(is_held, np.where(is_long, spans.low[last], spans.high[last]), row.price)
    if spans.rows is None:
        return worst
    rows = spans.row_extremes(is_long, np.maximum(times - MINUTE_MS, since - 1), times)
    return np.where(is_long, np.fmin(worst, rows), np.fmax(worst, rows))
