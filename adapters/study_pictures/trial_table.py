"""The trials of a study as columns: what pictures are drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn
from engine.near_names import near

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class VariedValues:
    """What a parameter was in each trial. `planned` are all values that it is to have, where they are listed; `is_log`
    says that it is looked at on a scale of logarithms.
    """

    name: str
    values: Sequence[Any]
    planned: Sequence[Any] | None = None
    is_log: bool = False

    @property
    def is_number(self) -> bool:
        """Whether all values are finite numbers; flags are none."""
        return all(_is_number(each) for each in (*self.values, *(self.planned or ())))


@dataclass(frozen=True, eq=False)
class TrialTable:
    """The trials of a study, in order of their numbers, and the figure that they are judged by: `metric` is its name,
    `label` how it is called; `metric_values` are NaN where a trial failed, the figure is not defined, or the trial does
    not count. `errors` say why a trial failed, None where it did not; `states` say in a word what it came to, such as
    "done" or "pruned". `figures` are further columns of the list of trials, by their labels.
    """

    title: str
    metric: str
    label: str
    is_least: bool
    numbers: Sequence[int]
    parameters: tuple[VariedValues, ...]
    metric_values: FloatColumn
    errors: Sequence[str | None]
    states: Sequence[str] = ()
    figures: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def parameter(self, name: str) -> VariedValues:
        """Return a parameter; `DataError` for one that the study does not vary."""
        found = next((each for each in self.parameters if each.name == name), None)
        if found is None:
            names = [each.name for each in self.parameters]
            meant = near(name, names) or f"there are {', '.join(names)}"
            raise DataError(f"{name} is no parameter of this study: {meant}")
        return found

    @property
    def ranks(self) -> FloatColumn:
        """A number for each trial that is the higher the better it is, NaN where the metric is not defined."""
        return -self.metric_values if self.is_least else self.metric_values

    @property
    def best(self) -> int | None:
        """The place of the best trial, of equals the first; None where the metric is defined for none."""
        return int(np.nanargmax(self.ranks)) if np.isfinite(self.metric_values).any() else None

    @property
    def failed(self) -> int:
        """How many trials failed."""
        return sum(error is not None for error in self.errors)

    def described(self, place: int) -> str:
        """Return what the parameters of a trial were, as text."""
        return ", ".join(f"{each.name} {value_text(each.values[place])}" for each in self.parameters)


def value_text(value: Any) -> str:
    """Return a value of a parameter as people read it."""
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"
    if isinstance(value, (list, tuple)):
        return " + ".join(map(value_text, value))
    return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and math.isfinite(value)
