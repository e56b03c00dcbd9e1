"""The kernel and the nouns of perpsim. What a user needs stands here; each room's own face has the rest."""

from .account import BacktestTradeRecord
from .config import BacktestConfig
from .contract import ActionType, Decision, Order, Position, RegimeInfo, Trade
from .errors import ConfigurationError, DataError, PerpsimError, ProgramError, SimulationError, StrategyError
from .exchange import Ahead, OrderResult, PendingOrder, Touch
from .instants import utc_text
from .kernel import (
    ExchangePaused,
    ExchangeResumed,
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    Phase,
    RiskLimitHit,
    StrategyFailed,
    TriggerEvent,
)
from .market import FundingSchedule, MarketHistory, SymbolHistory, funding_schedule
from .market.flow import BookRows, FlowHistory, TimedValues, TradeRows
from .market.indicators import calculate_indicators
from .market.series import Kline, KlineColumns
from .periods import PERIOD_MS
from .program import HistoricalDataProvider, InProcessExecutor, MarketData, Strategy
from .program.language import SourceExecutor, validate_program
from .result import BacktestResult, EquityCurve
from .signals import (
    IncrementalDetector,
    IndicatorCondition,
    SignalBacktestService,
    SignalDefinition,
    SignalPool,
    parse_condition,
    suggest_threshold,
)
from .simulation import Simulation
from .venue import Instrument, MarginTier, RuleBook, VenueRules
from .venue.models import ExecutionModels, FeeModel, LatencyModel, MarketOrder, SlippageModel, VolumeCap

# the configuration, and what is raised on purpose
__all__ = [
    "BacktestConfig",
    "ConfigurationError",
    "DataError",
    "PerpsimError",
    "ProgramError",
    "SimulationError",
    "StrategyError",
]
# what a program says and sees
__all__ += ["ActionType", "Decision", "Kline", "MarketData", "Order", "Position", "RegimeInfo", "Strategy", "Trade"]
# the market
__all__ += [
    "BookRows",
    "FlowHistory",
    "FundingSchedule",
    "HistoricalDataProvider",
    "KlineColumns",
    "MarketHistory",
    "SymbolHistory",
    "TimedValues",
    "TradeRows",
    "calculate_indicators",
    "funding_schedule",
]
# time: a simulation, and what processes wait for
__all__ += ["PERIOD_MS", "Phase", "Simulation", "utc_text"]
# what is said on the bus
__all__ += [
    "ExchangePaused",
    "ExchangeResumed",
    "Fill",
    "FundingPaid",
    "Liquidated",
    "OrderRejected",
    "OrderSubmitted",
    "RiskLimitHit",
    "StrategyFailed",
    "TriggerEvent",
]
# the venue, and models of execution
__all__ += [
    "ExecutionModels",
    "FeeModel",
    "Instrument",
    "LatencyModel",
    "MarginTier",
    "MarketOrder",
    "RuleBook",
    "SlippageModel",
    "VenueRules",
    "VolumeCap",
]
# signals
__all__ += [
    "IncrementalDetector",
    "IndicatorCondition",
    "SignalBacktestService",
    "SignalDefinition",
    "SignalPool",
    "parse_condition",
    "suggest_threshold",
]
# running programs
__all__ += ["InProcessExecutor", "SourceExecutor", "validate_program"]
# orders of one's own kind
__all__ += ["Ahead", "PendingOrder", "Touch"]
# results
__all__ += ["BacktestResult", "BacktestTradeRecord", "EquityCurve", "OrderResult"]
