"""Requests for the curves of a back-test's chart, each of a window of time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from engine.instants import LAST_MS

from ...report import Window
from ..safety import wrong_field
from ..services import ServicesOf, StoredAnswer
from ..shapes import AskedIndicators, Equity, Exposure, Funding, Hold, IndicatorLines, RecordedSeries, Signals
from .requests import ChartPeriod, Name, RunId, TimeMs, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

_MOST_POINTS = 10_000


def _window(
    start: TimeMs = 0,
    end: TimeMs = LAST_MS,
    points: Annotated[int, Query(ge=4, le=_MOST_POINTS, description="about how many instants at most")] = 2_000,
) -> Window:
    """Return the window that is asked for; refuses one that ends before it starts."""
    if end < start:
        raise wrong_field("end", "is before start")
    return Window(start, end, points)


WindowOf = Annotated[Window, Depends(_window)]


@router.get("/{run_id}/equity", response_model=Equity, responses=refusals(404))
def equity(services: ServicesOf, run_id: RunId, window: WindowOf) -> Response:
    """Return equity, balance and drawdown in a window: every stored minute, or fewer, every extreme among them."""
    return StoredAnswer(services.curves.equity(run_id, window))


@router.get("/{run_id}/hold", response_model=Hold, responses=refusals(404))
def hold(services: ServicesOf, run_id: RunId, window: WindowOf) -> Response:
    """Return what holding the symbols in equal parts from the start on came to, at the instants of the equity."""
    return StoredAnswer(services.curves.hold(run_id, window))


@router.get("/{run_id}/exposure", response_model=Exposure, responses=refusals(404))
def exposure(services: ServicesOf, run_id: RunId, window: WindowOf) -> Response:
    """Return the worth of all positions as a multiple of equity."""
    return StoredAnswer(services.curves.exposure(run_id, window))


@router.get("/{run_id}/records", response_model=dict[str, RecordedSeries], responses=refusals(404))
def records(services: ServicesOf, run_id: RunId, window: WindowOf) -> Response:
    """Return the series that the program recorded, by name, every extreme among what is given of each."""
    return StoredAnswer(services.curves.records(run_id, window))


@router.get("/{run_id}/indicators", response_model=AskedIndicators, responses=refusals(404))
def indicators(services: ServicesOf, run_id: RunId) -> Response:
    """Return which indicators the program asked for, as far as its stored triggers tell."""
    return StoredAnswer(services.curves.indicators(run_id))


@router.get("/{run_id}/indicator", response_model=IndicatorLines, responses=refusals(404))
def indicator(
    services: ServicesOf, run_id: RunId, symbol: Name, name: Name, period: ChartPeriod, window: WindowOf
) -> Response:
    """Return an indicator at the closes of the stored klines, as the program saw it there."""
    return StoredAnswer(services.curves.indicator(run_id, symbol, name, period, window))


@router.get("/{run_id}/funding", response_model=Funding, responses=refusals(404))
def funding(services: ServicesOf, run_id: RunId, symbol: Name, window: WindowOf) -> Response:
    """Return the settlements of funding of a symbol, their rates, and what the run paid or received."""
    return StoredAnswer(services.curves.funding(run_id, symbol, window))


@router.get("/{run_id}/signals", response_model=Signals, responses=refusals(404))
def signals(services: ServicesOf, run_id: RunId, symbol: Name, window: WindowOf) -> Response:
    """Return the stored triggers of signal pools in a symbol, with their numbers."""
    return StoredAnswer(services.curves.signals(run_id, symbol, window))
