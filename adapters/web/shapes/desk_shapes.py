"""The shapes of answers about the list of results: what is noted, chosen, deleted, compared."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from .backtest_shapes import HistoryItem


class Noted(BaseModel):
    """What is noted of a back-test."""

    id: int
    label: str | None
    note: str
    starred: bool
    tags: list[str]


class Deleted(BaseModel):
    """Which back-tests were deleted, or brought back."""

    ids: list[int]


class Choice(BaseModel):
    """A value, and how many back-tests have it."""

    value: str
    count: int


class Choices(BaseModel):
    """What the list of back-tests can be filtered by, and the columns that it can have."""

    columns: list[dict[str, Any]]
    further_columns: list[Choice] = Field(description="parameters of programs")
    exchanges: list[Choice]
    symbols: list[Choice]
    programs: list[Choice]
    tags: list[Choice]
    deleted: int = Field(description="how many were deleted and can be brought back")
    kept_deleted_ms: int = Field(description="for how long they can be")


class ComparedFigure(BaseModel):
    """A figure of each back-test, and at which places the best stand."""

    values: list[Any]
    best: list[int]
    differs: bool


class Compared(BaseModel):
    """What sets back-tests apart, in the order of their ids."""

    items: list[HistoryItem]
    figures: dict[str, ComparedFigure]
    config: dict[str, list[Any]] = Field(description="the fields that differ")
    first_trade: int | None = Field(description="of two: the place of the first trade that is not the same")
    trade: dict[str, list[Any]] = Field(description="in what it differs")


class ComparedCurve(BaseModel):
    """The equity of a back-test in USD at the instants, null where it was not running."""

    start: int | None
    end: int | None
    initial: float | None = Field(description="the balance that it began with")
    known: list[float | None] = Field(description="the last value by then")
    drawn: list[float | None] = Field(description="the same, but of every two instants lowest and highest since")


class ComparedEquity(BaseModel):
    """The equity of several back-tests at instants that they share."""

    instants: list[int] = Field(description="epoch ms, or ms since the start of each")
    ranges_differ: bool
    curves: list[ComparedCurve] = Field(description="in the order of their ids")
