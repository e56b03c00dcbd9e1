"""What trials are judged by: a figure of their results, and whether more of it is better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.near_names import near
from engine.result import FIGURES, REASONS, is_less_better

from ..trials import KEPT_FIGURES

_NUMBERS = tuple(name for name in KEPT_FIGURES if FIGURES[name].unit.is_number)


@dataclass(frozen=True, slots=True)
class Metric:
    """The figure `name`, of which more is better, or with `is_least` less."""

    name: str
    is_least: bool = False

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """Return the value among the figures of a trial; None where it is not defined or no number."""
        return figure_value(self.name, figures)

    def rank(self, figures: Mapping[str, Any]) -> float:
        """Return a number that is the higher the better the trial is, -inf where the metric is not defined."""
        value = self.value(figures)
        if value is None:
            return -math.inf
        return -value if self.is_least else value

    def text(self, figures: Mapping[str, Any]) -> str:
        """Return name and value among the figures of a trial, in short."""
        value = self.value(figures)
        return f"{self.name} {'-' if value is None else f'{value + 0.0:,.4g}'}"

    def is_before(self, value: float, number: int, other: float, other_number: int) -> bool:
        """Tell whether a trial with a value comes before another: it is better, or as good and earlier."""
        if value == other:
            return number < other_number
        return (value < other) if self.is_least else (value > other)


def figure_value(name: str, figures: Mapping[str, Any]) -> float | None:
    """Return a figure of a trial as a number; None where it is not defined, as the win rate of no trades."""
    found, of = figures.get(name), FIGURES[name].of
    if found is None or not math.isfinite(found) or (of and not figures[of]):
        return None
    return float(found)


def why_undefined(name: str, figures: Mapping[str, Any]) -> str:
    """Return why a figure of a trial is not defined, in a few words."""
    if FIGURES[name].of:
        return f"no {FIGURES[FIGURES[name].of].label}"
    return next((why for why, holds in REASONS.get(name, ()) if holds(figures)), "no finite number")


def parse_metric(text: str) -> Metric:
    """Return the metric that a text names: a figure, after ``min:`` or ``max:`` where it is not as the figure has it.

    Raises `ValueError` for what is no figure that is a number, with the name that may have been meant.
    """
    direction, colon, name = text.rpartition(":")
    if colon and direction not in ("min", "max"):
        raise ValueError(f"{text}: a metric is the name of a figure, or min:NAME or max:NAME")
    require_number(name)
    return Metric(name, is_less_better(name) if not colon else direction == "min")


def require_number(name: str) -> None:
    """Raise `ValueError` for what is no figure that is a number, with the name that may have been meant."""
    if name not in _NUMBERS:
        meant = near(name, _NUMBERS)
        raise ValueError(
            f"{name}: is no figure of a result that is a number; {meant or 'perpsim explain lists the figures'}"
        )
