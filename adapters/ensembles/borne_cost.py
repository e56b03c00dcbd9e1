"""A cost that is raised, and which of its values a program bears."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine import BacktestConfig
from engine.config import SETTINGS
from engine.periods import HOUR_MS
from engine.result import Unit

from ..results import unit_text
from ..study_pictures import CostCurve, MeaningRow
from ..trials import TrialOutcome

#: Between a cost that is borne and one that is not lies at most this part of the latter, or so much: percent, and ms.
_CLOSE, _LEAST_PERCENT, _LEAST_MS = 0.005, 1e-5, 1.0
#: So many runs divide what lies between them in each round, and the way to the break-even at the end.
_INNER, _ON_THE_WAY = 3, 4
#: So many costs are named that do not fit to the break-even.
_MOST_LISTED = 3


@dataclass(frozen=True)
class Cost:
    """A cost that is raised: a `field` of the configuration, beside what makes it count whatever the configuration says
    (`besides`). `steps`, from nothing to the most, are what is tried first, beside what it is now.
    """

    name: str
    field: str
    unit: str
    steps: Sequence[float]
    besides: Callable[[BacktestConfig], Mapping[str, Any]]

    def fields(self, config: BacktestConfig, value: float) -> dict[str, Any]:
        """Return the fields of a run at this cost."""
        return {**self.besides(config), self.field: round(value) if self.is_whole else value}

    def now(self, config: BacktestConfig) -> float:
        """Return what it is in a configuration."""
        return float(getattr(config, self.field))

    @property
    def most(self) -> float:
        """The most that is tried, unless it is more now."""
        return float(self.steps[-1])

    @property
    def is_whole(self) -> bool:
        """Whether it is counted in whole units."""
        return SETTINGS[self.field].kind == "whole"

    def text(self, value: float) -> str:
        """Return a value with its unit."""
        return unit_text(Unit.DURATION, round(value)) if self.unit == "ms" else f"{value + 0.0:.4g} %"


def _flat(config: BacktestConfig) -> Mapping[str, Any]:
    return {"fee_model": "flat"}


def _percent(config: BacktestConfig) -> Mapping[str, Any]:
    return {"slippage_model": "percent"} if config.slippage_model == "spread" else {}


def _constant(config: BacktestConfig) -> Mapping[str, Any]:
    return {"latency_model": "constant"} if config.latency_model == "time_of_day" else {}


#: The costs, in the order in which they are told. A latency has no largest value of its own: an hour is what is tried.
COSTS = (
    Cost("fee", "fee_rate", "%", (0, 0.01, 0.03, 0.1, 0.3, 1, 3, SETTINGS["fee_rate"].at_most), _flat),
    Cost(
        "slippage", "slippage_percent", "%",
        (0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, SETTINGS["slippage_percent"].at_most), _percent,
    ),
    Cost(
        "latency", "order_latency_ms", "ms",
        (0, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, HOUR_MS), _constant,
    ),
)  # fmt: skip


@dataclass
class CostLimit:
    """The runs at values of one cost. `now` is what it is in the configuration."""

    cost: Cost
    now: float
    runs: dict[float, TrialOutcome]

    @property
    def points(self) -> list[tuple[float, float]]:
        """Costs and the net PnL in USD at each, the lowest first."""
        return [(value, run.figures["total_pnl"]) for value, run in sorted(self.runs.items())]

    @property
    def bracket(self) -> tuple[float, float] | None:
        """The highest cost that is borne and the lowest above it that is not, the first such pair from now on upwards,
        or where the run loses now, the last one below; None where there is none.
        """
        points = self.points
        profit = dict(points)
        pairs = [(low, high) for (low, _), (high, _) in pairwise(points) if profit[low] > 0.0 >= profit[high]]
        if profit[self.now] > 0.0:
            return next((pair for pair in pairs if pair[0] >= self.now), None)
        return next((pair for pair in reversed(pairs) if pair[1] <= self.now), None)

    @property
    def is_borne_now(self) -> bool:
        """Whether the run is profitable as it is."""
        return dict(self.points)[self.now] > 0.0

    @property
    def break_even(self) -> float | None:
        """The highest cost that is borne; None where there is none, or no highest."""
        found = self.bracket
        return None if found is None else found[0]

    @property
    def lost_below(self) -> list[float]:
        """The costs below the break-even, or where there is none below what it is now, at which the run loses all the
        same: less is not always better for what takes another way then.
        """
        at = self._up_to
        return [value for value, pnl in self.points if value < at and pnl <= 0.0]

    @property
    def borne_above(self) -> list[float]:
        """Likewise the costs above, at which the run is profitable all the same."""
        at = self._up_to if self._ends else math.inf
        return [value for value, pnl in self.points if value > at and pnl > 0.0]

    @property
    def _up_to(self) -> float:
        return self.now if self.break_even is None else self.break_even

    @property
    def _ends(self) -> bool:
        """Whether there is a cost, from now on upwards, that is not borne."""
        return self.break_even is not None or not self.is_borne_now

    @property
    def verdict(self) -> str:
        """What there is to say, in words where it is no number, and with what does not fit to it."""
        lost, borne = self._listed(self.lost_below), self._listed(self.borne_above)
        if self._ends and self.break_even is None:
            return f"profitable only at more than now: {borne}" if borne else "profitable at none that was tried"
        return "; ".join(
            [self._limit, *([f"yet it loses at {lost}"] if lost else []), *([f"again at {borne}"] if borne else [])]
        )

    @property
    def _limit(self) -> str:
        if self.break_even is not None:
            return self.cost.text(self.break_even)
        largest = max(self.runs)
        beyond = "allowed" if largest == SETTINGS[self.cost.field].at_most else "tried"
        return f"profitable beyond {self.cost.text(largest)}, the largest {beyond}"

    def _listed(self, values: Sequence[float]) -> str:
        more = f" and {len(values) - _MOST_LISTED} more" if len(values) > _MOST_LISTED else ""
        return ", ".join(map(self.cost.text, values[:_MOST_LISTED])) + more

    @property
    def tile(self) -> MeaningRow:
        """The verdict as a figure of a page."""
        if self.break_even is None:
            short = f"> {self.cost.text(max(self.runs))}" if self.is_borne_now else "none"
        else:
            short = self.cost.text(self.break_even)
        meaning = f"The highest {self.cost.field} that is borne: {self.verdict}; now {self.cost.text(self.now)}"
        return MeaningRow(f"Break-even {self.cost.name}", short, meaning)

    @property
    def headroom(self) -> float | None:
        """How many times what it is now the break-even is; None where either is not there."""
        return self.break_even / self.now if self.break_even is not None and self.now else None

    def first_points(self) -> list[float]:
        """Return what is to be run first: what it is now, and steps from nothing to the most."""
        return self._new(sorted({self.now, *map(float, self.cost.steps)}))

    def open_points(self) -> list[float]:
        """Return what is to be run next to come nearer to the break-even; nothing where it is near enough."""
        found = self.bracket
        if found is None:
            return []
        low, high = found
        if high - low <= max(_CLOSE * high, _LEAST_MS if self.cost.is_whole else _LEAST_PERCENT):
            return []
        return self._new(_between(low, high, _INNER))

    def way_points(self) -> list[float]:
        """Return what is to be run at the end, for the curve from nothing to the break-even."""
        return [] if self.break_even is None else self._new(_between(0.0, self.break_even, _ON_THE_WAY))

    @property
    def curve(self) -> CostCurve:
        """What is drawn of it."""
        name = self.cost.name
        verdict = f"break-even {self.verdict}" if self.break_even is not None else self.verdict
        said = f"{name}: now {self.cost.text(self.now)}, {verdict}"
        return CostCurve(name, self.cost.unit, self.points, self.now, self.break_even, float(self.cost.steps[1]), said)

    def _new(self, values: Sequence[float]) -> list[float]:
        found = dict.fromkeys(float(round(each)) if self.cost.is_whole else each for each in values)
        return [each for each in found if each not in self.runs]


def _between(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * place / (count + 1) for place in range(1, count + 1)]
