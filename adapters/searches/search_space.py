"""What a search chooses from: a place on an axis for each parameter that has more than one value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..studies import Parameter

#: A place on each axis, by its name: a number of an interval, or the place of a value in its list.
Point = Mapping[str, Any]


class Axis:
    """A parameter as a search sees it: with a list of `values` places in it are chosen, else numbers of its interval.

    `is_ordered` tells that neighbours in the list are alike: numbers that go up or down. Between other values, such as
    texts, nothing is known.
    """

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        self.name = f"{'field' if parameter.is_field else 'param'} {parameter.name}"
        is_list = parameter.values is not None or (parameter.step is not None and not parameter.is_integer)
        self.values = parameter.grid() if is_list else None
        self.is_ordered = self.values is None or _is_ordered(self.values)

    @cached_property
    def size(self) -> float:
        """How many values there are, inf in an interval of real numbers."""
        if self.values is not None:
            return len(self.values)
        if not self.parameter.is_integer:
            return math.inf
        return int(self.parameter.high - self.parameter.low) // int(self.parameter.step or 1) + 1

    def value(self, place: Any) -> Any:
        """Return the value at a place."""
        return place if self.values is None else self.values[place]

    def at(self, number: int) -> Any:
        """Return the value with a number from 0 of those that can be counted."""
        if self.values is not None:
            return self.values[number]
        return int(self.parameter.low) + number * int(self.parameter.step or 1)


class SearchSpace:
    """All combinations of the values of some parameters."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._all = [Axis(each) for each in parameters]
        self.axes = [each for each in self._all if each.size > 1]

    @property
    def size(self) -> float:
        """How many combinations there are, inf where an interval of real numbers is among the parameters."""
        return math.prod(each.size for each in self._all)

    def values(self, point: Point) -> dict[str, Any]:
        """Return the values at a point by the names of the parameters."""
        return {
            each.parameter.name: each.value(point[each.name]) if each in self.axes else each.at(0) for each in self._all
        }

    def combination(self, number: int) -> dict[str, Any]:
        """Return the combination with a number from 0, the last parameter first to change."""
        found = {}
        for each in reversed(self._all):
            number, place = divmod(number, int(each.size))
            found[each.parameter.name] = each.at(place)
        return {each.parameter.name: found[each.parameter.name] for each in self._all}


def _is_ordered(values: Sequence[Any]) -> bool:
    if not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in values):
        return False
    return all(one < other for one, other in pairwise(values)) or all(one > other for one, other in pairwise(values))
