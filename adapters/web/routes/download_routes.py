"""Requests for the files of a result."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from ...desk import Download, write_download
from ...report import stored_page
from ...results import StoredResult
from ..safety import Refused, printable
from ..services import ServicesOf
from .requests import AllTriggers, RunId, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file; the header X-Lacking says what it lacks",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            **{kind: {"schema": {"type": "string"}} for kind in ("text/csv", "text/html", "application/toml")},
        },
    }
}


@router.get("/{run_id}/download/{download}", response_class=FileResponse, responses={**_FILE, **refusals(404, 409)})
def file_of_result(
    services: ServicesOf, run_id: RunId, download: Download, all_triggers: AllTriggers = False
) -> Response:
    """Return a file of a back-test: all that is stored of it as JSON, its trades or its equity as CSV, its report, or
    its configuration as TOML.
    """
    found = services.results.result(run_id)
    if not found.figures and download is not Download.CONFIGURATION:
        raise Refused(409, f"back-test {run_id} has no figures, so there is no such file of it")
    folder = Path(tempfile.mkdtemp(prefix="perpsim-"))
    try:
        path = folder / "file"
        with services.heavy:
            lacking = _written(services, found, download, path, all_triggers)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        path,
        media_type=download.media_type,
        filename=download.file_name(found),
        headers={"X-Lacking": printable("; ".join(lacking)).encode("ascii", "replace").decode()} if lacking else {},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _written(
    services: ServicesOf, found: StoredResult, download: Download, path: Path, all_triggers: bool
) -> Sequence[str]:
    if download is not Download.REPORT:
        return write_download(services.database, found, download, path, all_triggers)
    stored_page(services.database, found.run_id).save(path)
    return ()
