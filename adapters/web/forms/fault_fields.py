"""The kinds of faults as a form shows them: what each may be given, in which unit, and what counts without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.faults import KINDS, FaultKind, taken_by

_TO_THE_END, _AN_INSTANT = "to the end of the run", "an instant"


class _FaultField(NamedTuple):
    """`shape` is number, whole, length, choice, instants or names; `is_rare`: few give it."""

    label: str
    shape: str
    help: str
    unit: str = ""
    is_rare: bool = False
    without: Callable[[FaultKind], str] = lambda kind: ""


def _figure(kind: FaultKind) -> str:
    return f"{kind.default:g}" if isinstance(kind.default, float) else kind.default


def _lasting(kind: FaultKind) -> str:
    return _TO_THE_END if kind.lasts is None else _AN_INSTANT if kind.lasts == "0m" else kind.lasts


_FIELDS = {
    "percent": _FaultField("Percent", "number", "How much", "%", without=_figure),
    "delay": _FaultField("Delay", "length", "Such as 500ms, 30s or 2m", without=_figure),
    "skew": _FaultField("Skew", "length", "Such as 30s, or -30s for a slow clock", without=_figure),
    "direction": _FaultField("Direction", "choice", "Where to", without=lambda kind: kind.directions[0]),
    "symbols": _FaultField("Symbols", "names", "These alone, with commas", without=lambda kind: "all"),
    "start": _FaultField(
        "Start", "instants", "UTC, such as 2024-01-05T09:00Z; several with commas", without=lambda kind: "of the run"
    ),
    "duration": _FaultField("Duration", "length", "Such as 30m, 2h or 1d", without=_lasting),
    "every": _FaultField("Every", "length", "From one start to the next, such as 8h", "", True, lambda kind: "once"),
    "times": _FaultField(
        "Times", "whole", "How often at most; needs every", "", True, lambda kind: "until the run ends"
    ),
    "rate_per_day": _FaultField(
        "Rate per day", "number", "By chance so often, in the place of every", "", True, lambda kind: "not by chance"
    ),
    "seed": _FaultField("Seed", "whole", "What its chance is drawn from", "", True, lambda kind: "0"),
    "intensity": _FaultField("Intensity", "number", "So many times as strong", "", True, lambda kind: "1"),
}


def fault_kinds() -> list[dict[str, Any]]:
    """Return every kind with its fields as plain values, for the form of a configuration."""
    return [
        {"name": kind.name, "about": kind.about, "fields": [_shown(kind, name) for name in taken_by(kind)]}
        for kind in KINDS.values()
    ]


def _shown(kind: FaultKind, name: str) -> dict[str, Any]:
    field = _FIELDS[name]
    return {
        "name": name,
        "label": field.label,
        "shape": field.shape,
        "help": field.help,
        "unit": field.unit,
        "is_rare": field.is_rare,
        "choices": list(kind.directions) if field.shape == "choice" else [],
        "without": field.without(kind),
    }
