"""An order explained: what asked for it, what happened to it, its fills, or why it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import DataError, MarketHistory

from .explanation import Explanation, Section, moment
from .fill_stories import FillStories
from .line_words import order_step
from .noted_lines import NotedLines

Record = Mapping[str, Any]


def explained_order(notes: NotedLines, order: int, market: MarketHistory | None = None) -> Explanation:
    """Return what led to an order, and what became of it. Raises `DataError` where there is none of that id."""
    lines = notes.of_order(order)
    if not lines:
        known = notes.orders()
        there = f"its orders are {known[0]} to {known[-1]}" if known else "it has no orders"
        raise DataError(f"there is no order {order}: {there}")
    stories = FillStories(notes, market)
    first, last = lines[0], lines[-1]
    belongs = stories.exit_of(order)
    steps = [*stories.why(first), *filter(None, [belongs])]
    sections = [Section("What asked for it", tuple(steps))] if steps else []
    happened = tuple(stories.of_order(lines, [each for each in lines if each["message"] == "fill"]))
    led_to = [line for each in lines for line in notes.led_to.get(each["id"], ())]
    came = [line for line in led_to if line.get("order") not in (None, order)]
    sections.append(Section("What happened to it", happened))
    if came:
        sections.append(Section("What came of it", tuple(order_step(notes, line) for line in came if "event" in line)))
    states = [each["state"] for each in lines if each["message"] == "order"]
    trades = [str(notes.trade_number(each)) for each in lines if each["message"] == "fill" and each["pnl"] is not None]
    closed = f"; it closed trade {', '.join(trades)}" if trades else ""
    summary = (
        f"{states[-1] if states else 'filled by the venue'} at {moment(last['at'])} UTC, on {_symbol(lines)}{closed}"
    )
    return Explanation(f"order {order}", summary, tuple(sections), notes.head)


def _symbol(lines: Sequence[Record]) -> str:
    return next((str(each["symbol"]) for each in lines if each["symbol"]), "no symbol")
