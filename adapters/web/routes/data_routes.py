"""Requests about what is stored of the market, and about files that wait for their import."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ...database import exchange_name
from ...inspection import DATA_KINDS
from ..safety import Refused
from ..services import LOOK, Services, ServicesOf, WaitingFile
from ..shapes import Holes, LookedFile, StoredData, Uploaded, UploadedFiles
from .requests import Body, FileId, FileName, Name, ReadingBody, checked, refusals

router = APIRouter(prefix="/api/data", tags=["data"])

_MOST_SERIES = 5_000
_WRITTEN_BYTES = 1 << 20
_Kind = Literal["klines", "mark", "funding", "flow", "book", "metrics", "features"]
_Period = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/series", response_model=StoredData, responses=refusals())
def series(services: ServicesOf) -> Response:
    """List what is stored of the market."""
    with services.heavy:
        found = services.data.series()
    shown = [asdict(each) for each in found[:_MOST_SERIES]]
    return JSONResponse({"series": shown, "total": len(found), "kinds": DATA_KINDS})


@router.get("/holes", response_model=Holes, responses=refusals())
def holes(
    services: ServicesOf,
    kind: _Kind,
    exchange: Name,
    symbol: Name,
    period: Annotated[_Period | None, Query(description="of klines; 1m by default")] = None,
    feature: Annotated[str | None, Query(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")] = None,
) -> Response:
    """Return where rows of a series are missing, the longest holes where there are many."""
    if not exchange.strip() or not exchange.isprintable() or not symbol.isprintable():
        return JSONResponse({"count": 0, "missing": 0, "holes": []})  # what cannot be a name has none
    with services.heavy:
        found = services.data.holes(kind, exchange_name(exchange), symbol, period, feature)
    return JSONResponse(asdict(found))


@router.get("/files", response_model=UploadedFiles, responses=refusals())
def files(services: ServicesOf) -> Response:
    """List the uploaded files that wait for their import."""
    return JSONResponse({"files": [_told(each) for each in services.files.listed()]})


@router.post(
    "/files", status_code=201, response_model=Uploaded, openapi_extra=_BYTES, responses=refusals(400, 413, 415, 429)
)
async def upload(services: ServicesOf, request: Request, name: FileName) -> Response:
    """Take a file, which then waits for its import for some hours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/octet-stream":
        raise Refused(415, "the body must be application/octet-stream")
    return JSONResponse(_told(await _received(services, request, name)), 201)


async def _received(services: Services, request: Request, name: str) -> WaitingFile:
    waiting, out = await run_in_threadpool(services.files.begin, name)
    try:
        held = bytearray()

        def write(data: bytes) -> None:
            services.files.grow(waiting, len(data))
            out.write(data)

        async for chunk in request.stream():
            held += chunk
            if len(held) >= _WRITTEN_BYTES:
                await run_in_threadpool(write, bytes(held))
                held.clear()
        await run_in_threadpool(write, bytes(held))
        await run_in_threadpool(out.close)
        services.files.finish(waiting)
    except ClientDisconnect:
        raise Refused(400, "the file was broken off") from None
    except OSError:
        raise Refused(413, "the server cannot write it: its disk is full, or it may write no file as large") from None
    finally:
        out.close()
        if not waiting.is_whole:
            services.files.discard(waiting)
    return waiting


@router.delete("/files/{file_id}", response_model=Uploaded, responses=refusals(404, 409))
def throw_away(services: ServicesOf, file_id: FileId) -> Response:
    """Throw an uploaded file away."""
    waiting = services.files.get(file_id)
    if waiting.busy:
        raise Refused(409, "this file is being read: wait, or cancel its import")
    services.files.discard(waiting)
    return JSONResponse(_told(waiting))


@router.post(
    "/files/{file_id}/look",
    response_model=LookedFile,
    openapi_extra=ReadingBody.described(),
    responses=refusals(400, 404, 413, 415),
)
async def look(services: ServicesOf, file_id: FileId, values: Body) -> Response:
    """Return what an uploaded file is recognised as, and what would be wrong with it. Nothing is stored."""
    given = checked(ReadingBody, values)
    waiting = await run_in_threadpool(services.files.get, file_id)
    entry = {"mode": "look", "files": [_place(waiting)], "options": given.model_dump()}
    waiting.busy += 1
    try:
        return JSONResponse(await services.limited.done(LOOK, entry))
    finally:
        waiting.busy -= 1


def _place(waiting: WaitingFile) -> dict[str, str]:
    return {"path": str(waiting.path), "name": waiting.name}


def _told(waiting: WaitingFile) -> dict[str, Any]:
    return {
        "id": waiting.file_id,
        "name": waiting.name,
        "size": waiting.size,
        "added_ms": waiting.added_ms,
        "expires_ms": waiting.expires_ms,
    }
