"""The shapes of answers about what is stored of the market."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ...database import StoredSeries


class Symbols(BaseModel):
    """What the database covers; times are opens in epoch ms."""

    series: list[StoredSeries]


class DataItem(BaseModel):
    """One stored series; times are in epoch ms."""

    kind: str
    exchange: str
    symbol: str = Field(description='"*" is every symbol')
    period: str | None = Field(description="of klines")
    feature: str | None = Field(description="the name of a feature")
    rows: int
    first_ms: int
    last_ms: int
    missing: int | None = Field(description="klines between the first and the last; of other rows the holes tell")
    written: str | None = Field(description="when the newest row was stored, UTC")


class StoredData(BaseModel):
    """What is stored of the market, by exchange, symbol and kind."""

    series: list[DataItem]
    total: int
    kinds: dict[str, str] = Field(description="what each kind is")


class Hole(BaseModel):
    """About so many rows are missing from a time to another, epoch ms."""

    from_ms: int
    to_ms: int
    missing: int


class Holes(BaseModel):
    """Where rows of a series are missing: the longest of `count` holes, in order of time, and in all of them."""

    count: int
    missing: int
    holes: list[Hole]
