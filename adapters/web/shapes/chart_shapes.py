"""The shapes of answers for charts: curves and klines, as columns."""

from __future__ import annotations

from pydantic import BaseModel

Numbers = list[float]


class Equity(BaseModel):
    """An equity curve as columns: epoch ms, and USD."""

    timestamp: list[int]
    equity: Numbers
    balance: Numbers
    drawdown: Numbers


class RecordedSeries(BaseModel):
    """A series that the program recorded, as columns: epoch ms, and values."""

    timestamp: list[int]
    value: Numbers


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
