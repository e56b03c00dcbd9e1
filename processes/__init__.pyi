"""What others import from the room; `__init__.py` imports it when it is first used."""

# the program, the standard back-test and what asks its program
# what goes wrong
from . import faults as faults
from .agent import strategy_agent as strategy_agent
from .backtest import ExecutorFor as ExecutorFor
from .backtest import ProgramBacktestEngine as ProgramBacktestEngine
from .backtest import make_executor as make_executor
from .backtest import start_standard_processes as start_standard_processes
from .backtest import trigger_sources as trigger_sources
from .backtest import trusted_executor as trusted_executor

# what other rules for ambiguous klines make of a run
from .fresh_program import unused as unused

# what happens to the account; whether a program decides the same in every process
from .funding import funding_payments as funding_payments
from .hash_seed import HASH_SEED as HASH_SEED
from .hash_seed import HASH_SEED_WARNING as HASH_SEED_WARNING
from .hash_seed import is_hash_random as is_hash_random
from .liquidation import liquidation_watcher as liquidation_watcher
from .orders import order_watcher as order_watcher
from .other_rules import OtherRules as OtherRules

# triggers
from .schedule import scheduled_ticks as scheduled_ticks
from .schedule import ticks_after_triggers as ticks_after_triggers
from .signals import IndicatorSignal as IndicatorSignal
from .signals import KnownTriggers as KnownTriggers
from .signals import PoolSource as PoolSource
from .signals import TriggerSource as TriggerSource
from .signals import TriggerTimes as TriggerTimes
from .signals import signal_source as signal_source
from .trigger_series import TriggerSeries as TriggerSeries
from .wake_ups import order_wake_ups as order_wake_ups
