"""Requests about imports and downloads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from engine import PERIOD_MS
from engine.instants import instant_ms

from ..safety import LARGEST_UPLOAD, Refused, wrong_field
from ..services import JOB_STATUSES, JobEnding, Services, ServicesOf, WaitingFile
from ..shapes import DataForms, Jobs, StartedJob
from .requests import Body, DownloadBody, ImportBody, JobId, checked, reading_fields, refusals

router = APIRouter(prefix="/api/data", tags=["data"])

_NO_CCXT = "Downloads need the library ccxt on the server: pip install 'perpsim[download]', then start it again."
#: Some venues of perpetual futures, as ccxt calls them.
_VENUES = (
    "binanceusdm bybit okx hyperliquid bitget gate kucoinfutures mexc htx bitmex krakenfutures deribit dydx".split()
)


@router.get("/forms", response_model=DataForms, responses=refusals())
def forms() -> Response:
    """Return what the forms of imports and downloads have."""
    return JSONResponse(
        {
            "fields": reading_fields(),
            "periods": [*PERIOD_MS],
            "venues": _VENUES,
            "download_problem": None if find_spec("ccxt") else _NO_CCXT,
            "largest_upload": LARGEST_UPLOAD,
        }
    )


@router.get("/jobs", response_model=Jobs, responses=refusals())
def jobs(services: ServicesOf, limit: Annotated[int, Query(ge=1, le=200)] = 30) -> Response:
    """List imports and downloads, the newest first."""
    found, total = services.jobs.store.listed(limit)
    return JSONResponse({"jobs": [_told(services, each) for each in found], "total": total})


def _told(services: Services, each: Any) -> dict[str, Any]:
    present = services.jobs.get(each.job_id) if each.ended_ms is None else None
    return {
        "id": each.job_id,
        "kind": each.kind,
        "status": each.status,
        "status_text": JOB_STATUSES.get(each.status, each.status),
        "title": each.title,
        "message": each.message,
        "report": each.report,
        "progress": None if present is None else present.progress,
        "created_ms": each.created_ms,
        "ended_ms": each.ended_ms,
    }


@router.delete("/jobs/{job_id}", response_model=StartedJob, responses=refusals(404, 409))
async def cancel(services: ServicesOf, job_id: JobId) -> Response:
    """Cancel an import or a download: an import stores nothing then, a download keeps what has come."""
    job = services.jobs.get(job_id)
    if job is None:
        stored, _ = await run_in_threadpool(services.jobs.store.listed, 200)
        if any(each.job_id == job_id for each in stored):
            raise Refused(409, "it is over already")
        raise Refused(404, f"there is no import or download {job_id}")
    await services.jobs.cancel(job)
    return JSONResponse({"id": job_id})


@router.post(
    "/imports",
    status_code=202,
    response_model=StartedJob,
    openapi_extra=ImportBody.described(),
    responses=refusals(400, 404, 413, 415, 429),
)
async def start_import(services: ServicesOf, values: Body) -> Response:
    """Import uploaded files, in a process of their own: all of a symbol and kind, or nothing of it. Those of which
    nothing was imported go on waiting.
    """
    given = checked(ImportBody, values)
    ids = [*dict.fromkeys(given.files)]
    waiting = [await run_in_threadpool(services.files.get, each) for each in ids]
    if any(each.busy for each in waiting):
        raise Refused(422, "one of these files is being read already")
    entry = {
        "mode": "import",
        "files": [{"path": str(each.path), "name": each.name} for each in waiting],
        "options": given.model_dump(exclude={"files", "exchange", "symbols"}),
        "symbols": {str(each.path): given.symbols[each.file_id] for each in waiting if each.file_id in given.symbols},
        "exchange": given.exchange,
    }
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    for each in waiting:
        each.busy += 1

    async def after(ending: JobEnding) -> None:
        await run_in_threadpool(_let_go, services, waiting, ending.left)

    try:
        job_id = await services.jobs.start(
            "import", f"{waiting[0].name}{more} into {given.exchange}", "import_worker", entry, after
        )
    except BaseException:
        _let_go(services, waiting, None)
        raise
    return JSONResponse({"id": job_id}, 202)


def _let_go(services: Services, waiting: list[WaitingFile], left: Sequence[str] | None) -> None:
    """End the reading of files; those that were imported, all but the ones `left`, need not wait any more."""
    services.data.forget()
    for each in waiting:
        each.busy -= 1
        if left is not None and str(each.path) not in left:
            services.files.discard(each)


@router.post(
    "/downloads",
    status_code=202,
    response_model=StartedJob,
    openapi_extra=DownloadBody.described(),
    responses=refusals(400, 409, 413, 415, 429),
)
async def start_download(services: ServicesOf, values: Body) -> Response:
    """Download klines or funding rates that are missing, in a process of its own, page by page."""
    given = checked(DownloadBody, values)
    if find_spec("ccxt") is None:
        raise Refused(409, _NO_CCXT)
    start, end = _instant("start_time", given.start_time), _instant("end_time", given.end_time)
    if end <= start:
        raise wrong_field("end_time", "is not after start_time")
    period = given.period if given.kind == "klines" else None
    entry = {
        "venue": given.venue_name,
        "market": given.market,
        "symbol": given.symbol,
        "exchange": given.exchange,
        "period": period,
        "start_ms": start,
        "end_ms": end,
    }
    title = f"{'funding rates' if period is None else f'{period} klines'} of {given.market} from {given.venue_name}"

    async def after(ending: JobEnding) -> None:
        services.data.forget()

    job_id = await services.jobs.start("download", title, "download_worker", entry, after)
    return JSONResponse({"id": job_id}, 202)


def _instant(name: str, value: int | str | None) -> int:
    if value is None:
        return int(time.time() * 1000)
    try:
        return instant_ms(value)
    except (ValueError, TypeError) as error:
        raise wrong_field(name, str(error)) from None
