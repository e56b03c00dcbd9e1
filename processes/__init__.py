"""What acts: SimPy processes that publish on the bus, and the engine that starts the standard set of them."""

from .backtest_engine import (
    ExecutorFor,
    ProgramBacktestEngine,
    make_executor,
    start_standard_processes,
    trusted_executor,
)
from .order_watcher import order_watcher
from .scheduled_ticks import scheduled_ticks, ticks_after_triggers
from .signal_source import IndicatorSignal, PoolSource, TriggerSource, TriggerTimes, signal_source
from .strategy_agent import strategy_agent

__all__ = [
    "ExecutorFor",
    "IndicatorSignal",
    "PoolSource",
    "ProgramBacktestEngine",
    "TriggerSource",
    "TriggerTimes",
    "make_executor",
    "order_watcher",
    "scheduled_ticks",
    "signal_source",
    "start_standard_processes",
    "strategy_agent",
    "ticks_after_triggers",
    "trusted_executor",
]
