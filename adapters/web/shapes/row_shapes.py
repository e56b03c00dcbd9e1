"""The shapes of answers about rows of a result: pages of them, and one trigger."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Page(BaseModel):
    """One page of rows."""

    total: int
    offset: int
    items: list[dict[str, Any]]


class Trigger(BaseModel, extra="allow"):
    """One trigger: what the program saw, asked, decided and logged, and what became of its order."""

    index: int
    timestamp: int | None
    saw: dict[str, Any] | None
    queries: list[dict[str, Any]] | None
    decision: dict[str, Any] | None
    order: dict[str, Any] | None
    warm_up: dict[str, Any] | None = Field(description="the indicator that was too short for a decision to open")
    logs: list[str] | None
    error: str | None
