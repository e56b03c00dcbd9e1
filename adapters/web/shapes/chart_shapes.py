"""The shapes of answers for charts: klines, as columns."""

from __future__ import annotations

from pydantic import BaseModel

Numbers = list[float]
MaybeNumbers = list[float | None]


class Klines(BaseModel):
    """Klines as columns; `time` is the open in epoch ms."""

    exchange: str
    symbol: str
    period: str
    period_ms: int
    time: list[int]
    open: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    volume: Numbers
