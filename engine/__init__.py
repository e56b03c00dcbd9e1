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
from .program.language import Language, SourceExecutor, find_mistakes, validate_program
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
__all__ = ["BacktestConfig", "ConfigurationError", "DataError", "PerpsimError"]
__all__ += ["ProgramError", "SimulationError", "StrategyError"]
# what a program says and sees
__all__ += ["ActionType", "Decision", "Kline", "MarketData", "Order", "Position", "RegimeInfo", "Strategy", "Trade"]
# the market: klines, flow and funding, and what is worked out from them
__all__ += ["KlineColumns", "MarketHistory", "SymbolHistory"]
__all__ += ["BookRows", "FlowHistory", "FundingSchedule", "TimedValues", "TradeRows", "funding_schedule"]
__all__ += ["HistoricalDataProvider", "calculate_indicators"]
# time: a simulation, and what processes wait for
__all__ += ["PERIOD_MS", "Phase", "Simulation", "utc_text"]
# what is said on the bus: of the program and its orders, of the venue
__all__ += ["Fill", "OrderRejected", "OrderSubmitted", "RiskLimitHit", "StrategyFailed", "TriggerEvent"]
__all__ += ["ExchangePaused", "ExchangeResumed", "FundingPaid", "Liquidated"]
# the venue, and models of execution
__all__ += ["Instrument", "MarginTier", "RuleBook", "VenueRules"]
__all__ += ["ExecutionModels", "FeeModel", "LatencyModel", "MarketOrder", "SlippageModel", "VolumeCap"]
# signals
__all__ += ["IndicatorCondition", "SignalDefinition", "SignalPool", "parse_condition"]
__all__ += ["IncrementalDetector", "SignalBacktestService", "suggest_threshold"]
# running programs
__all__ += ["InProcessExecutor", "Language", "SourceExecutor", "find_mistakes", "validate_program"]
# orders of one's own kind
__all__ += ["Ahead", "PendingOrder", "Touch"]
# results
__all__ += ["BacktestResult", "BacktestTradeRecord", "EquityCurve", "OrderResult"]
