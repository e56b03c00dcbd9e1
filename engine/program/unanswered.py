"""Queries that got the empty answer of the contract: a typo must not look like a strategy that never trades."""

from __future__ import annotations

from typing import Any

from ..plain_values import printable

MOST_QUERIES = 1_000
MOST_CHARACTERS = 300
OTHERS = "... other queries"


class UnansweredQueries:
    """Counts each query that could not be answered, once for each cause.

    A program can invent any number of queries: beyond the first thousand they are counted together, by their causes as
    long as there are not a thousand of these too.
    """

    __slots__ = ("_counts", "_news", "has_news")

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._news: dict[tuple[str, str], int] = {}
        #: Whether something was added since `take_news` was last called: to be read, not set.
        self.has_news = False

    def add(self, query: str, why: str, count: int = 1) -> None:
        """Count `count` more such answers."""
        key = printable(query, MOST_CHARACTERS), why
        if key not in self._counts and len(self._counts) >= MOST_QUERIES:
            key = OTHERS, why if len(self._counts) < 2 * MOST_QUERIES else OTHERS
        self._counts[key] = self._counts.get(key, 0) + count
        self._news[key] = self._news.get(key, 0) + count
        self.has_news = True

    def take_news(self) -> list[tuple[str, str, int]]:
        """Return (query, why, count) of what was added since the last call."""
        news, self._news, self.has_news = self._news, {}, False
        return [(query, why, count) for (query, why), count in news.items()]

    def to_list(self) -> list[dict[str, Any]]:
        """Return ``{"query", "why", "count"}`` entries in alphabetical order."""
        return [{"query": query, "why": why, "count": n} for (query, why), n in sorted(self._counts.items())]
