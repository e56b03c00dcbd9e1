"""What acts: SimPy processes that publish on the bus, and the engine that starts the standard set of them."""

from .agent import strategy_agent
from .backtest import (
    ExecutorFor,
    ProgramBacktestEngine,
    make_executor,
    own_parts,
    start_standard_processes,
    trusted_executor,
)
from .funding import funding_payments
from .liquidation import liquidation_watcher
from .orders import order_watcher
from .schedule import scheduled_ticks, ticks_after_triggers
from .signals import IndicatorSignal, PoolSource, TriggerSource, TriggerTimes, signal_source

__all__ = [
    "ExecutorFor",
    "IndicatorSignal",
    "PoolSource",
    "ProgramBacktestEngine",
    "TriggerSource",
    "TriggerTimes",
    "funding_payments",
    "liquidation_watcher",
    "make_executor",
    "own_parts",
    "order_watcher",
    "scheduled_ticks",
    "signal_source",
    "start_standard_processes",
    "strategy_agent",
    "ticks_after_triggers",
    "trusted_executor",
]
