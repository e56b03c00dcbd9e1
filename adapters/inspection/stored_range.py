"""A configuration to look at a market with, where nothing is run."""

from __future__ import annotations

from engine import PERIOD_MS, BacktestConfig, Strategy
from engine.instants import FIRST_MS

from ..database import Database, stored_series


def config_of_range(
    database: Database, symbol: str, exchange: str, start_ms: int | None, end_ms: int | None, base_period: str
) -> BacktestConfig:
    """Return a configuration of a symbol and a range; what is not given of that is the range of the stored klines."""
    ranges = {(one.exchange, one.symbol, one.period): (one.first_ms, one.last_ms) for one in stored_series(database)}
    first, last = ranges.get((exchange, symbol, base_period), (FIRST_MS, FIRST_MS))
    return BacktestConfig(
        strategy=Strategy,
        symbols=[symbol],
        exchange=exchange,
        start_time=first if start_ms is None else start_ms,
        end_time=last + PERIOD_MS[base_period] if end_ms is None else end_ms,
        base_period=base_period,
    )
