"""Queries that got the empty answer of the contract: a typo must not look like a strategy that never trades."""

from __future__ import annotations

from typing import Any


class UnansweredQueries:
    """Counts each query that could not be answered, once for each cause."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, query: str, why: str) -> None:
        """Count one more such answer."""
        key = query, why
        self._counts[key] = self._counts.get(key, 0) + 1

    def to_list(self) -> list[dict[str, Any]]:
        """Return ``{"query", "why", "count"}`` entries in alphabetical order."""
        return [{"query": query, "why": why, "count": n} for (query, why), n in sorted(self._counts.items())]
