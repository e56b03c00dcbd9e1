"""Requests about the triggers of a back-test."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from ...results import TriggerFilter
from ..services import ServicesOf
from ..shapes import Page, Trigger
from .requests import AllTriggers, Index, Limit, Name, Offset, RunId, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])


@router.get("/{run_id}/triggers", response_model=Page, responses=refusals(404))
def triggers(
    services: ServicesOf,
    run_id: RunId,
    offset: Offset = 0,
    limit: Limit = 100,
    only: TriggerFilter | None = None,
    symbol: Name | None = None,
    all_triggers: AllTriggers = False,
) -> Response:
    """Return one page of the trigger log: of the triggers of which something came, unless others are asked for."""
    return JSONResponse(services.results.triggers(run_id, offset, limit, only, symbol, all_triggers))


@router.get("/{run_id}/triggers/{index}", response_model=Trigger, responses=refusals(404))
def trigger(services: ServicesOf, run_id: RunId, index: Index) -> Response:
    """Return one trigger: what the program saw, asked, decided and logged."""
    return JSONResponse(services.results.trigger(run_id, index))
