"""The shapes of answers about signal pools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class PoolSignal(BaseModel):
    """A stored signal; one of a pool may be missing, which its problem says."""

    id: int
    name: str
    description: str
    enabled: bool
    exchange: str
    condition: Any = Field(description="as it is stored")
    text: str = Field(description="the condition as a short text, empty where it is malformed")
    problem: str = Field(description="why it cannot be judged here, empty where it can")
    pools: list[int] = Field(description="the pools that it is in")


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
    members: list[int] = Field(description="the ids of its signals")
    problems: list[str] = Field(description="why it cannot be run; empty when it can")
    warnings: list[str] = Field(description="what of it a run leaves out")
    is_editable: bool = Field(description="whether it is one of market signals")
    revision: str = Field(description="another one as soon as the pool or one of its signals has changed")


class Pools(BaseModel):
    """The stored signal pools, the newest `pools` of `total`, and the signals that they may be made of."""

    pools: list[Pool]
    total: int
    signals: list[PoolSignal]
    signal_total: int


class ConditionForms(BaseModel):
    """What conditions can be made of: every kind with its fields."""

    kinds: list[dict[str, Any]]
    logics: dict[str, str]
    limits: dict[str, int]
    known_keys: list[str] = Field(description="the keys of a condition that perpsim reads")


class SavedPool(BaseModel):
    """A pool that has been stored or changed."""

    id: int
    warnings: list[str] = Field(description="what of it a run would leave out")


class Firing(BaseModel):
    """One time at which a pool fired, with what its signals saw."""

    time: int
    told: list[str]


class Preview(BaseModel):
    """When a pool would have fired."""

    symbol: str
    exchange: str
    name: str
    trigger_count: int
    per_day: float
    check_points: int
    undefined: int = Field(description="check points at which it could not be decided")
    times: list[int] = Field(description="the first of them, as many as the limit allows")
    firings: list[Firing] = Field(description="what the signals saw at the first of these times")
    first_day: int = Field(description="the day of the first of `by_day`, epoch ms")
    by_day: list[int] = Field(description="how often it fired on each day, UTC")
    by_hour: list[int] = Field(description="how often it fired in each hour of the day, UTC")
    warnings: list[str] = Field(description="the signals that were left out, and why")


class SpreadLevel(BaseModel):
    """What a threshold does: in which share of the time the condition is true, and how many times a day it fires."""

    threshold: float
    share: float
    per_day: float


class Spread(BaseModel):
    """How the figure of a condition is spread over a range."""

    text: str
    check_points: int
    undefined: int
    edges: list[float] = Field(
        description="of the bins of a histogram, one more than there are; the outermost hold more"
    )
    counts: list[int]
    bounds: list[float] = Field(description="where the condition's threshold stands among the values")
    quantiles: list[tuple[float, float]] = Field(description="share of the values, and the value")
    present: SpreadLevel | None = Field(description="the condition's own threshold; null where it has none")
    levels: list[SpreadLevel] = Field(description="other thresholds, the rarest first")
