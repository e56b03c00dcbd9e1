"""From triggers to closed trades: how many came to each step, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.contract import ActionType
from engine.result import FIGURES, NO_DECISION

STEP, PART, LOST = "step", "part", "lost"


def trigger_funnel(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps in order, each followed by its parts and by what was lost at it: label, count and kind."""

    def step(name: str, kind: str = STEP) -> tuple[str, int, str]:
        return FIGURES[name].title, figures[name] or 0, kind

    decisions = figures["decisions"]
    acting = sum(count for name, count in decisions.items() if name not in (ActionType.HOLD, NO_DECISION))
    rejections = sorted(figures["rejections"].items(), key=lambda pair: -pair[1])
    held = Counter((each["outcome"], each["indicator"]) for each in figures["held_decisions"])
    steps = [
        step("total_triggers"),
        step("signal_triggers", PART),
        step("scheduled_triggers", PART),
        ("Decisions to act", acting, STEP),
        *(("no decision" if name == NO_DECISION else name, count, PART) for name, count in decisions.items()),
        step("orders_submitted"),
        *((f"{outcome}: {name} too short", count, LOST) for (outcome, name), count in held.items()),
        *((f"rejected: {reason}", count, LOST) for reason, count in rejections),
        step("fills"),
        step("total_trades"),
    ]
    return [{"label": label, "count": count, "kind": kind} for label, count, kind in steps]
