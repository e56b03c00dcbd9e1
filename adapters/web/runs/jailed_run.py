"""Where the server's worker processes run source text: in the sandbox, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine import BacktestConfig, BacktestResult, MarketHistory, Simulation
from processes import ProgramBacktestEngine, TriggerSource

from ...sandbox import Sandbox


def run_program(
    sandbox: Sandbox,
    market: MarketHistory,
    config: BacktestConfig,
    sources: Sequence[TriggerSource],
    report: Callable[[Simulation], None],
    prepare: Callable[[Simulation], None],
) -> BacktestResult:
    """Run the source text of a configuration in the sandbox and return its result."""
    engine = ProgramBacktestEngine(market, sources, executor_for=sandbox.executor)
    return engine.run(config, report, prepare, record_queries=True)
