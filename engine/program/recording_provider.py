"""A data provider that remembers what was asked of it, for logs that show what a program saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..contract import RegimeInfo
from ..market import MarketHistory
from ..market.series import Kline
from .data_provider import HistoricalDataProvider

MAX_QUERIES = 200


class RecordingProvider(HistoricalDataProvider):
    """Answers as `HistoricalDataProvider` does and keeps each query with its answer until it is taken.

    Of klines only their number and the last one are kept, of an indicator not its series; after 200 queries at one
    trigger further ones are counted only.
    """

    records_queries = True

    def __init__(self, market: MarketHistory, mark_stale_ms: int = 60_000) -> None:
        super().__init__(market, mark_stale_ms)
        self._queries: list[dict[str, Any]] = []
        self._dropped = 0

    def take_queries(self) -> tuple[dict[str, Any], ...]:
        """Return what was asked since the last call as plain values, and forget it."""
        queries = tuple(self._queries)
        if self._dropped:
            queries += ({"query": "...", "arguments": [], "answer": f"{self._dropped} more queries"},)
        self._queries, self._dropped = [], 0
        return queries

    def restore_queries(self, queries: Iterable[dict[str, Any]]) -> None:
        """Put queries in the place of what is there that were taken from a provider elsewhere."""
        self._queries, self._dropped = list(queries), 0

    def _record(self, query: str, arguments: list[Any], answer: Any) -> None:
        if len(self._queries) < MAX_QUERIES:
            self._queries.append({"query": query, "arguments": arguments, "answer": answer})
        else:
            self._dropped += 1

    def get_price(self, symbol: str) -> float:
        """Return the last known price, 0.0 when unknown."""
        answer = super().get_price(symbol)
        self._record("get_price", [symbol], answer)
        return answer

    def get_market_data(self, symbol: str) -> dict[str, Any]:
        """Return price and the figures of the last 24 hours."""
        answer = super().get_market_data(symbol)
        self._record("get_market_data", [symbol], dict(answer))
        return answer

    def get_klines(self, symbol: str, period: str, count: int = 50) -> Sequence[Kline]:
        """Return the last `count` klines."""
        answer = super().get_klines(symbol, period, count)
        last = answer[-1]._asdict() if answer else None
        self._record("get_klines", [symbol, period, count], {"count": len(answer), "last": last})
        return answer

    def get_indicator(self, symbol: str, indicator: str, period: str) -> dict[str, Any]:
        """Return an indicator's values."""
        answer = super().get_indicator(symbol, indicator, period)
        values = {"value": answer["value"]} if "value" in answer else dict(answer)
        self._record("get_indicator", [symbol, indicator, period], values)
        return answer

    def get_flow(self, symbol: str, metric: str, period: str) -> dict[str, Any]:
        """Return a flow metric."""
        answer = super().get_flow(symbol, metric, period)
        self._record("get_flow", [symbol, metric, period], dict(answer))
        return answer

    def get_regime(self, symbol: str, period: str) -> RegimeInfo:
        """Return the market regime."""
        answer = super().get_regime(symbol, period)
        self._record("get_regime", [symbol, period], answer.to_dict())
        return answer

    def get_price_change(self, symbol: str, period: str) -> dict[str, float]:
        """Return the change against the previous period."""
        answer = super().get_price_change(symbol, period)
        self._record("get_price_change", [symbol, period], dict(answer))
        return answer
