"""Requests about what is stored: klines and symbols."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ...report import MOST_POINTS
from ..forms import LARGEST_ID
from ..safety import wrong_field
from ..services import ServicesOf, StoredAnswer
from ..shapes import Klines, Symbols
from .requests import ChartPeriod, Name, TimeMs, refusals

router = APIRouter(prefix="/api", tags=["market"])


@router.get("/klines", response_model=Klines, responses=refusals(404))
def klines(
    services: ServicesOf,
    exchange: Name,
    symbol: Name,
    start: TimeMs,
    end: TimeMs,
    period: Annotated[ChartPeriod | None, Query(description="the shortest period that is wanted")] = None,
    points: Annotated[int, Query(ge=1, le=MOST_POINTS, description="about how many klines at most")] = 1_500,
    backtest: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="as the faults of this one made them")
    ] = None,
) -> Response:
    """Return the klines of a range in the shortest period of which there are not more than `points`."""
    if end <= start:
        raise wrong_field("end", "is not after start")
    faults = None if backtest is None else services.results.faults(backtest)
    return StoredAnswer(services.klines.klines(exchange, symbol, start, end, period, points, faults))


@router.get("/symbols", response_model=Symbols, responses=refusals())
def symbols(services: ServicesOf) -> Response:
    """Return which klines are stored, and from when to when."""
    return StoredAnswer({"series": [asdict(each) for each in services.klines.series()]})
