"""The shapes of answers about back-tests as a whole."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from engine.result import FIGURES, Unit

from ...desk import RunState
from ...results import FIGURE_COLUMNS, RunStatus
from .study_shapes import TrialOf

_TYPES = {
    Unit.FLAG: "boolean",
    Unit.TEXT: "string",
    **dict.fromkeys((Unit.COUNTS, Unit.PERCENTS, Unit.TEXTS), "object"),
    **dict.fromkeys((Unit.ROWS, Unit.LINES), "array"),
}
#: The figures of a result as properties of a schema.
_FIGURES: dict[str, JsonValue] = {
    name: {
        "type": [_TYPES.get(figure.unit, "number"), "null"],
        "title": figure.title,
        "description": f"{figure.meaning} ({figure.unit})",
    }
    for name, figure in FIGURES.items()
    if figure.unit is not Unit.RECORDS
}


class Started(BaseModel):
    """A back-test that was accepted."""

    id: int
    status: Literal["running"]
    events: str = Field(description="where its events are")


class Cancelled(BaseModel):
    """A back-test that was cancelled; what it has so far is stored."""

    id: int
    status: Literal["cancelled"]


class Standing(BaseModel, extra="allow"):
    """How far a back-test has come that waits or runs on this server."""

    stage: str = Field(description="queued, calculating or running")
    place: int | None = Field(description="in the queue: 1 is the next, null when it runs")
    elapsed_ms: int = Field(description="since it was put in the queue, or since it runs")
    left_ms: int | None = Field(description="about how long it still will run, null when that is not known")


def _with_columns(schema: dict[str, Any]) -> None:
    """Add the figures that stand in the row of a stored run."""
    schema["properties"] |= {name: _FIGURES[name] for name in FIGURE_COLUMNS}
    schema["required"] += FIGURE_COLUMNS


class HistoryItem(BaseModel, json_schema_extra=_with_columns):
    """The main facts of a stored back-test. Times in epoch ms, money in USD, percent in percent."""

    id: int
    status: str = Field(description=", ".join(RunStatus))
    state: RunState
    error: str | None
    program: str | None = Field(description="the class that was run")
    exchange: str | None
    symbols: list[str]
    schedule: str | int | None
    pools: list[int]
    parameters: dict[str, Any] = Field(description="of the program")
    start_time: int | None = Field(description="of the range that was run, once it is over")
    end_time: int | None
    period: str | None = Field(description="both as text")
    created_at: int | None
    completed_at: int | None
    took_ms: int | None = Field(description="from its start in the queue to its end")
    remarks: dict[str, str] = Field(description="what is to be known of its ratios, by their names")
    label: str | None = Field(description="what it is called")
    note: str
    starred: bool
    tags: list[str]
    deleted_at: int | None = Field(default=None, description="of one that was deleted and can be brought back")
    progress: Standing | None = Field(description="how far it has come, null when it is not under way here")


class History(BaseModel):
    """One page of the stored back-tests."""

    total: int = Field(description="how many are as they are wanted")
    stored: int = Field(description="of how many")
    offset: int
    items: list[HistoryItem]
    under_way: int = Field(description="how many wait or run on this server")


class Step(BaseModel):
    """How many triggers, decisions, orders or trades came so far."""

    label: str
    count: int
    kind: Literal["step", "part", "lost"]


class Summary(HistoryItem):
    """Everything of a back-test but its trades, triggers and curve."""

    config: dict[str, Any]
    figures: dict[str, Any] = Field(
        description="the fields of BacktestResult; empty until it is over", json_schema_extra={"properties": _FIGURES}
    )
    faults: list[dict[str, Any]] = Field(description="each of its faults: name, about, effect, symbols, starts, ends")
    funnel: list[Step] = Field(description="from triggers to closed trades; empty until it is over")
    came_to: str | None = Field(description="how far it came, where that is less than what was asked for")
    triggers_saved: int
    study: TrialOf | None = Field(description="the study that it is a trial of, null where it is of none")
