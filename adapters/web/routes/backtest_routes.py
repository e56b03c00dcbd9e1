"""Requests about back-tests: start one, watch it, cancel it, look at its result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from engine import BacktestConfig, ConfigurationError
from engine.program.language import LIVE_FORGETS

from ...results import FIGURE_COLUMNS, RunStatus
from ..forms import ProgramCheck, language_of, no_sandbox_text, with_served_defaults
from ..runs import RunEvents
from ..safety import OneProblem, Refused, configuration_problems
from ..services import ServicesOf
from ..shapes import Cancelled, Compared, History, Started, Summary
from .requests import AllTriggers, Body, Limit, Name, Offset, OtherId, RunId, SearchText, body, config_schema, refusals

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
STREAM: dict[str, Any] = {
    "description": "server-sent events: calculating, init, progress, complete, error",
    "content": {"text/event-stream": {"schema": _EVENT}},
}
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
    responses={200: STREAM, **refusals(400, 413, 415, 429)},
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
        return streamed(run.events, 0, {"Location": place})
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
    of_study = services.studies.of_result(run_id)
    return JSONResponse({**found, "progress": None if run is None else run.progress, "study": of_study})


@router.delete("/{run_id}", response_model=Cancelled, responses=refusals(404, 409))
async def cancel(services: ServicesOf, run_id: RunId) -> Response:
    """Cancel a back-test that is waiting or running: it has stopped when the answer comes."""
    run = services.queue.get(run_id)
    if run is None or run.events.is_over:
        item = services.results.require(run_id)
        raise Refused(409, f"back-test {run_id} is not under way on this server: its status is {item['status']}")
    await services.queue.cancel(run)
    return JSONResponse({"id": run_id, "status": "cancelled"})


@router.get("/{run_id}/events", response_class=StreamingResponse, responses={200: STREAM, **refusals(404)})
async def events(
    services: ServicesOf, run_id: RunId, last_event_id: Annotated[str | None, _LAST_EVENT] = None
) -> Response:
    """Stream what happens in a back-test; with Last-Event-ID, what has happened since."""
    run = services.queue.get(run_id)
    found = run.events if run is not None else _stored_events(services, run_id)
    return streamed(found, int(last_event_id or 0), {})


@router.get("/{run_id}/compare/{other_id}", response_model=Compared, responses=refusals(404))
def compare(services: ServicesOf, run_id: RunId, other_id: OtherId) -> Response:
    """Return what sets two back-tests apart."""
    found = asdict(services.results.compare(run_id, other_id))
    pair = {"first": services.results.require(run_id), "second": services.results.require(other_id)}
    return JSONResponse({**pair, **found})


def streamed(found: RunEvents, number: int, headers: dict[str, str]) -> StreamingResponse:
    """Return the answer that streams the events after a number."""
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
