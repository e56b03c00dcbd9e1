"""The shapes of answers about the summary of a result."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class TableColumn(BaseModel):
    """A column: what its values are, in which unit, and what they mean."""

    key: str
    label: str
    unit: str
    signed: bool
    words: str
    wraps: bool
    meaning: str


class Table(BaseModel):
    """Rows under columns: `rows` of the `total` that there are."""

    name: str
    title: str
    meaning: str = Field(description="what the rows are of, and how they are counted")
    columns: list[TableColumn]
    rows: list[dict[str, Any]]
    total: int
    opens_trade: bool = Field(description="whether each row is of the trade at its place `index`")


class ExcursionPoints(BaseModel):
    """Excursions and net PnL of trades in percent of their entry notional, as columns: of `total` trades some."""

    index: list[int]
    mae_percent: list[float]
    mfe_percent: list[float]
    pnl_percent: list[float]
    total: int


class SummaryTables(BaseModel):
    """The tables of a summary in their order, and the points of its picture."""

    tables: list[Table]
    excursions: ExcursionPoints
