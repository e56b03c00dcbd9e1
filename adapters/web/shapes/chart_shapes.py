"""The shapes of answers for charts: marks, lines, klines, as columns."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from engine.contract import ExitReason

Numbers = list[float]
MaybeNumbers = list[float | None]


class MarkColumns(BaseModel):
    """Marks as columns of one length."""

    kind: list[str] = Field(description=f"entry, {', '.join(ExitReason)} (why it was closed), or trigger")
    time: list[int]
    symbol: list[str | None]
    side: list[str | None] = Field(description="long or short; of a trigger, what was decided")
    price: MaybeNumbers
    pnl: MaybeNumbers
    index: list[int] = Field(description="of the trade, or of the trigger")


class Markers(BaseModel):
    """The marks of a range: `total` there are, the columns hold the first of them."""

    total: int
    columns: MarkColumns


class Brackets(BaseModel):
    """Lines as columns: of trade `index`, from `start` to `end` in epoch ms, from price `first` to `last`. The first of
    each trade is its way, "good" if it won; others are targets ("good") and stops ("bad").
    """

    index: list[int]
    symbol: list[str]
    tone: list[Literal["good", "bad"]]
    start: list[int]
    end: list[int]
    first: Numbers
    last: Numbers


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
