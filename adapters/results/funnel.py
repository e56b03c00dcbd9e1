"""From triggers to closed trades: how many came to each step, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.contract import ActionType
from engine.result import FIGURES, NO_DECISION

STEP, PART, LOST = "step", "part", "lost"


def trigger_funnel(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps in order, each followed by its parts and by what was lost at it: label, count and kind."""
    return [{"label": label, "count": count, "kind": kind} for label, count, kind in _steps(figures)]


def _steps(figures: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    def step(name: str, kind: str = STEP) -> tuple[str, int, str]:
        return FIGURES[name].title, figures[name] or 0, kind

    decisions = figures["decisions"]
    yield step("total_triggers")
    yield step("signal_triggers", PART)
    yield step("scheduled_triggers", PART)
    idle = (ActionType.HOLD, NO_DECISION)
    yield "Decisions to act", sum(count for name, count in decisions.items() if name not in idle), STEP
    for name, count in decisions.items():
        yield "no decision" if name == NO_DECISION else name, count, PART
    yield step("orders_submitted")
    for reason, count in sorted(figures["rejections"].items(), key=lambda pair: -pair[1]):
        yield f"rejected: {reason}", count, LOST
    yield step("fills")
    yield step("total_trades")
