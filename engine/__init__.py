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
from .program import SourceExecutor, failing_line, validate_program
from .regime import RegimeConfig
from .result import BacktestResult
from .rule_book import RuleBook, rules_for
from .signals import IndicatorCondition, SignalBacktestService, SignalDefinition, SignalPool, detect, parse_condition
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
    "ConfigurationError",
    "ConstantLatency",
    "DataCoverage",
    "DataError",
    "Decision",
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
    "Position",
    "Posting",
    "Problem",
    "ProgramError",
    "ProgramLog",
    "RegimeConfig",
    "RegimeInfo",
    "RiskLimitHit",
    "RuleBook",
    "SandboxExecutor",
    "ShareOfVolume",
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
    "failing_line",
    "find_breach",
    "funding_schedule",
    "parse_condition",
    "rules_for",
    "symbol_coverage",
    "utc_text",
    "validate_program",
]
