"""The kernel and the nouns of perpsim: time, bus, market history, account, execution, statistics, result."""

from .account import AccountState, VirtualAccount
from .bracket import Bracket
from .bus import Bus, Subscription
from .clock import Clock, Moment, Phase
from .config import BacktestConfig
from .data_coverage import DataCoverage, symbol_coverage
from .data_provider import HistoricalDataProvider
from .decision import ActionType, Decision, decision_values
from .equity_curve import EquityCurve
from .errors import (
    ConfigurationError,
    DataError,
    FileFormatError,
    PerpsimError,
    Problem,
    ProgramError,
    ProgramFailed,
    ProgramLost,
    SimulationError,
    StrategyError,
)
from .exchange import ExecutionSimulator, OrderResult
from .executor import InProcessExecutor, ProgramLog, SandboxExecutor
from .failure import error_text, failing_line
from .flow import BookRows, FlowHistory, TimedValues, TradeRows
from .indicators import calculate_indicators
from .klines import Kline, KlineColumns
from .ledger import Ledger, Posting
from .market_data import MarketData
from .market_history import MarketHistory, SymbolHistory
from .messages import Fill, OrderRejected, OrderSubmitted, StrategyFailed, TriggerEvent
from .periods import PERIOD_MS, duration_text, utc_text
from .program import SourceExecutor, validate_program
from .regime import RegimeConfig
from .result import BacktestResult
from .signals import (
    Condition,
    Detection,
    IncrementalDetector,
    IndicatorCondition,
    PoolTrigger,
    SignalBacktest,
    SignalBacktestService,
    SignalDefinition,
    SignalPool,
    Suggestion,
    detect,
    parse_condition,
    suggest_threshold,
)
from .simulation import Simulation
from .strategy import Strategy
from .trade_record import BacktestTradeRecord
from .trigger_record import TriggerRecord
from .views import Order, Position, RegimeInfo, Trade

__all__ = [
    "PERIOD_MS",
    "AccountState",
    "ActionType",
    "BacktestConfig",
    "BacktestResult",
    "BacktestTradeRecord",
    "BookRows",
    "Bracket",
    "Bus",
    "Clock",
    "Condition",
    "ConfigurationError",
    "DataCoverage",
    "DataError",
    "Decision",
    "Detection",
    "EquityCurve",
    "ExecutionSimulator",
    "FileFormatError",
    "Fill",
    "FlowHistory",
    "HistoricalDataProvider",
    "InProcessExecutor",
    "IncrementalDetector",
    "IndicatorCondition",
    "Kline",
    "KlineColumns",
    "Ledger",
    "MarketData",
    "MarketHistory",
    "Moment",
    "Order",
    "OrderRejected",
    "OrderResult",
    "OrderSubmitted",
    "PerpsimError",
    "Phase",
    "PoolTrigger",
    "Position",
    "Posting",
    "Problem",
    "ProgramError",
    "ProgramFailed",
    "ProgramLog",
    "ProgramLost",
    "RegimeConfig",
    "RegimeInfo",
    "SandboxExecutor",
    "SignalBacktest",
    "SignalBacktestService",
    "SignalDefinition",
    "SignalPool",
    "Simulation",
    "SimulationError",
    "SourceExecutor",
    "Strategy",
    "StrategyError",
    "StrategyFailed",
    "Subscription",
    "Suggestion",
    "SymbolHistory",
    "TimedValues",
    "Trade",
    "TradeRows",
    "TriggerEvent",
    "TriggerRecord",
    "VirtualAccount",
    "calculate_indicators",
    "decision_values",
    "detect",
    "duration_text",
    "error_text",
    "failing_line",
    "parse_condition",
    "suggest_threshold",
    "symbol_coverage",
    "utc_text",
    "validate_program",
]
