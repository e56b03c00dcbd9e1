"""The shapes of answers about what led to a trade."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ExplainedStep(BaseModel):
    """One thing that happened, in words."""

    time: str | None = Field(description="UTC; null for what has no instant")
    text: str
    source: str = Field(description="the rule and the row of the data, where there are any")


class ExplainedPart(BaseModel):
    """Steps under one heading, in order."""

    title: str
    steps: list[ExplainedStep]


class ExplainedTrade(BaseModel):
    """What led to a trade, step by step."""

    summary: str
    sections: list[ExplainedPart]
    remarks: list[str] = Field(description="where the run comes to something else now than was stored")
