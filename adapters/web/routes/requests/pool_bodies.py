"""The bodies of requests about signal pools."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from engine.instants import LAST_MS

from ...forms import LARGEST_ID
from .checked_bodies import AS_WHOLE, StrictBody
from .schema_of_faults import TIME

#: No control characters: databases differ in what they make of them.
_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"

ShortName = Annotated[str, Field(min_length=1, max_length=20, pattern=_PRINTABLE)]
LongName = Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE)]
#: Which texts are times, those know that read them.
Instant = Annotated[
    Annotated[int, Field(ge=0, le=LAST_MS), AS_WHOLE] | Annotated[str, Field(min_length=1, max_length=40)],
    WithJsonSchema(TIME),
]
StoredId = Annotated[int, Field(ge=1, le=LARGEST_ID), AS_WHOLE]
Condition = Annotated[dict[str, Any], Field(max_length=40, description="as the platform stores it")]
Logic = Literal["OR", "AND"]


class SignalBody(StrictBody):
    """A signal of a pool: a new one without an id; without a condition a stored one that stays as it is."""

    id: StoredId | None = None
    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    description: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")] = ""
    enabled: bool = True
    condition: Condition | None = None


class PoolBody(StrictBody):
    """A signal pool that is to be stored; `symbols` without any are all."""

    name: LongName
    logic: Logic = "OR"
    enabled: bool = True
    exchange: ShortName = "hyperliquid"
    symbols: Annotated[list[ShortName], Field(max_length=500)] = []
    signals: Annotated[list[SignalBody], Field(min_length=1, max_length=50)]
    revision: Annotated[str, Field(max_length=16)] | None = None


class PoolState(StrictBody):
    """Whether a pool is enabled."""

    enabled: bool


class RangeBody(StrictBody):
    """A range of time in a symbol."""

    exchange: ShortName = "hyperliquid"
    symbol: ShortName
    start_time: Instant
    end_time: Instant


class PreviewBody(RangeBody):
    """What is tried out: one of pool_id (a stored pool) and conditions (combined by logic)."""

    pool_id: StoredId | None = None
    conditions: Annotated[list[Condition], Field(min_length=1, max_length=50)] | None = None
    logic: Logic = "OR"


class DistributionBody(RangeBody):
    """A condition whose figure is looked at."""

    condition: Condition
