"""Requests for the chart of a back-test: marks, lines, curves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from ..services import ServicesOf
from ..shapes import Brackets, Equity, Markers, RecordedSeries
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
