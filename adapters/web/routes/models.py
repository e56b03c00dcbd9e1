"""The shapes of the API's answers, for its OpenAPI description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from engine.contract import ExitReason
from engine.result import FIGURES, Unit

from ...database import StoredSeries
from ...results import FIGURE_COLUMNS, RunStatus
from ..safety import OneProblem

Numbers = list[float]
MaybeNumbers = list[float | None]

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


def _with_columns(schema: dict[str, Any]) -> None:
    """Add the figures that stand in the row of a stored run."""
    schema["properties"] |= {name: _FIGURES[name] for name in FIGURE_COLUMNS}
    schema["required"] += FIGURE_COLUMNS


class Started(BaseModel):
    """A back-test that was accepted."""

    id: int
    status: Literal["running"]
    events: str = Field(description="where its events are")


class Cancelled(BaseModel):
    """A back-test that was cancelled; what it has so far is stored."""

    id: int
    status: Literal["cancelled"]


class HistoryItem(BaseModel, json_schema_extra=_with_columns):
    """The main facts of a stored back-test. Times in epoch ms, money in USD, percent in percent."""

    id: int
    status: str = Field(description=", ".join(RunStatus))
    error: str | None
    program: str | None = Field(description="the class that was run")
    exchange: str | None
    symbols: list[str]
    schedule: str | int | None
    pools: list[int]
    start_time: int | None
    end_time: int | None
    period: str | None = Field(description="both as text")
    created_at: int | None
    completed_at: int | None


class History(BaseModel):
    """One page of the stored back-tests, newest first."""

    total: int
    offset: int
    items: list[HistoryItem]


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
    triggers_saved: int
    progress: dict[str, Any] | None = Field(description="how far it has come, null when it is not under way here")


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


class MarkColumns(BaseModel):
    """Marks as columns of one length."""

    kind: list[str] = Field(description=f"entry, {', '.join(ExitReason)} (why it was closed), or trigger")
    time: list[int]
    symbol: list[str | None]
    side: list[str | None] = Field(description="long or short; of a trigger, what was decided")
    price: MaybeNumbers
    pnl: MaybeNumbers
    index: list[int] = Field(description="of the trade, or of the trigger")


class Markers(BaseModel):
    """The marks of a range: `total` there are, the columns hold the first of them."""

    total: int
    columns: MarkColumns


class Equity(BaseModel):
    """An equity curve as columns: epoch ms, and USD."""

    timestamp: list[int]
    equity: Numbers
    balance: Numbers
    drawdown: Numbers


class Brackets(BaseModel):
    """Lines as columns: of trade `index`, from `start` to `end` in epoch ms, from price `first` to `last`. The first of
    each trade is its way, "good" if it won; others are targets ("good") and stops ("bad").
    """

    index: list[int]
    symbol: list[str]
    tone: list[Literal["good", "bad"]]
    start: list[int]
    end: list[int]
    first: Numbers
    last: Numbers


class RecordedSeries(BaseModel):
    """A series that the program recorded, as columns: epoch ms, and values."""

    timestamp: list[int]
    value: Numbers


class Compared(BaseModel):
    """What sets two back-tests apart: name -> (first, second), and the first trade that differs."""

    first: HistoryItem
    second: HistoryItem
    config: dict[str, list[Any]]
    figures: dict[str, list[Any]]
    first_trade: int | None
    trade: dict[str, list[Any]]


class Klines(BaseModel):
    """Klines as columns; `time` is the open in epoch ms."""

    exchange: str
    symbol: str
    period: str
    period_ms: int
    time: list[int]
    open: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    volume: Numbers


class Symbols(BaseModel):
    """What the database covers; times are opens in epoch ms."""

    series: list[StoredSeries]


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


class Validation(BaseModel):
    """What is wrong with a program; warnings do not forbid running it."""

    valid: bool
    problems: list[OneProblem]


class ConfigurationCheck(Validation):
    """What is wrong with a configuration, and the same as TOML for ``perpsim run``."""

    toml: str | None


class Session(BaseModel):
    """Whether the browser may go on."""

    open: bool


class Health(BaseModel):
    """That the server and its database answer."""

    version: str
    under_way: int
    most_runs: int
    needs_token: bool
