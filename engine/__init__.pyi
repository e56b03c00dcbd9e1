"""What users import from the engine, by room; `__init__.py` imports a room when a name of it is first used."""

# trades
from .account import BacktestTradeRecord as BacktestTradeRecord

# the configuration
from .config import BacktestConfig as BacktestConfig

# what a program says, and is told
from .contract import AccountEvent as AccountEvent
from .contract import ActionType as ActionType
from .contract import Decision as Decision
from .contract import Order as Order
from .contract import Position as Position
from .contract import RegimeInfo as RegimeInfo
from .contract import Trade as Trade

# what is raised on purpose
from .errors import ConfigurationError as ConfigurationError
from .errors import DataError as DataError
from .errors import PerpsimError as PerpsimError
from .errors import ProgramError as ProgramError
from .errors import SimulationError as SimulationError
from .errors import StrategyError as StrategyError

# orders: what became of them, and those of one's own kind
from .exchange import Ahead as Ahead
from .exchange import OrderResult as OrderResult
from .exchange import PendingOrder as PendingOrder
from .exchange import Touch as Touch

# time as text
from .instants import utc_text as utc_text

# what an instant is made of, and what is said on the bus
from .kernel import ExchangePaused as ExchangePaused
from .kernel import ExchangeResumed as ExchangeResumed
from .kernel import FaultActed as FaultActed
from .kernel import FaultBegan as FaultBegan
from .kernel import FaultEnded as FaultEnded
from .kernel import Fill as Fill
from .kernel import FundingPaid as FundingPaid
from .kernel import Liquidated as Liquidated
from .kernel import OrderRejected as OrderRejected
from .kernel import OrderSubmitted as OrderSubmitted
from .kernel import Phase as Phase
from .kernel import RiskLimitHit as RiskLimitHit
from .kernel import StrategyFailed as StrategyFailed
from .kernel import TriggerEvent as TriggerEvent

# the market: klines, flow and funding, and what is worked out from them
from .market import FundingSchedule as FundingSchedule
from .market import MarketHistory as MarketHistory
from .market import SymbolHistory as SymbolHistory
from .market import funding_schedule as funding_schedule
from .market.flow import BookRows as BookRows
from .market.flow import FlowHistory as FlowHistory
from .market.flow import TimedValues as TimedValues
from .market.flow import TradeRows as TradeRows
from .market.indicators import calculate_indicators as calculate_indicators
from .market.series import Kline as Kline
from .market.series import KlineColumns as KlineColumns

# lengths of klines
from .periods import PERIOD_MS as PERIOD_MS

# programs: what they are asked with, and what runs them
from .program import HistoricalDataProvider as HistoricalDataProvider
from .program import InProcessExecutor as InProcessExecutor
from .program import MarketData as MarketData
from .program import Strategy as Strategy
from .program.language import Language as Language
from .program.language import SourceExecutor as SourceExecutor
from .program.language import find_mistakes as find_mistakes
from .program.language import validate_program as validate_program

# results
from .result import BacktestResult as BacktestResult
from .result import EquityCurve as EquityCurve

# signals
from .signals import FeatureCondition as FeatureCondition
from .signals import IncrementalDetector as IncrementalDetector
from .signals import IndicatorCondition as IndicatorCondition
from .signals import SignalBacktestService as SignalBacktestService
from .signals import SignalDefinition as SignalDefinition
from .signals import SignalPool as SignalPool
from .signals import parse_condition as parse_condition
from .signals import suggest_threshold as suggest_threshold

# a simulation
from .simulation import Simulation as Simulation

# the venue, and models of execution
from .venue import Instrument as Instrument
from .venue import MarginTier as MarginTier
from .venue import RuleBook as RuleBook
from .venue import VenueRules as VenueRules
from .venue.models import ExecutionModels as ExecutionModels
from .venue.models import FeeModel as FeeModel
from .venue.models import LatencyModel as LatencyModel
from .venue.models import MarketOrder as MarketOrder
from .venue.models import SlippageModel as SlippageModel
from .venue.models import VolumeCap as VolumeCap
