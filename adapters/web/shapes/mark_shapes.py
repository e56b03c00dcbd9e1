"""The shapes of answers for what a chart marks on the price: marks and lines, as columns."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

MaybeNumbers = list[float | None]
MaybePlaces = list[int | None]
Source = Literal["fills", "trades"]

_SOURCE = "what they are made of: the fills of the run, or its closed trades where its fills were not stored"
_NOTE = "in words, what that leaves out"
_GIVEN = "of how many of them the answer tells"


class MarkColumns(BaseModel):
    """Marks as columns of one length, in order of time."""

    kind: list[str] = Field(description="one of the `marks` of the vocabulary, or what a later version stored")
    time: list[int]
    symbol: list[str | None]
    side: list[str | None] = Field(description="of a fill long or short, of an order buy or sell, or what was decided")
    price: MaybeNumbers
    size: MaybeNumbers = Field(description="in coins")
    fee: MaybeNumbers = Field(description="of the fill, in USD")
    pnl: MaybeNumbers = Field(description="of the trade, net, in USD")
    trade_fee: MaybeNumbers = Field(description="of the trade: its share of the entry fees, and the exit fee, in USD")
    funding: MaybeNumbers = Field(description="of the trade, in USD, received +")
    trade: MaybePlaces = Field(description="the index of the trade; of an entry, of the first that closed some of it")
    trigger: MaybePlaces = Field(description="the index of the trigger at which it was decided")
    order: MaybePlaces
    position: MaybePlaces = Field(description="a number that all fills of a position have")
    text: list[str | None] = Field(description="why: what the decision said, or why an order was refused or cancelled")


class MarkBars(BaseModel):
    """What marks come to in each bar, as columns: how many there are, and the net PnL of the exits in USD."""

    time: list[int] = Field(description="the open of the bar")
    count: list[int]
    entries: list[int]
    exits: list[int]
    wins: list[int]
    losses: list[int]
    others: list[int]
    pnl: list[float]


class Markers(BaseModel):
    """The marks of a range: `total` there are. The columns hold the first `given` of them, or else the bars tell of all
    of them, added up `per` so many ms.
    """

    source: Source = Field(description=_SOURCE)
    note: str = Field(description=_NOTE)
    total: int
    given: int = Field(description=_GIVEN)
    per: int | None
    kinds: dict[str, int] = Field(description="how many of each kind there are in the whole run")
    columns: MarkColumns
    bars: MarkBars


class LineColumns(BaseModel):
    """Lines as columns, from `start` to `end` in epoch ms, from price `first` to `last`: pieces of the `way` of a
    position from fill to fill, "good" if its trade won, and where its exits stood: target ("good"), stop and trailing
    stop ("bad").
    """

    kind: list[Literal["way", "target", "stop", "step"]]
    trade: MaybePlaces = Field(description="the index of the trade that comes next on the way; none while it is open")
    position: list[int]
    symbol: list[str]
    tone: list[Literal["good", "bad"]]
    start: list[int]
    end: list[int]
    first: list[float]
    last: list[float]


class Brackets(BaseModel):
    """The lines of a range: `total` there are, the columns hold the first `given` of them."""

    source: Source = Field(description=_SOURCE)
    note: str = Field(description=_NOTE)
    total: int
    given: int = Field(description=_GIVEN)
    columns: LineColumns
