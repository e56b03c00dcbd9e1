"""What shocks make of one symbol's records: crashes, wicks, marks that stand still, funding that is raised."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from ..faults import FaultPlan, Span
from ..market import SymbolHistory, are_predictions, nominal_settlements
from ..market.flow import FlowHistory, LatestValue, TimedValues
from ..market.series import KlineColumns
from .price_path import PricePath

#: Where in its span a crash turns, as a share of it: between these, by chance.
_TURNS = 0.1, 0.5


def crashed(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history whose prices go so far down or up in the span, and come back to its end."""
    random = _random(plan, span, history)
    length = span.end_ms - span.start_ms
    turn = span.start_ms + round(length * random.uniform(*_TURNS))
    return _on_path(history, PricePath(span.start_ms, turn, span.end_ms, _factor(plan, random)))


def spiked(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history in which the kline of an instant reaches so far down or up."""
    random = _random(plan, span, history)
    period = history.base.period_ms
    opened = span.start_ms // period * period
    turn = opened + 1 + random.randrange(period // 2, period - 2)
    turn -= turn % 1_000 == 0  # at no time of a row: it is over at once
    return _on_path(history, PricePath(turn - 1, turn, turn + 1, _factor(plan, random)))


def _random(plan: FaultPlan, span: Span, history: SymbolHistory) -> Random:
    """Return the chance of one span and symbol."""
    return Random(f"{plan.seed}/{span.start_ms}/{history.symbol}")


def _sign(plan: FaultPlan, random: Random) -> int:
    is_up = random.random() < 0.5 if plan.direction == "both" else plan.direction == "up"
    return 1 if is_up else -1


def _factor(plan: FaultPlan, random: Random) -> float:
    return 1.0 + _sign(plan, random) * plan.amount / 100.0


def _on_path(history: SymbolHistory, path: PricePath) -> tuple[SymbolHistory, int]:
    """Return a history with everything that is a price on the path."""
    base, flow, marks = history.base.columns, history.flow, history.mark_klines
    touched = path.touches(base.open_ms, base.open_ms + base.period_ms)
    if not touched.any():
        return history, 0
    prices: dict[str, LatestValue | None] = {"mark_price": flow.mark_price, "oracle_price": flow.oracle_price}
    changed = flow.replaced(
        trades=None if flow.trades is None else path.trades(flow.trades),
        **{name: None if each is None else path.prices(each.rows) for name, each in prices.items()},
    )
    parts = {
        "base": path.klines(base),
        "flow": changed,
        "mark_klines": None if marks is None else path.klines(marks),
        "stored": without_overlap(history, Span(path.start_ms, path.end_ms)),
    }
    return history.replaced(**parts), int(touched.sum())


def without_overlap(history: SymbolHistory, span: Span) -> list[KlineColumns]:
    """Return the stored longer klines that have no part of a span: the others follow from the base klines."""
    return [
        each.where((each.open_ms >= span.end_ms) | (each.open_ms + each.period_ms <= span.start_ms))
        for each in history.stored
    ]


def stale_marked(history: SymbolHistory, plan: FaultPlan, span: Span, mark_stale_ms: int) -> tuple[SymbolHistory, int]:
    """Return a history whose marks stay what they were at the start of the span: as klines of the mark price, which
    margin is judged on. Where no mark is recorded the closes stand for it.
    """
    base, marks, rows = history.base.columns, history.mark_klines, history.flow.mark_price
    price = history.margin_price(span.start_ms, mark_stale_ms)
    if marks is None:  # what comes later is judged as it would be
        marks = base.where(base.open_ms >= span.end_ms) if rows is None else base.slice(0, 0)
    within = _overlapping(marks, span)
    if marks.period_ms == base.period_ms:
        within = _joined(within, _overlapping(base, span))
    if price is None or not len(within):
        return history, 0
    if rows is not None and history.mark_klines is None:
        within = _of_rows(history, within, mark_stale_ms)
    flow = history.flow if rows is None else history.flow.replaced(mark_price=_outside(rows.rows, span))
    return history.replaced(mark_klines=_joined(_held(within, price, span), marks), flow=flow), len(within)


def _overlapping(columns: KlineColumns, span: Span) -> KlineColumns:
    return columns.where((columns.open_ms < span.end_ms) & (columns.open_ms + columns.period_ms > span.start_ms))


def _of_rows(history: SymbolHistory, columns: KlineColumns, mark_stale_ms: int) -> KlineColumns:
    """Return klines that open and close at what margin is judged at then."""
    opened = history.prices(columns.open_ms, mark_stale_ms)
    closed = history.prices(columns.open_ms + columns.period_ms, mark_stale_ms)
    return replace(columns, open=np.where(opened > 0.0, opened, closed), close=closed)


def _held(columns: KlineColumns, price: float, span: Span) -> KlineColumns:
    """Return klines that stay at a price in a span; of one that is under way at an end of it the other end counts."""
    opened = np.where(columns.open_ms < span.start_ms, columns.open, price)
    closed = np.where(columns.open_ms + columns.period_ms > span.end_ms, columns.close, price)
    high, low = np.maximum(np.maximum(opened, closed), price), np.minimum(np.minimum(opened, closed), price)
    return replace(columns, open=opened, high=high, low=low, close=closed)


def _joined(frozen: KlineColumns, marks: KlineColumns) -> KlineColumns:
    """Return the frozen klines, and marks where there is none of these."""
    others = marks.where(~np.isin(marks.open_ms, frozen.open_ms, assume_unique=True))
    opened = np.concatenate((frozen.open_ms, others.open_ms))
    order = np.argsort(opened, kind="stable")
    figures = [np.concatenate(pair)[order] for pair in zip(frozen.figures, others.figures, strict=True)]
    return KlineColumns(frozen.period_ms, opened[order], *figures)


def _outside(rows: TimedValues, span: Span) -> TimedValues:
    times = rows.timestamp_ms
    there = (times <= span.start_ms) | (times >= span.end_ms)
    return TimedValues(times[there], rows.value[there])


def with_funding_spike(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history with all funding rates of the span so much higher or lower; where none are recorded there is
    nothing to change.
    """
    rates = history.flow.funding_rate
    if rates is None:
        return history, 0
    times = rates.rows.timestamp_ms
    settled = times if are_predictions(times) else nominal_settlements(times)
    within = (settled >= span.start_ms) & (settled < span.end_ms)
    sign = _sign(plan, _random(plan, span, history))
    raised = TimedValues(times, rates.rows.value + np.where(within, sign * plan.amount / 100.0, 0.0))
    flow: FlowHistory = history.flow.replaced(funding_rate=raised)
    return history.replaced(flow=flow), int(within.sum())
