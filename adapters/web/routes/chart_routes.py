"""Requests for the chart of a back-test: marks, lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from engine.instants import LAST_MS

from ..forms import LARGEST_ID
from ..services import ServicesOf, StoredAnswer
from ..shapes import Brackets, Markers
from .requests import Name, RunId, TimeMs, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

Most = Annotated[int, Query(ge=1, le=20_000)]
_WITHOUT = "kinds of marks that are left out, separated by commas"
_PER = "where there are more marks than `most`, they are added up in bars of so many ms"
_TRADE = "only the lines of the position that the trade of this index closed, up to its exit"


@router.get("/{run_id}/markers", response_model=Markers, responses=refusals(404))
def markers(
    services: ServicesOf,
    run_id: RunId,
    symbol: Name | None = None,
    start: TimeMs = 0,
    end: TimeMs = 253_402_300_799_000,
    most: Most = 2_000,
    with_triggers: bool = True,
    without: Annotated[str, Query(min_length=1, max_length=400, description=_WITHOUT)] | None = None,
    per: Annotated[int | None, Query(ge=60_000, le=LAST_MS, description=_PER)] = None,
) -> Response:
    """Return marks for a price chart, in order of time: fills, what became of orders, triggers."""
    hidden = (without or "").split(",")
    return StoredAnswer(services.marks.markers(run_id, symbol, start, end, most, with_triggers, hidden, per))


@router.get("/{run_id}/brackets", response_model=Brackets, responses=refusals(404))
def brackets(
    services: ServicesOf,
    run_id: RunId,
    symbol: Name | None = None,
    start: TimeMs = 0,
    end: TimeMs = 253_402_300_799_000,
    most: Most = 2_000,
    trade: Annotated[int | None, Query(ge=0, le=LARGEST_ID, description=_TRADE)] = None,
) -> Response:
    """Return lines for a price chart: the way of each position from fill to fill, and where its exits stood."""
    return StoredAnswer(services.marks.brackets(run_id, symbol, start, end, most, trade))
