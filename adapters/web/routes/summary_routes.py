"""Requests about what the trades and the curve of a back-test amount to."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ..services import ServicesOf, StoredAnswer
from ..shapes import SummaryTables
from .requests import RunId, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])


@router.get("/{run_id}/summary-tables", response_model=SummaryTables, responses=refusals(404))
def summary_tables(services: ServicesOf, run_id: RunId) -> Response:
    """Return the tables of a summary: months, parts, holding times, excursions, best and worst trades, drawdowns."""
    return StoredAnswer(services.rows.summary(run_id))
