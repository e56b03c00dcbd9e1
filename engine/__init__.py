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
from .exchange import ExecutionSimulator
from .executor import InProcessExecutor, ProgramLog, SandboxExecutor
from .failure import error_text, failing_line
from .flow import BookRows, FlowHistory, TimedValues, TradeRows
from .funding import FundingSchedule, funding_schedule
from .indicators import calculate_indicators
from .instrument import Instrument, MarginTier
from .klines import Kline, KlineColumns
from .ledger import Ledger, Posting
from .liquidation import Breach, Survey, find_breach, survey
from .margin import MarginRules
from .market_data import MarketData
from .market_history import MarketHistory, SymbolHistory
from .messages import (
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    RiskLimitHit,
    StrategyFailed,
    TriggerEvent,
)
from .models import (
    ConstantLatency,
    ExecutionModels,
    FeeModel,
    FeeTier,
    FlatFee,
    LatencyModel,
    LognormalLatency,
    MakerTakerFee,
    MarketOrder,
    PercentSlippage,
    ShareOfVolume,
    SlippageModel,
    SpreadSlippage,
    TieredFee,
    TimeOfDayLatency,
    TradedVolume,
    VolumeCap,
    VolumeShareSlippage,
)
from .order_lifecycle import LIFE, OrderEvent, OrderLives, OrderState
from .order_result import OrderResult
from .periods import PERIOD_MS, duration_text, utc_text
from .program import SourceExecutor, validate_program
from .regime import RegimeConfig
from .result import BacktestResult
from .rule_book import RuleBook, rules_for
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
from .venue_rules import VenueRules
from .views import Order, Position, RegimeInfo, Trade

__all__ = [
    "LIFE",
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
    "Condition",
    "ConfigurationError",
    "ConstantLatency",
    "DataCoverage",
    "DataError",
    "Decision",
    "Detection",
    "EquityCurve",
    "ExecutionModels",
    "ExecutionSimulator",
    "FeeModel",
    "FeeTier",
    "FileFormatError",
    "Fill",
    "FlatFee",
    "FlowHistory",
    "FundingPaid",
    "FundingSchedule",
    "HistoricalDataProvider",
    "InProcessExecutor",
    "IncrementalDetector",
    "IndicatorCondition",
    "Instrument",
    "Kline",
    "KlineColumns",
    "LatencyModel",
    "Ledger",
    "Liquidated",
    "LognormalLatency",
    "MakerTakerFee",
    "MarginRules",
    "MarginTier",
    "MarketData",
    "MarketHistory",
    "MarketOrder",
    "Moment",
    "Order",
    "OrderEvent",
    "OrderLives",
    "OrderRejected",
    "OrderResult",
    "OrderState",
    "OrderSubmitted",
    "PercentSlippage",
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
    "RiskLimitHit",
    "RuleBook",
    "SandboxExecutor",
    "ShareOfVolume",
    "SignalBacktest",
    "SignalBacktestService",
    "SignalDefinition",
    "SignalPool",
    "Simulation",
    "SimulationError",
    "SlippageModel",
    "SourceExecutor",
    "SpreadSlippage",
    "Strategy",
    "StrategyError",
    "StrategyFailed",
    "Subscription",
    "Suggestion",
    "Survey",
    "SymbolHistory",
    "TieredFee",
    "TimeOfDayLatency",
    "TimedValues",
    "Trade",
    "TradeRows",
    "TradedVolume",
    "TriggerEvent",
    "TriggerRecord",
    "VenueRules",
    "VirtualAccount",
    "VolumeCap",
    "VolumeShareSlippage",
    "calculate_indicators",
    "decision_values",
    "detect",
    "duration_text",
    "error_text",
    "failing_line",
    "find_breach",
    "funding_schedule",
    "parse_condition",
    "rules_for",
    "suggest_threshold",
    "survey",
    "symbol_coverage",
    "utc_text",
    "validate_program",
]
