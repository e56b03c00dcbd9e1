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
    SimulationError,
    StrategyError,
)
from .exchange import ExecutionSimulator
from .executor import InProcessExecutor, ProgramLog, SandboxExecutor
from .flow import BookRows, FlowHistory, TimedValues, TradeRows
from .funding import FundingSchedule, funding_schedule
from .indicators import calculate_indicators
from .instrument import Instrument, MarginTier
from .klines import Kline, KlineColumns
from .ledger import Ledger, Posting
from .liquidation import Breach, find_breach
from .margin import MarginRules
from .market_data import MarketData
from .market_history import MarketHistory, SymbolHistory
from .messages import Fill, FundingPaid, Liquidated, OrderRejected, OrderSubmitted, StrategyFailed, TriggerEvent
from .order_result import OrderResult
from .periods import PERIOD_MS, duration_text, utc_text
from .program import SourceExecutor, failing_line, validate_program
from .regime import RegimeConfig
from .result import BacktestResult
from .signals import IndicatorCondition, SignalBacktestService, SignalDefinition, SignalPool, detect, parse_condition
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
    "Breach",
    "Bus",
    "Clock",
    "ConfigurationError",
    "DataCoverage",
    "DataError",
    "Decision",
    "EquityCurve",
    "ExecutionSimulator",
    "FileFormatError",
    "Fill",
    "FlowHistory",
    "FundingPaid",
    "FundingSchedule",
    "HistoricalDataProvider",
    "InProcessExecutor",
    "IndicatorCondition",
    "Instrument",
    "Kline",
    "KlineColumns",
    "Ledger",
    "Liquidated",
    "MarginRules",
    "MarginTier",
    "MarketData",
    "MarketHistory",
    "Moment",
    "Order",
    "OrderRejected",
    "OrderResult",
    "OrderSubmitted",
    "PerpsimError",
    "Phase",
    "Position",
    "Posting",
    "Problem",
    "ProgramError",
    "ProgramLog",
    "RegimeConfig",
    "RegimeInfo",
    "SandboxExecutor",
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
    "failing_line",
    "find_breach",
    "funding_schedule",
    "parse_condition",
    "symbol_coverage",
    "utc_text",
    "validate_program",
]
