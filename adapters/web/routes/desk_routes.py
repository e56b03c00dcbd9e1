"""Requests about the list of results: what is noted of one, deleting some, comparing some."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ...desk import NAMES, NotesChanged, change_notes, compare_many, comparison_csv, items_csv
from ...results import NoSuchResult, NotDeletable, StoredResult
from ..safety import Refused, printable
from ..services import Services, ServicesOf
from ..shapes import Choices, Compared, ComparedEquity, Deleted, Noted
from .requests import (
    IDS_SCHEMA,
    NOTES_SCHEMA,
    Body,
    ComparedIds,
    DeskColumn,
    DeskColumns,
    RunId,
    Wanted,
    body,
    checked_ids,
    checked_notes,
    each_id,
    refusals,
)

router = APIRouter(prefix="/api", tags=["list of back-tests"])


_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("/desk", response_model=Choices, responses=refusals())
def choices(services: ServicesOf) -> Response:
    """Tell the columns of the list of back-tests, and what it can be filtered by."""
    return JSONResponse(services.desk.choices())


@router.get("/desk/csv", response_class=Response, responses={**_CSV, **refusals()})
def list_file(
    services: ServicesOf,
    wanted: Wanted,
    columns: DeskColumns = None,
    sort: DeskColumn = "id",
    descending: bool = True,
    deleted: bool = False,
) -> Response:
    """Return the list of back-tests as CSV: all that are wanted, in order, with some columns or all."""
    found = services.desk.every(wanted, sort=sort, descending=descending, hidden=deleted, waiting=())
    return _file(items_csv(found, columns or NAMES), "results.csv")


@router.patch(
    "/backtests/{run_id}",
    response_model=Noted,
    openapi_extra=body(NOTES_SCHEMA),
    responses=refusals(400, 404, 409, 413, 415),
)
async def note(services: ServicesOf, run_id: RunId, values: Body) -> Response:
    """Change what a back-test is called, its note, its star or its tags; what is not named stays. Where it is no longer
    what was `seen`, nothing is changed.
    """
    changes, seen = checked_notes(values)
    try:
        is_there = await run_in_threadpool(change_notes, services.database, run_id, changes, seen)
    except NotesChanged as error:
        raise Refused(409, str(error)) from None
    if not is_there:
        raise Refused(404, f"there is no back-test {run_id}")
    return JSONResponse({"id": run_id, **await run_in_threadpool(services.desk.notes, run_id)})


@router.post(
    "/desk/delete", response_model=Deleted, openapi_extra=body(IDS_SCHEMA), responses=refusals(400, 404, 409, 413, 415)
)
async def delete(services: ServicesOf, values: Body) -> Response:
    """Delete back-tests, all of them or none; for a while they can be brought back, then all that is stored of them
    goes.
    """
    ids = checked_ids(values)
    going_on = [run_id for run_id in ids if run_id in services.queue.standings]
    if going_on:
        raise Refused(409, f"back-test {going_on[0]} is still under way: cancel it first")
    try:
        await services.hidden.hide(ids)
    except NoSuchResult as error:
        raise Refused(404, f"there is no back-test {error.run_ids[0]}") from None
    except NotDeletable as error:
        raise Refused(409, f"back-test {error.run_id} is {error.why}") from None
    return JSONResponse({"ids": ids})


@router.post(
    "/desk/restore", response_model=Deleted, openapi_extra=body(IDS_SCHEMA), responses=refusals(400, 404, 413, 415)
)
async def restore(services: ServicesOf, values: Body) -> Response:
    """Bring back back-tests that were deleted a while ago; the answer names those that could be."""
    found = await services.hidden.bring_back(checked_ids(values))
    if not found:
        raise Refused(404, "they cannot be brought back: nothing is stored of them any more")
    return JSONResponse({"ids": found})


@router.get("/compare", response_model=Compared, responses=refusals(404))
def compare(services: ServicesOf, ids: ComparedIds) -> Response:
    """Return what sets back-tests apart: figures side by side, differences of configurations, the first trade that is
    not the same.
    """
    items, found = _compared(services, each_id(ids))
    return JSONResponse({"items": items, **compare_many(found)})


@router.get("/compare/csv", response_class=Response, responses={**_CSV, **refusals(404)})
def compared_file(services: ServicesOf, ids: ComparedIds) -> Response:
    """Return back-tests side by side as CSV: what they are, their parameters, and all figures."""
    items, found = _compared(services, each_id(ids))
    return _file(comparison_csv(items, compare_many(found)["figures"]), "comparison.csv")


def _compared(services: Services, run_ids: list[int]) -> tuple[list[dict[str, Any]], list[StoredResult]]:
    found = [services.results.result(run_id) for run_id in run_ids]
    return [
        {**services.results.require(run_id), **services.desk.notes(run_id), "progress": None} for run_id in run_ids
    ], found


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(printable(text).encode(), media_type="text/csv", headers=headers)


@router.get("/compare/equity", response_model=ComparedEquity, responses=refusals(404))
def compared_equity(
    services: ServicesOf,
    ids: ComparedIds,
    aligned: Annotated[bool, Query(description="each from its own start on, instead of by the calendar")] = False,
) -> Response:
    """Return the equity of back-tests at instants that they share: what was known then, and all extremes."""
    with services.heavy:
        return JSONResponse(services.curves.compared(each_id(ids), aligned))
