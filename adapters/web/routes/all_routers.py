"""Every router of the API, in the order of its description."""

from __future__ import annotations

from . import (
    backtest_routes,
    chart_routes,
    curve_routes,
    data_routes,
    desk_routes,
    download_routes,
    event_routes,
    job_routes,
    kept_program_routes,
    market_routes,
    pool_routes,
    program_routes,
    session_routes,
    study_routes,
    summary_routes,
    trade_routes,
    trigger_routes,
)

ROUTERS = tuple(
    routes.router
    for routes in (
        backtest_routes,
        event_routes,
        desk_routes,
        download_routes,
        summary_routes,
        trade_routes,
        trigger_routes,
        chart_routes,
        curve_routes,
        market_routes,
        data_routes,
        job_routes,
        pool_routes,
        program_routes,  # before those of one program: its addresses are names, and theirs are numbers
        kept_program_routes,
        study_routes,
        session_routes,
    )
)
