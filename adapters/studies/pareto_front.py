"""What nothing else is better than in all respects."""

from __future__ import annotations

from collections.abc import Sequence


def not_dominated(ranks: Sequence[tuple[float, ...]]) -> list[int]:
    """Return the places of those of which no other is as high in all numbers: the highest in the first number first, of
    equals only the first.
    """
    front: list[int] = []
    for place in sorted(range(len(ranks)), key=ranks.__getitem__, reverse=True):
        # whoever is as high in all numbers stands before
        if not any(all(map(float.__ge__, ranks[other], ranks[place])) for other in front):
            front.append(place)
    return front
