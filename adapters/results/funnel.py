"""From triggers to closed trades: how many came to each step, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from engine.contract import ActionType
from engine.result import FIGURES
from engine.triggers import NO_DECISION

from .platform_rows import is_stored

STEP, PART, LOST = "step", "part", "lost"


def trigger_funnel(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps in order, each followed by its parts and by what was lost at it: label, count and kind. A figure
    that is not stored is left out.
    """
    steps = (*_triggers(figures), *_decisions(figures), *_orders(figures))
    return [{"label": label, "count": count, "kind": kind} for label, count, kind in steps]


def ends_of_orders(figures: Mapping[str, Any]) -> list[tuple[str, dict[str, int]]]:
    """Return how many orders were refused, and how many cancelled after they had waited, each by reason. Where the
    second is not stored all count as the first.
    """
    cancelled = figures["cancellations"]
    refused = {why: count - cancelled.get(why, 0) for why, count in figures["rejections"].items()}
    return [("refused", {why: count for why, count in refused.items() if count}), ("cancelled", dict(cancelled))]


def _triggers(figures: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    yield from _step("total_triggers", figures)
    yield from _step("signal_triggers", figures, PART)
    yield from _step("scheduled_triggers", figures, PART)


def _decisions(figures: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    if not is_stored("decisions", figures):
        return
    decisions = figures["decisions"]
    acting = sum(count for name, count in decisions.items() if name not in (ActionType.HOLD, NO_DECISION))
    yield "Decisions to act", acting, STEP
    for name, count in decisions.items():
        yield "no decision" if name == NO_DECISION else name, count, PART


def _orders(figures: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    yield from _step("orders_submitted", figures)
    held = Counter((each["outcome"], each["indicator"]) for each in figures["held_decisions"])
    for (outcome, name), count in held.items():
        yield f"{outcome}: {name} too short", count, LOST
    for ended, counts in ends_of_orders(figures):
        for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
            yield f"{ended}: {reason}", count, LOST
    yield from _step("fills", figures)
    yield from _step("total_trades", figures)


def _step(name: str, figures: Mapping[str, Any], kind: str = STEP) -> Iterator[tuple[str, int, str]]:
    if is_stored(name, figures):
        yield FIGURES[name].title, figures[name] or 0, kind
