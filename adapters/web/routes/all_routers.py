"""Every router of the API, in the order of its description."""

from __future__ import annotations

from . import (
    backtest_routes,
    chart_routes,
    market_routes,
    pool_routes,
    program_routes,
    session_routes,
    study_routes,
    trade_routes,
    trigger_routes,
)

ROUTERS = tuple(
    routes.router
    for routes in (
        backtest_routes,
        trade_routes,
        trigger_routes,
        chart_routes,
        market_routes,
        pool_routes,
        program_routes,
        study_routes,
        session_routes,
    )
)
