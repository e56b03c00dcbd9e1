"""Requests about programs that are kept by name, with their versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ...kept_programs import MovedOn, NameTaken, NoSuchProgram, TooManyPrograms
from ..forms import LARGEST_ID
from ..safety import Refused
from ..services import ServicesOf
from ..shapes import Kept, KeptPrograms, KeptSource, KeptVersions
from .requests import Body, Limit, NewName, NewProgram, NewVersion, Offset, SearchText, asked, body_of, refusals

router = APIRouter(prefix="/api/programs", tags=["kept programs"])

_ProgramId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the id of a kept program")]
_Version = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="the newest one unless it is given")]


@contextmanager
def _refusing() -> Iterator[None]:
    """A context in which what cannot be done is refused with its status."""
    try:
        yield
    except NoSuchProgram as error:
        raise Refused(404, str(error)) from error
    except (NameTaken, MovedOn, TooManyPrograms) as error:
        raise Refused(409, str(error)) from error


@router.get("", response_model=KeptPrograms, responses=refusals())
def programs(services: ServicesOf, offset: Offset = 0, limit: Limit = 50, q: SearchText | None = None) -> Response:
    """List the kept programs by name; `q` is looked for in their names."""
    total, items = services.kept_programs.programs(offset, limit, q)
    return JSONResponse({"total": total, "offset": offset, "items": [asdict(each) for each in items]})


@router.post(
    "", status_code=201, response_model=KeptSource, openapi_extra=body_of(NewProgram),
    responses=refusals(400, 409, 413, 415),
)  # fmt: skip
async def keep_program(services: ServicesOf, values: Body) -> Response:
    """Keep a program under a name that no other one bears."""
    new = asked(NewProgram, values)
    with _refusing():
        kept = await run_in_threadpool(services.kept_programs.add, new.name, new.code, new.language)
    return JSONResponse(asdict(kept), 201, headers={"Location": f"/api/programs/{kept.id}"})


@router.get("/{program_id}", response_model=KeptSource, responses=refusals(404))
def program(services: ServicesOf, program_id: _ProgramId, version: _Version = None) -> Response:
    """Return the source text of a version of a program."""
    with _refusing():
        return JSONResponse(asdict(services.kept_programs.version(program_id, version)))


@router.delete("/{program_id}", response_model=Kept, responses=refusals(404))
def delete_program(services: ServicesOf, program_id: _ProgramId) -> Response:
    """Delete a program; as long as it is among the last that were deleted, `undelete` brings it back."""
    with _refusing():
        services.kept_programs.delete(program_id)
    return JSONResponse({"id": program_id})


@router.post("/{program_id}/undelete", response_model=Kept, responses=refusals(404, 409))
def undelete_program(services: ServicesOf, program_id: _ProgramId) -> Response:
    """Bring a deleted program back, with all its versions."""
    with _refusing():
        services.kept_programs.undelete(program_id)
    return JSONResponse({"id": program_id})


@router.post(
    "/{program_id}/name", response_model=Kept, openapi_extra=body_of(NewName),
    responses=refusals(400, 404, 409, 413, 415),
)  # fmt: skip
async def rename_program(services: ServicesOf, program_id: _ProgramId, values: Body) -> Response:
    """Give a program another name."""
    new = asked(NewName, values)
    with _refusing():
        await run_in_threadpool(services.kept_programs.rename, program_id, new.name)
    return JSONResponse({"id": program_id})


@router.get("/{program_id}/versions", response_model=KeptVersions, responses=refusals(404))
def versions(services: ServicesOf, program_id: _ProgramId, offset: Offset = 0, limit: Limit = 50) -> Response:
    """List the kept versions of a program, newest first."""
    with _refusing():
        total, items = services.kept_programs.versions(program_id, offset, limit)
    return JSONResponse({"total": total, "offset": offset, "items": items})


@router.post(
    "/{program_id}/versions", status_code=201, response_model=KeptSource, openapi_extra=body_of(NewVersion),
    responses=refusals(400, 404, 409, 413, 415),
)  # fmt: skip
async def save_version(services: ServicesOf, program_id: _ProgramId, values: Body) -> Response:
    """Save the next version of a program; refused with 409 where another one was saved since version `after`."""
    new = asked(NewVersion, values)
    with _refusing():
        kept = await run_in_threadpool(services.kept_programs.save, program_id, new.code, new.language, new.after)
    return JSONResponse(asdict(kept), 201)
