"""Where the server's worker processes run source text: the one place that decides in what surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine import BacktestConfig, BacktestResult, MarketHistory, Simulation
from processes import ProgramBacktestEngine, TriggerSource


def run_program(
    market: MarketHistory,
    config: BacktestConfig,
    sources: Sequence[TriggerSource],
    report: Callable[[Simulation], None],
    prepare: Callable[[Simulation], None],
) -> BacktestResult:
    """Run the source text of a configuration and return its result."""
    return ProgramBacktestEngine(market, sources).run(config, report, prepare, record_queries=True)
