"""What a condition is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, ClassVar, Self

from ..errors import ConfigurationError
from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points, States


class Condition(ABC):
    """One condition of a signal, a frozen dataclass; it raises `ConfigurationError` with every problem.

    `states` judges it at instants. `fact` tells what met it at one of them: the entries that its signal has in
    triggered_signals beside name and id. A new kind is a class and its place in `parse.KINDS`.
    """

    metric: str
    #: The period over which the metric is taken.
    time_window: str
    #: The field that a suggestion changes, where there is one.
    threshold_name: ClassVar[str | None] = None
    #: The entries of a fact that a back-test of this condition alone tells.
    told: ClassVar[tuple[str, ...]] = ("value", "threshold", "operator")

    def __post_init__(self) -> None:
        problems = [problem for problem in (*self._problems(), self._window_problem()) if problem is not None]
        if problems:
            raise ConfigurationError(problems)

    def _window_problem(self) -> str | None:
        if isinstance(self.time_window, str) and self.time_window in PERIOD_MS:
            return None
        return f"time_window {self.time_window!r} is not one of {', '.join(PERIOD_MS)}"

    @abstractmethod
    def _problems(self) -> Iterable[str | None]:
        """Return what is wrong with each of the other fields."""

    @classmethod
    def is_named(cls, metric: str) -> bool:
        """Tell whether a condition on `metric`, in lower case, is of this kind."""
        return metric == cls.metric

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Return the condition that a mapping describes, whose `metric` names this kind; foreign keys are ignored."""
        known = {each.name for each in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value for name, value in entry.items() if name in known})

    @property
    def flow_metrics(self) -> tuple[str, ...]:
        """The flow metrics that it is made of."""
        return ()

    @property
    def features(self) -> tuple[str, ...]:
        """The features of one's own that it is made of."""
        return ()

    @property
    def on_klines(self) -> bool:
        """Whether it can change only when a kline of its period closes."""
        return not (self.flow_metrics or self.features)

    @property
    def klines_needed(self) -> int:
        """From how many finished klines of its period on it is defined, where it is made of klines."""
        return 0

    @abstractmethod
    def describe(self) -> str:
        """Return the condition as a short text."""

    @abstractmethod
    def values(self, points: Points) -> FloatColumn:
        """Return the figure that is compared at each instant, NaN where undefined."""

    @abstractmethod
    def states(self, points: Points) -> States:
        """Return `TRUE`, `FALSE` or `UNDEFINED` at each instant."""

    @abstractmethod
    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return what was seen at the instant of that place, at which the condition is true."""

    def _fact(self, value: float, operator: str | None, threshold: float | None) -> dict[str, object]:
        """Return the entries that every kind has."""
        return {
            "metric": self.metric,
            "operator": operator,
            "threshold": threshold,
            "current_value": value,
            "value": value,
            "condition_met": True,
            "time_window": self.time_window,
        }

    def with_threshold(self, threshold: float) -> Condition:
        """Return the condition with another threshold; `ConfigurationError` for one that has none."""
        if self.threshold_name is None:
            raise self._without_threshold("it")
        return replace(self, **{self.threshold_name: threshold})  # type: ignore[type-var]

    @property
    def bounds(self) -> tuple[float, ...]:
        """Where its threshold stands among its `values`; none for a condition that has none."""
        return ()

    def levels(self, values: FloatColumn, shares: FloatColumn) -> FloatColumn:
        """Return the thresholds that these shares of some values meet; `ConfigurationError` where there is none."""
        raise self._without_threshold("it")

    def _without_threshold(self, what: str) -> ConfigurationError:
        return ConfigurationError([f"condition {self.describe()}: {what} has no threshold to suggest"])
