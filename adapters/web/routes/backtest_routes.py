"""Requests about back-tests: start one, watch it, cancel it, look at its result."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from engine import BacktestConfig, BacktestTradeRecord, ConfigurationError
from engine.contract import ExitReason
from engine.program.language import LIVE_FORGETS

from ...results import FIGURE_COLUMNS, RunStatus, TriggerFilter
from ..forms import ProgramCheck, language_of, no_sandbox_text, with_served_defaults
from ..runs import RunEvents
from ..safety import OneProblem, Refused, configuration_problems
from ..services import ServicesOf
from .configuration_schema import config_schema
from .models import (
    Brackets,
    Cancelled,
    Compared,
    Equity,
    ExplainedTrade,
    History,
    Markers,
    Page,
    RecordedSeries,
    Started,
    Summary,
    Trigger,
)
from .parameters import (
    AllTriggers,
    Body,
    Index,
    Limit,
    Name,
    Offset,
    OtherId,
    RunId,
    SearchText,
    TimeMs,
    TradeNumber,
    body,
    refusals,
)

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "its number in the run"},
        "event": {"enum": ["calculating", "init", "progress", "complete", "error"]},
        "data": {"type": "string", "description": "JSON; always with the id of the back-test"},
    },
    "required": ["id", "event", "data"],
}
_STREAM: dict[str, Any] = {
    "description": "server-sent events: calculating, init, progress, complete, error",
    "content": {"text/event-stream": {"schema": _EVENT}},
}
_SORTS = "|".join(["index", *(field.name for field in fields(BacktestTradeRecord))])
Sort = Annotated[str, Query(pattern=f"^({_SORTS})$", description="a field of the trades, or index")]
_LAST_EVENT = Header(alias="Last-Event-ID", max_length=20, pattern="^[0-9]*$", description="the last event that came")


async def checked_configuration(
    programs: ProgramCheck, values: dict[str, Any]
) -> tuple[BacktestConfig | None, list[OneProblem]]:
    """Return the configuration that a body describes and every problem of it and of its program."""
    problems: list[OneProblem] = []
    config = None
    if "strategy" in values:
        problems.append(OneProblem(field="strategy", message="cannot come in a request: give source text as code"))
    try:
        given = {"code": "", **with_served_defaults(values), "strategy": None}
        config = BacktestConfig.from_dict(given)
    except ConfigurationError as error:
        problems += configuration_problems(error)
    if "code" not in values or values["code"] is None:
        problems.append(OneProblem(field="code", message="is required: the source text of the program"))
    elif isinstance(values["code"], str):
        symbols = () if config is None else config.symbols
        found = await programs.problems(values["code"], language_of(values), symbols, mistakes="warning")
        forgets = config is not None and config.strategy_lifetime == "trigger"
        problems += [each for each in found if not (forgets and LIVE_FORGETS in each.message)]
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    return config, problems


@router.post(
    "",
    status_code=202,
    response_model=Started,
    openapi_extra=body(config_schema()),
    responses={200: _STREAM, **refusals(400, 413, 415, 429)},
)
async def start_backtest(
    services: ServicesOf,
    values: Body,
    stream: Annotated[int, Query(ge=0, le=1, description="1: answer with the stream of its events")] = 0,
    all_triggers: AllTriggers = False,
) -> Response:
    """Start a back-test in a process of its own; the answer names it before it has run. Its log is stored without quiet
    triggers unless they are asked for.
    """
    if services.programs.sandbox_problem is not None:
        raise Refused(503, no_sandbox_text(services.programs.sandbox_problem))
    config, problems = await checked_configuration(services.programs, values)
    if config is None:
        raise Refused(422, "the configuration has problems", problems)
    run = await services.queue.start(config, all_triggers)
    place = f"/api/backtests/{run.run_id}"
    if stream:
        return _streamed(run.events, 0, {"Location": place})
    body = {"id": run.run_id, "status": RunStatus.RUNNING, "events": f"{place}/events"}
    return JSONResponse(body, 202, headers={"Location": place})


@router.get("", response_model=History, responses=refusals())
def history(
    services: ServicesOf,
    offset: Offset = 0,
    limit: Limit = 50,
    status: RunStatus | None = None,
    symbol: Name | None = None,
    q: SearchText | None = None,
) -> Response:
    """List the stored back-tests, newest first; `q` is looked for in their configuration and program."""
    return JSONResponse(services.results.history(offset, limit, status, symbol, q))


@router.get("/{run_id}", response_model=Summary, responses=refusals(404))
def summary(services: ServicesOf, run_id: RunId) -> Response:
    """Return the configuration and every figure of a back-test."""
    found = services.results.summary(run_id)
    run = services.queue.get(run_id)
    return JSONResponse({**found, "progress": None if run is None else run.progress})


@router.delete("/{run_id}", response_model=Cancelled, responses=refusals(404, 409))
async def cancel(services: ServicesOf, run_id: RunId) -> Response:
    """Cancel a back-test that is waiting or running: it has stopped when the answer comes."""
    run = services.queue.get(run_id)
    if run is None or run.events.is_over:
        item = services.results.require(run_id)
        raise Refused(409, f"back-test {run_id} is not under way on this server: its status is {item['status']}")
    await services.queue.cancel(run)
    return JSONResponse({"id": run_id, "status": "cancelled"})


@router.get("/{run_id}/events", response_class=StreamingResponse, responses={200: _STREAM, **refusals(404)})
async def events(
    services: ServicesOf, run_id: RunId, last_event_id: Annotated[str | None, _LAST_EVENT] = None
) -> Response:
    """Stream what happens in a back-test; with Last-Event-ID, what has happened since."""
    run = services.queue.get(run_id)
    found = run.events if run is not None else _stored_events(services, run_id)
    return _streamed(found, int(last_event_id or 0), {})


@router.get("/{run_id}/triggers", response_model=Page, responses=refusals(404))
def triggers(
    services: ServicesOf,
    run_id: RunId,
    offset: Offset = 0,
    limit: Limit = 100,
    only: TriggerFilter | None = None,
    symbol: Name | None = None,
    all_triggers: AllTriggers = False,
) -> Response:
    """Return one page of the trigger log: of the triggers of which something came, unless others are asked for."""
    return JSONResponse(services.results.triggers(run_id, offset, limit, only, symbol, all_triggers))


@router.get("/{run_id}/triggers/{index}", response_model=Trigger, responses=refusals(404))
def trigger(services: ServicesOf, run_id: RunId, index: Index) -> Response:
    """Return one trigger: what the program saw, asked, decided and logged."""
    return JSONResponse(services.results.trigger(run_id, index))


@router.get("/{run_id}/trades", response_model=Page, responses=refusals(404))
def trades(
    services: ServicesOf,
    run_id: RunId,
    offset: Offset = 0,
    limit: Limit = 100,
    sort: Sort = "index",
    descending: bool = False,
    symbol: Name | None = None,
    side: Annotated[Literal["long", "short"] | None, Query()] = None,
    exit_reason: ExitReason | None = None,
) -> Response:
    """Return one page of the closed trades, sorted and filtered."""
    wanted = {"symbol": symbol, "side": side, "exit_reason": exit_reason}
    given = {name: value for name, value in wanted.items() if value is not None}
    return JSONResponse(services.results.trades(run_id, offset, limit, sort, descending, given))


@router.get("/{run_id}/trades/{number}/explanation", response_model=ExplainedTrade, responses=refusals(404, 409, 429))
async def explanation(services: ServicesOf, run_id: RunId, number: TradeNumber) -> Response:
    """Say what led to a trade, by its number from 1 on: the back-test is run again for that, in its turn."""
    await run_in_threadpool(_require_trade, services, run_id, number)
    return JSONResponse(await services.explanations.get(run_id, number))


def _require_trade(services: ServicesOf, run_id: int, number: int) -> None:
    total = services.results.trades(run_id, 0, 1, "index", False, {})["total"]
    if number > total:
        raise Refused(404, f"back-test {run_id} has no trade {number}: it has {total:,} closed trades")


@router.get("/{run_id}/markers", response_model=Markers, responses=refusals(404))
def markers(
    services: ServicesOf,
    run_id: RunId,
    symbol: Name | None = None,
    start: TimeMs = 0,
    end: TimeMs = 253_402_300_799_000,
    most: Annotated[int, Query(ge=1, le=20_000)] = 2_000,
    with_triggers: bool = True,
) -> Response:
    """Return marks for a price chart: entries and exits, then triggers."""
    return JSONResponse(services.results.markers(run_id, symbol, start, end, most, with_triggers))


@router.get("/{run_id}/equity", response_model=Equity, responses=refusals(404))
def equity(services: ServicesOf, run_id: RunId, points: Annotated[int, Query(ge=4, le=2_000)] = 1_000) -> Response:
    """Return the equity curve: at most `points` points that keep the first, the last and every extreme."""
    return JSONResponse(services.results.equity(run_id, points))


@router.get("/{run_id}/brackets", response_model=Brackets, responses=refusals(404))
def brackets(services: ServicesOf, run_id: RunId) -> Response:
    """Return the lines of all trades for a price chart: the way from entry to exit, and where its exits stood."""
    return JSONResponse(services.results.brackets(run_id))


@router.get("/{run_id}/records", response_model=dict[str, RecordedSeries], responses=refusals(404))
def records(services: ServicesOf, run_id: RunId) -> Response:
    """Return the series that the program recorded, by name: at most 2,000 points of each, every extreme among them."""
    return JSONResponse(services.results.records(run_id))


@router.get("/{run_id}/compare/{other_id}", response_model=Compared, responses=refusals(404))
def compare(services: ServicesOf, run_id: RunId, other_id: OtherId) -> Response:
    """Return what sets two back-tests apart."""
    found = asdict(services.results.compare(run_id, other_id))
    pair = {"first": services.results.require(run_id), "second": services.results.require(other_id)}
    return JSONResponse({**pair, **found})


def _streamed(found: RunEvents, number: int, headers: dict[str, str]) -> StreamingResponse:
    return StreamingResponse(
        found.stream(number), media_type="text/event-stream", headers={"X-Accel-Buffering": "no", **headers}
    )


def _stored_events(services: ServicesOf, run_id: int) -> RunEvents:
    """Return the last event of a run that is over, or that another process runs, from what is stored of it."""
    item = services.results.require(run_id)
    found = RunEvents(run_id)
    if item["status"] == RunStatus.COMPLETED:
        found.add("complete", **{name: item[name] for name in FIGURE_COLUMNS})
    elif item["status"] == RunStatus.FAILED:
        found.add("error", message=item["error"], cancelled=item["error"] == "cancelled")
    else:
        found.add("error", message="it runs in another process; its result will be stored", cancelled=False)
    return found
