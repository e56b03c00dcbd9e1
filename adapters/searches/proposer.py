"""Who says which values a search tries next."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple, Protocol

from .search_space import SearchSpace


class Answer(NamedTuple):
    """What a trial came to, as a proposer learns from it.

    `values` are those of the metrics, None where the trial failed, was pruned, or one of them is not defined; `part` is
    that of the metric in the first part of the range of a trial that was pruned there. `violations` say how far each
    constraint was left, 0 where it was kept.
    """

    values: tuple[float, ...] | None
    part: float | None = None
    violations: Mapping[str, float] = {}


class Proposer(Protocol):
    """Proposes values of the parameters; the same ones whenever it is asked and told the same in the same order."""

    def ask(self, count: int) -> list[dict[str, Any]]:
        """Return the values of the next trials, `count` of them or, where no others are left, fewer."""

    def tell(self, number: int, answer: Answer) -> None:
        """Say what the trial with that number, in the order in which they were asked for, came to."""


class GridProposer:
    """Proposes each combination once: in order, or shuffled by a seed."""

    def __init__(self, space: SearchSpace, shuffled_by: int | None = None) -> None:
        self._left = self._combinations(space, shuffled_by)

    def _combinations(self, space: SearchSpace, seed: int | None) -> Iterator[dict[str, Any]]:
        size = int(space.size)
        if seed is None:
            yield from map(space.combination, range(size))
            return
        chance, moved = random.Random(seed), dict[int, int]()  # a shuffle that holds only what it has moved
        for place in range(size):
            other = chance.randrange(place, size)
            yield space.combination(moved.get(other, other))
            moved[other] = moved.pop(place, place)

    def ask(self, count: int) -> list[dict[str, Any]]:
        """Return the next combinations."""
        return list(islice(self._left, count))

    def tell(self, number: int, answer: Answer) -> None:
        """Learn nothing: what comes next does not depend on it."""
