"""Whether two journals tell the same events, those of one instant in any order."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

#: What counts lines and orders: another number, where one comes before another. What all the account has come to
#: between the events of an instant depends on which came first, and is told by their amounts.
_NUMBERS = ("~hash", "id", "cause", "order", "order_id", "account")
#: Numbers are the same that differ by no more than this part of them: sums in another order.
_MOST = 1e-9
_LEAST = 1e-12


class Event(NamedTuple):
    """A line of a journal: its instant (epoch ms); what it says but for fractions, and what has led to it, as a key;
    and its fractions.
    """

    at_ms: int
    key: str
    fractions: tuple[float, ...]

    def is_like(self, other: Event) -> bool:
        """Whether it is the same event, but for rounding."""
        pairs = zip(self.fractions, other.fractions, strict=False)
        return self.key == other.key and all(
            math.isclose(one, two, rel_tol=_MOST, abs_tol=_LEAST) or one == two for one, two in pairs
        )


class SameEvents(NamedTuple):
    """The instants (epoch ms) at which the same events come in another order, and whether any number is rounded in
    another way.
    """

    reordered: Sequence[int]
    is_rounded: bool


def same_events(ours: Sequence[bytes], theirs: Sequence[bytes]) -> SameEvents | None:
    """Return how the lines of two journals differ that tell the same events; None where they tell others."""
    if len(ours) != len(theirs):
        return None
    reordered, is_rounded = [], False
    for one, two in zip(_instants(ours), _instants(theirs), strict=False):
        alike = list(zip(sorted(one), sorted(two), strict=False))
        if len(one) != len(two) or not all(a.at_ms == b.at_ms and a.is_like(b) for a, b in alike):
            return None
        is_rounded = is_rounded or any(a.fractions != b.fractions for a, b in alike)
        if not all(a.is_like(b) for a, b in zip(one, two, strict=True)):
            reordered.append(one[0].at_ms)
    return SameEvents(reordered, is_rounded)


def _instants(lines: Sequence[bytes]) -> Iterator[list[Event]]:
    return (list(together) for _, together in groupby(_events(lines), key=lambda event: event.at_ms))


def _events(lines: Sequence[bytes]) -> Iterator[Event]:
    keys: dict[int, str] = {}
    for told in map(json.loads, lines):
        fractions: list[float] = []
        said = _without_numbers(told, fractions)
        text = f"{keys.get(told['cause'], '')} {json.dumps(said, sort_keys=True)}"
        keys[told["id"]] = key = blake2b(text.encode(), digest_size=16).hexdigest()
        yield Event(told["at"], key, tuple(fractions))


def _without_numbers(value: Any, fractions: list[float]) -> Any:
    """Return a value without what counts and without fractions, which are added to a list."""
    if isinstance(value, Mapping):
        return {name: _without_numbers(each, fractions) for name, each in value.items() if name not in _NUMBERS}
    if isinstance(value, list):
        return [_without_numbers(each, fractions) for each in value]
    if isinstance(value, float):
        fractions.append(value)
        return None
    return value
