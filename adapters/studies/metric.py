"""What trials are judged by: a figure of their results, and whether more of it is better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.program import near
from engine.result import FIGURES

from ..trials import KEPT_FIGURES

#: Figures of which less is better, by how their names begin.
_LESS_IS_BETTER = (
    "max_drawdown", "longest_drawdown", "recovery_ms", "drawdown_count", "avg_drawdown", "annual_volatility",
    "losing_", "fees_paid", "gross_loss", "longest_loss", "exposure", "turnover", "ambiguous", "strategy_errors",
    "liquidation_shortfall", "sharpe_error", "return_kurtosis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metric:
    """The figure `name`, of which more is better, or with `is_least` less."""

    name: str
    is_least: bool = False

    def value(self, figures: Mapping[str, Any]) -> float | None:
        """Return the value among the figures of a trial; None where it is not defined or no number."""
        found = figures.get(self.name)
        return None if found is None or not math.isfinite(found) else float(found)

    def rank(self, figures: Mapping[str, Any]) -> float:
        """Return a number that is the higher the better the trial is, -inf where the metric is not defined."""
        value = self.value(figures)
        if value is None:
            return -math.inf
        return -value if self.is_least else value


def parse_metric(text: str) -> Metric:
    """Return the metric that a text names: a figure, after ``min:`` or ``max:`` where it is not as the figure has it.

    Raises `ValueError` for what is no figure that is a number, with the name that may have been meant.
    """
    direction, colon, name = text.rpartition(":")
    if colon and direction not in ("min", "max"):
        raise ValueError(f"{text}: a metric is the name of a figure, or min:NAME or max:NAME")
    if name not in KEPT_FIGURES or FIGURES[name].unit.value == "text":
        meant = near(name, KEPT_FIGURES)
        raise ValueError(f"{name}: is no figure of a result that is a number{f'; {meant}' if meant else ''}")
    return Metric(name, name.startswith(_LESS_IS_BETTER) if not colon else direction == "min")
