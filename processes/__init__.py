"""What acts: SimPy processes that publish on the bus, and the engine that starts the standard set of them."""

from .agent import strategy_agent
from .backtest import ExecutorFor, ProgramBacktestEngine, make_executor, start_standard_processes, trusted_executor
from .funding import funding_payments
from .hash_seed import HASH_SEED, HASH_SEED_WARNING, is_hash_random
from .liquidation import liquidation_watcher
from .orders import order_watcher
from .schedule import scheduled_ticks, ticks_after_triggers
from .signals import IndicatorSignal, KnownTriggers, PoolSource, TriggerSource, TriggerTimes, signal_source

# the standard back-test
__all__ = ["ProgramBacktestEngine", "start_standard_processes"]
# what asks its program
__all__ += ["ExecutorFor", "make_executor", "trusted_executor"]
# whether it decides the same in every process
__all__ += ["HASH_SEED", "HASH_SEED_WARNING", "is_hash_random"]
# triggers
__all__ += ["IndicatorSignal", "KnownTriggers", "PoolSource", "TriggerSource", "TriggerTimes"]
__all__ += ["scheduled_ticks", "signal_source", "ticks_after_triggers"]
# the program, and what happens to its account
__all__ += ["funding_payments", "liquidation_watcher", "order_watcher", "strategy_agent"]
