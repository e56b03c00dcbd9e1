"""Requests about the trades of a back-test."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from engine import BacktestTradeRecord
from engine.contract import ExitReason

from ..services import ServicesOf, StoredAnswer
from ..shapes import ExplainedTrade, OneTrade, TradePage
from .requests import Limit, Name, Offset, RunId, TradeNumber, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

_SORTS = "|".join(["index", *(field.name for field in fields(BacktestTradeRecord))])
Sort = Annotated[str, Query(pattern=f"^({_SORTS})$", description="a field of the trades, or index")]


@router.get("/{run_id}/trades", response_model=TradePage, responses=refusals(404))
def trades(
    services: ServicesOf,
    run_id: RunId,
    offset: Offset = 0,
    limit: Limit = 100,
    sort: Sort = "index",
    descending: bool = False,
    symbol: Name | None = None,
    side: Annotated[Literal["long", "short"] | None, Query()] = None,
    exit_reason: ExitReason | None = None,
) -> Response:
    """Return one page of the closed trades, sorted and filtered, and what all that are looked for come to."""
    wanted = {"symbol": symbol, "side": side, "exit_reason": exit_reason}
    given = {name: value for name, value in wanted.items() if value is not None}
    return StoredAnswer(services.rows.trades(run_id, offset, limit, sort, descending, given))


@router.get("/{run_id}/trades/{number}", response_model=OneTrade, responses=refusals(404))
def trade(services: ServicesOf, run_id: RunId, number: TradeNumber) -> Response:
    """Return a closed trade by its number from 1 on, with the triggers that opened it, closed it, and added to it."""
    return StoredAnswer(services.rows.trade(run_id, number))


@router.get("/{run_id}/trades/{number}/explanation", response_model=ExplainedTrade, responses=refusals(404, 409, 429))
async def explanation(services: ServicesOf, run_id: RunId, number: TradeNumber) -> Response:
    """Say what led to a trade, by its number from 1 on: the back-test is run again for that, in its turn."""
    begun = await run_in_threadpool(_begun, services, run_id, number)
    return JSONResponse(await services.explanations.get(run_id, begun, number))


def _begun(services: ServicesOf, run_id: int, number: int) -> int | None:
    """Return when the run of a trade was begun; refuses a trade that there is not."""
    services.rows.trade(run_id, number)
    begun: int | None = services.results.require(run_id)["created_at"]
    return begun
