"""The shapes of answers about signal pools."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Pool(BaseModel):
    """A stored signal pool."""

    id: int
    name: str
    logic: str
    enabled: bool
    exchange: str
    source_type: str
    symbols: list[str]
    signals: list[str]
    problems: list[str] = Field(description="why it cannot be run; empty when it can")


class Pools(BaseModel):
    """The stored signal pools."""

    pools: list[Pool]


class Preview(BaseModel):
    """When a pool would have fired."""

    symbol: str
    name: str
    trigger_count: int
    per_day: float
    check_points: int
    undefined: int = Field(description="check points at which it could not be decided")
    times: list[int]
    warnings: list[str] = Field(description="the signals that were left out, and why")
