"""Requests about back-tests: start one, watch it, cancel it, look at its result."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from engine import BacktestConfig, ConfigurationError
from engine.program.language import LIVE_FORGETS

from ...desk import RunState
from ...results import RunStatus
from ..forms import ProgramCheck, beyond_limits, language_of, no_sandbox_text, with_served_defaults
from ..safety import OneProblem, Refused, configuration_problems
from ..services import ServicesOf, StoredAnswer
from ..shapes import Cancelled, History, Started, Summary
from .event_routes import RUN_STREAM, streamed
from .requests import AllTriggers, Body, DeskColumn, Limit, Offset, RunId, Wanted, body, config_schema, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])


async def checked_configuration(
    programs: ProgramCheck, values: dict[str, Any]
) -> tuple[BacktestConfig | None, list[OneProblem]]:
    """Return the configuration that a body describes and every problem of it and of its program."""
    problems = beyond_limits(with_served_defaults(values))
    if problems:
        return None, problems
    config, problems = await run_in_threadpool(_configuration, values)
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


def _configuration(values: dict[str, Any]) -> tuple[BacktestConfig | None, list[OneProblem]]:
    problems: list[OneProblem] = []
    if "strategy" in values:
        problems.append(OneProblem(field="strategy", message="cannot come in a request: give source text as code"))
    try:
        return BacktestConfig.from_dict({"code": "", **with_served_defaults(values), "strategy": None}), problems
    except ConfigurationError as error:
        return None, problems + configuration_problems(error)


@router.post(
    "",
    status_code=202,
    response_model=Started,
    openapi_extra=body(config_schema()),
    responses={200: RUN_STREAM, **refusals(400, 413, 415, 429)},
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
    place = f"{services.settings.path_prefix}/api/backtests/{run.run_id}"
    if stream:
        return streamed(services.followed.stream(run.run_id), {"Location": place})
    body = {"id": run.run_id, "status": RunStatus.RUNNING, "events": f"{place}/events"}
    return JSONResponse(body, 202, headers={"Location": place})


@router.get("", response_model=History, responses=refusals())
async def history(
    services: ServicesOf,
    wanted: Wanted,
    offset: Offset = 0,
    limit: Limit = 50,
    sort: DeskColumn = "id",
    descending: bool = True,
    deleted: Annotated[bool, Query(description="those that were deleted and can be brought back")] = False,
) -> Response:
    """List the stored back-tests in the order of a column, the newest first of equal ones; `q` is looked for in their
    configuration and program, and in what is noted of them.
    """
    await run_in_threadpool(services.lost.look)
    standings = services.queue.standings
    waiting = [run_id for run_id, standing in standings.items() if standing["place"] is not None]
    order: dict[str, Any] = {"sort": sort, "descending": descending, "hidden": deleted, "waiting": waiting}
    page = await run_in_threadpool(services.desk.page, wanted, offset, limit, **order)
    items = [{**item, "progress": standings.get(item["id"])} for item in page["items"]]
    return JSONResponse({**page, "items": items, "under_way": len(standings)})


@router.get("/{run_id}", response_model=Summary, responses=refusals(404))
async def summary(services: ServicesOf, run_id: RunId) -> Response:
    """Return the configuration and every figure of a back-test."""
    run, standing = services.queue.get(run_id), services.queue.standings.get(run_id)
    found = await run_in_threadpool(services.results.summary, run_id)
    noted = await run_in_threadpool(services.desk.notes, run_id)
    if found["status"] == RunStatus.RUNNING and run is None and await run_in_threadpool(services.lost.look):
        found = await run_in_threadpool(services.results.summary, run_id)
    elif found["status"] == RunStatus.RUNNING and run is not None and run.failure is not None:
        ended = {"status": RunStatus.FAILED, "state": RunState.FAILED, "error": run.failure}
        found |= ended  # the database could not be told yet
    if standing is not None and standing["place"] is not None:
        found["state"] = RunState.WAITING
    of_study = await run_in_threadpool(services.studies.of_result, run_id)
    is_over = standing is None and found["state"].is_over
    return (StoredAnswer if is_over else JSONResponse)({**found, **noted, "progress": standing, "study": of_study})


@router.delete("/{run_id}", response_model=Cancelled, responses=refusals(404, 409))
async def cancel(services: ServicesOf, run_id: RunId) -> Response:
    """Cancel a back-test that is waiting or running: it has stopped when the answer comes."""
    run = services.queue.get(run_id)
    if run is None or run.events.is_over:
        item = await run_in_threadpool(services.results.require, run_id)
        raise Refused(409, f"back-test {run_id} is not under way on this server: its status is {item['status']}")
    await services.queue.cancel(run)
    return JSONResponse({"id": run_id, "status": "cancelled"})
