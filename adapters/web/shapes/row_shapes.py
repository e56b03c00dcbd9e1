"""The shapes of answers about rows of a result: pages of them, one trade, and one trigger."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Page(BaseModel):
    """One page of rows."""

    total: int
    offset: int
    items: list[dict[str, Any]]


class TradePage(Page):
    """One page of trades."""

    sums: dict[str, float] = Field(description="of all trades that are looked for, by field: money in USD")


class TriggerPage(Page):
    """One page of triggers: `total` are looked for, of the `stored` ones."""

    stored: int
    found: int | None = Field(description="the index of the trigger that was jumped to; null without one")


class TriggerOf(BaseModel):
    """A trigger that had to do with a trade; what is not known is null, and `note` says why."""

    role: Literal["opened", "closed", "added to"]
    trigger: int | None
    candidates: list[int] = Field(description="of which it may be one, where it is not known")
    note: str


class OneTrade(BaseModel, extra="allow"):
    """A closed trade with the fields of `BacktestTradeRecord`, and its triggers."""

    index: int
    total: int = Field(description="how many closed trades there are")
    triggers: list[TriggerOf]


class TradeOf(BaseModel):
    """A trade that a trigger had to do with."""

    number: int = Field(description="1 is the first")
    role: str = Field(description="opened, closed, added to; or that it may have")


class Trigger(BaseModel, extra="allow"):
    """One trigger: what the program saw, asked, decided and logged, and what became of its order. It is number `place`
    `among` those that are looked for, `previous` and `next` are the indices of its neighbours there.
    """

    index: int
    timestamp: int | None
    saw: dict[str, Any] | None
    queries: list[dict[str, Any]] | None
    decision: dict[str, Any] | None
    order: dict[str, Any] | None
    warm_up: dict[str, Any] | None = Field(description="the indicator that was too short for a decision to open")
    logs: list[str] | None
    error: str | None
    trades: list[TradeOf]
    previous: int | None
    next: int | None
    place: int
    among: int
