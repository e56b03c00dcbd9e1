"""Requests about studies: start one, watch it, cancel it, look at its trials, make one of them a result."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from engine import BacktestConfig, ConfigurationError
from engine.result import FIGURES

from ...results import RunStatus
from ...stress import TOLD
from ...studies import note_trial_result
from ...trials import KEPT_FIGURES
from ..forms import KINDS, LARGEST_ID, AskedStudy, checked_study, form_entries, no_sandbox_text, with_served_defaults
from ..runs import STUDIES
from ..safety import OneProblem, Refused, configuration_problems
from ..services import Services, ServicesOf, announced, announced_again
from ..shapes import (
    Grid,
    Judgement,
    Started,
    StudyCancelled,
    StudyCheck,
    StudyForm,
    StudyList,
    StudyStarted,
    StudySummary,
    Trials,
    Walked,
)
from .backtest_routes import checked_configuration
from .event_routes import LAST_EVENT, RUN_STREAM, streamed
from .requests import Body, Limit, Offset, SearchText, asked_schema, body, refusals

router = APIRouter(prefix="/api/studies", tags=["studies"])

StudyId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the id of a study")]
TrialNumber = Annotated[int, Path(ge=0, le=LARGEST_ID, description="the number of a trial, 0 is the first")]
Kind = Annotated[str, Query(pattern=f"^({'|'.join(KINDS)})$", description="a kind of studies")]
#: Names of parameters are those of a program: any text that can be printed.
Named = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
_NUMBERS = [name for name in KEPT_FIGURES if FIGURES[name].unit.is_number]
FigureName = Annotated[str, Query(pattern=f"^({'|'.join(_NUMBERS)})$", description="a figure that is a number")]
State = Literal["done", "failed", "pruned", "infeasible"]


async def _checked(services: Services, values: dict[str, Any]) -> tuple[AskedStudy | None, list[OneProblem]]:
    """Return the study that a body asks for, and every problem of it, its configuration and its program."""
    given = values.get("config")
    if not isinstance(given, dict):
        return None, [OneProblem(field="config", message="is required: the configuration of the back-test")]
    config, problems = await checked_configuration(services.programs, given)
    if config is None:
        return None, problems
    try:
        asked = await run_in_threadpool(_asked, services, values, config)
    except ConfigurationError as error:
        return None, [*problems, *configuration_problems(error)]
    return asked, problems


def _asked(services: Services, values: dict[str, Any], config: BacktestConfig) -> AskedStudy:
    asked = checked_study(values, config)
    if asked.study is not None:
        try:
            services.studies.head(asked.study)
        except Refused as error:
            raise ConfigurationError([f"study: {error}"]) from error
    return asked


@router.post(
    "",
    status_code=202,
    response_model=StudyStarted,
    openapi_extra=body(asked_schema()),
    responses=refusals(400, 413, 415, 429),
)
async def start_study(services: ServicesOf, values: Body) -> Response:
    """Start a study in a process of its own, in its turn among the back-tests; its trials run one after another."""
    _require_sandbox(services)
    asked, problems = await _checked(services, values)
    if asked is None:
        raise Refused(422, "the study has problems", problems)
    config = with_served_defaults(values["config"])
    run = await services.queue.take(partial(announced, services.database, asked, values, config))
    return _started(services, run.run_id)


def _require_sandbox(services: Services) -> None:
    if services.programs.sandbox_problem is not None:
        raise Refused(503, no_sandbox_text(services.programs.sandbox_problem))


def _started(services: Services, study_id: int) -> Response:
    place = f"{services.settings.path_prefix}/api/studies/{study_id}"
    started = {"id": study_id, "status": "running", "events": f"{place}/events"}
    return JSONResponse(started, 202, headers={"Location": place})


@router.get("", response_model=StudyList, responses=refusals())
def studies(services: ServicesOf, offset: Offset = 0, limit: Limit = 50, kind: Kind | None = None) -> Response:
    """List the stored studies, newest first."""
    found = services.studies.page(offset, limit, kind)
    items = [{**each, "progress": _progress(services, each["id"])} for each in found["items"]]
    return JSONResponse({**found, "items": items})


@router.get("/form", response_model=StudyForm, responses=refusals())
def form(services: ServicesOf) -> Response:
    """Return what the form of a new study shows: the kinds with their fields, and the figures to judge by."""
    return JSONResponse({"kinds": form_entries(), "figures": _NUMBERS, "told": list(TOLD)})


@router.post(
    "/validate",
    response_model=StudyCheck,
    openapi_extra=body({"type": "object", "title": "AnyStudy", "additionalProperties": True}),
    responses=refusals(400, 413, 415, 429),
)
async def validate_study(services: ServicesOf, values: Body) -> Response:
    """Return every problem of a study that is asked for, how many runs it means, and about how long they take."""
    asked, problems = await _checked(services, values)
    found: dict[str, Any] = {"runs": None, "seconds": None, "measured": None}
    if asked is not None:
        found = await run_in_threadpool(_amount, services, asked)
    told = [each.model_dump() for each in problems]
    return JSONResponse({"valid": asked is not None, "problems": told, **found})


def _amount(services: Services, asked: AskedStudy) -> dict[str, Any]:
    runs, worth = asked.planned()
    measured = services.studies.measured(asked.config)
    if measured is None:
        return {"runs": runs, "seconds": None, "measured": None}
    what, seconds = measured
    return {"runs": runs, "seconds": round(worth * seconds, 1), "measured": what}


@router.get("/{study_id}", response_model=StudySummary, responses=refusals(404))
def study(services: ServicesOf, study_id: StudyId) -> Response:
    """Return everything of a study but its trials."""
    return JSONResponse({**services.studies.summary(study_id), "progress": _progress(services, study_id)})


@router.delete("/{study_id}", response_model=StudyCancelled, responses=refusals(404, 409))
async def cancel_study(services: ServicesOf, study_id: StudyId) -> Response:
    """Cancel a study that waits or runs: it has stopped when the answer comes, and what is done stays stored."""
    run = services.queue.find(STUDIES, study_id)
    if run is None or run.events.is_over:
        _, item = await run_in_threadpool(services.studies.head, study_id)
        raise Refused(409, f"study {study_id} is not under way on this server: its status is {item['status']}")
    await services.queue.cancel(run)
    return JSONResponse({"id": study_id, "status": "interrupted"})


@router.post("/{study_id}/resume", status_code=202, response_model=StudyStarted, responses=refusals(404, 409, 429))
async def resume_study(services: ServicesOf, study_id: StudyId) -> Response:
    """Go on with a study that was cancelled, or whose process has ended before it was whole: only what it lacks is run,
    in its turn, with what is stored of it; one of which the market has changed meanwhile ends with an error.
    """
    _require_sandbox(services)
    run = services.queue.find(STUDIES, study_id)
    if run is not None and not run.events.is_over:
        raise Refused(409, f"study {study_id} is under way")
    await run_in_threadpool(services.studies.require_unfinished, study_id)
    await services.queue.take(partial(announced_again, services.database, study_id))
    return _started(services, study_id)


@router.get("/{study_id}/events", response_class=StreamingResponse, responses={200: RUN_STREAM, **refusals(404)})
async def study_events(
    services: ServicesOf, study_id: StudyId, last_event_id: Annotated[str | None, LAST_EVENT] = None
) -> Response:
    """Stream what happens in a study, with the best trial so far; with Last-Event-ID, what has happened since."""
    await services.followed.require(study_id, STUDIES)
    return streamed(services.followed.stream(study_id, int(last_event_id or 0), STUDIES))


@router.get("/{study_id}/trials", response_model=Trials, responses=refusals(404))
def trials(
    services: ServicesOf,
    study_id: StudyId,
    offset: Offset = 0,
    limit: Limit = 100,
    sort: Named = "number",
    descending: bool = False,
    state: State | None = None,
    q: SearchText | None = None,
) -> Response:
    """Return one page of the trials, sorted by a parameter, a figure, number, state or duration_ms; `q` is looked for
    in their values.
    """
    return JSONResponse(services.studies.trials(study_id, offset, limit, sort, descending, state, q))


@router.get("/{study_id}/grid", response_model=Grid, responses=refusals(404))
def grid(
    services: ServicesOf,
    study_id: StudyId,
    x: Named,
    y: Named | None = None,
    figure: FigureName | None = None,
    of: Literal["best", "mean", "worst"] = "best",
) -> Response:
    """Return a figure (that of the study) over two parameters, or without `y` the best over one."""
    return JSONResponse(services.studies.grid(study_id, x, y, figure, of))


@router.get("/{study_id}/walk", response_model=Walked, responses=refusals(404, 409))
def walk(services: ServicesOf, study_id: StudyId) -> Response:
    """Return the windows of a walk-forward, what was chosen and what it came to, and the curve of all tests."""
    return JSONResponse(services.studies.walk(study_id))


@router.get("/{study_id}/judgement", response_model=Judgement, responses=refusals(404))
def judgement(services: ServicesOf, study_id: StudyId) -> Response:
    """Return whether the best trial is more than luck, what is to be said of the trials, and the card of one."""
    with services.heavy:
        return JSONResponse(services.studies.judgement(study_id))


@router.post(
    "/{study_id}/trials/{number}/result", status_code=202, response_model=Started, responses=refusals(404, 409, 429)
)
async def open_trial(services: ServicesOf, study_id: StudyId, number: TrialNumber) -> Response:
    """Make a trial a stored result: it is run again, as a back-test in the jail, unless that was done before."""
    _require_sandbox(services)
    run_id = await run_in_threadpool(services.studies.result_of, study_id, number)
    if run_id is None:
        config = await run_in_threadpool(services.studies.config_of, study_id, number)
        run = await services.queue.start(config)
        run_id = run.run_id
        await run_in_threadpool(note_trial_result, services.database, study_id, number, run_id)
    place = f"{services.settings.path_prefix}/api/backtests/{run_id}"
    started = {"id": run_id, "status": RunStatus.RUNNING, "events": f"{place}/events"}
    return JSONResponse(started, 202, headers={"Location": place})


def _progress(services: Services, study_id: int) -> dict[str, Any] | None:
    run = services.queue.find(STUDIES, study_id)
    return None if run is None else run.progress
