"""Requests for the chart of a back-test: marks, lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from ..services import ServicesOf
from ..shapes import Brackets, Markers
from .requests import Name, RunId, TimeMs, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])


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


@router.get("/{run_id}/brackets", response_model=Brackets, responses=refusals(404))
def brackets(services: ServicesOf, run_id: RunId) -> Response:
    """Return the lines of all trades for a price chart: the way from entry to exit, and where its exits stood."""
    return JSONResponse(services.results.brackets(run_id))
