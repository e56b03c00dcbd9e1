"""The shapes of answers about studies."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from .program_shapes import Validation


class StudyStarted(BaseModel):
    """A study that was accepted."""

    id: int
    status: Literal["running"]
    events: str = Field(description="where its events are")


class StudyCancelled(BaseModel):
    """A study that was cancelled; what it has so far is stored."""

    id: int
    status: Literal["interrupted"]


class StudyCheck(Validation):
    """What is wrong with a study that is asked for, how many runs it means, and about how long these take."""

    runs: int | None = Field(description="about so many; null where something is wrong")
    seconds: float | None = Field(description="about so long, null where no run of the program is stored")
    measured: str | None = Field(description="the study or back-test that this is told by")


class StudyItem(BaseModel):
    """The main facts of a stored study. Times in epoch ms."""

    id: int
    kind: str
    status: str = Field(description="running, completed, interrupted or error")
    error: str | None
    label: str | None
    program: str | None
    symbols: list[str]
    exchange: str | None
    start_time: int | None
    end_time: int | None
    created_at: int | None
    metric: str | None = Field(description="the figure that its trials are judged by")
    planned: int | None = Field(description="how many trials there will be, as far as that is known")
    done: int
    failed: int
    duration_s: float
    best_number: int | None
    best_value: float | None
    best: dict[str, Any] = Field(description="what the parameters of the best trial are; of a study without one empty")
    tests: int | None = Field(description="how many tests a walk-forward has; null of another study")
    tests_return_percent: float | None
    progress: dict[str, Any] | None = Field(description="how far it has come, null when it is not under way here")


class StudyList(BaseModel):
    """One page of the stored studies, newest first."""

    total: int
    offset: int
    items: list[StudyItem]


class VariedParameter(BaseModel):
    """What varies."""

    name: str
    is_field: bool = Field(description="a field of the configuration, else a parameter of the program")
    values: list[Any] | None = Field(description="what it takes; null for an interval")


class StudyMetric(BaseModel):
    """A figure that trials are judged by."""

    name: str
    is_least: bool = Field(description="whether less of it is better")


class StudySummary(StudyItem):
    """Everything of a study but its trials."""

    config: dict[str, Any]
    parameters: list[VariedParameter]
    metrics: list[StudyMetric]
    result: int | None = Field(description="the stored result that a certificate is of")
    can_go_on: bool = Field(description="whether it ended before it was whole, so that what it lacks can be run")


class TrialResult(BaseModel):
    """The stored result of a trial; `is_same` tells whether it came to the digest of the trial, null before it did."""

    id: int
    status: str
    is_same: bool | None


class TrialItem(BaseModel):
    """A trial: what it was run with, and what it came to."""

    number: int
    state: str = Field(description="done, failed, pruned or infeasible")
    values: dict[str, Any]
    figures: dict[str, Any] = Field(description="the figures of its result that are single values")
    error: str | None
    duration_ms: float
    digest: str | None
    notes: dict[str, Any]
    result: TrialResult | None


class Trials(BaseModel):
    """One page of the trials: `total` are as asked for, of `all` that are stored."""

    total: int
    all: int
    offset: int
    items: list[TrialItem]


class GridAxis(BaseModel):
    """The places of a parameter."""

    name: str
    labels: list[str]
    is_number: bool


class Grid(BaseModel):
    """A figure over one parameter or two: a row for each place of `y`, of which there is one without a `y`."""

    figure: str
    is_least: bool
    x: GridAxis
    y: GridAxis | None
    values: list[list[float | None]]
    numbers: list[list[int | None]] = Field(description="the trials whose values they are")
    trials: list[list[int]] = Field(description="how many trials a cell has")
    failed: list[list[int]]
    best: list[int] | None = Field(description="row and column of the best cell")


class Walked(BaseModel):
    """The windows of a walk-forward, and the equity at the daily marks of all its tests, one after another."""

    windows: list[dict[str, Any]]
    figures: dict[str, float | int | None]
    account: str | None
    timestamp: list[int]
    equity: list[float]


class JudgedFigure(BaseModel):
    """A statistic of selection with what it means."""

    label: str
    value: str
    meaning: str


class Judgement(BaseModel):
    """Whether the best trial is more than luck, with all trials counted, and what else is to be said."""

    verdict: str
    rows: list[JudgedFigure]
    remarks: list[str]
    card: dict[str, Any] | None = Field(description="the robustness card of a study that is one")


class StudyForm(BaseModel):
    """The kinds of studies with their fields, and the figures that trials can be judged by."""

    kinds: list[dict[str, Any]]
    figures: list[str]
    told: list[str] = Field(description="the figures that are told of each run of a stress test")


class TrialOf(BaseModel):
    """The study that a stored result is a trial of."""

    id: int
    number: int
    is_same: bool | None = Field(description="whether the result is what the trial came to")
