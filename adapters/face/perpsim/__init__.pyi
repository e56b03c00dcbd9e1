"""What users import from perpsim, by purpose; `__init__.py` imports a name from its home when it is first used."""

# the calls: one run, or many
from adapters.workbench import backtest as backtest
from adapters.workbench import card as card
from adapters.workbench import certify as certify
from adapters.workbench import diff as diff
from adapters.workbench import each_decision as each_decision
from adapters.workbench import explain as explain
from adapters.workbench import monte_carlo as monte_carlo
from adapters.workbench import search as search
from adapters.workbench import stress as stress
from adapters.workbench import sweep as sweep
from adapters.workbench import walk_forward as walk_forward
from adapters.workbench import what_if as what_if

# what many runs come to
from adapters.studies import Study as Study
from adapters.walking import WalkForward as WalkForward

# the market, the results and the studies of a database
from adapters.workbench import StoredResults as StoredResults
from adapters.workbench import StoredStudies as StoredStudies
from adapters.workbench import Workspace as Workspace
from adapters.workbench import load as load
from adapters.workbench import open as open
from adapters.workbench import results as results
from adapters.workbench import studies as studies

# a configuration, a run, its result
from engine import BacktestConfig as BacktestConfig
from engine import BacktestResult as BacktestResult
from engine import BacktestTradeRecord as BacktestTradeRecord
from engine import EquityCurve as EquityCurve
from processes import ProgramBacktestEngine as ProgramBacktestEngine
from processes import trusted_executor as trusted_executor

# what a program is asked with, and what it says
from engine import AccountEvent as AccountEvent
from engine import ActionType as ActionType
from engine import Decision as Decision
from engine import MarketData as MarketData
from engine import Order as Order
from engine import Position as Position
from engine import Strategy as Strategy
from engine import Trade as Trade
from engine import calculate_indicators as calculate_indicators
from engine import find_mistakes as find_mistakes
from engine import validate_program as validate_program

# the market of a run
from engine import FlowHistory as FlowHistory
from engine import Kline as Kline
from engine import KlineColumns as KlineColumns
from engine import MarketHistory as MarketHistory
from engine import SymbolHistory as SymbolHistory
from engine import TimedValues as TimedValues
from adapters import synthetic_flow_history as synthetic_flow_history
from adapters import synthetic_klines as synthetic_klines

# databases and files
from adapters import Database as Database
from adapters import load_market as load_market
from adapters import load_pool_sources as load_pool_sources
from adapters import open_database as open_database
from adapters import read_config_file as read_config_file
from adapters import read_funding_file as read_funding_file
from adapters import read_kline_file as read_kline_file

# signals
from engine import SignalDefinition as SignalDefinition
from engine import SignalPool as SignalPool
from engine import parse_condition as parse_condition
from processes import IndicatorSignal as IndicatorSignal
from processes import PoolSource as PoolSource
from processes import TriggerTimes as TriggerTimes

# programs of strangers
from adapters import Sandbox as Sandbox
from adapters import SandboxLimits as SandboxLimits
from adapters import SandboxUnavailable as SandboxUnavailable

# processes of one's own
from engine import PendingOrder as PendingOrder
from engine import Phase as Phase
from engine import Simulation as Simulation
from processes import start_standard_processes as start_standard_processes

# what goes wrong on purpose
from processes import faults as faults

# models and venues of one's own
from engine import ExecutionModels as ExecutionModels
from engine import FeeModel as FeeModel
from engine import Instrument as Instrument
from engine import LatencyModel as LatencyModel
from engine import SlippageModel as SlippageModel
from engine import VenueRules as VenueRules
from engine import VolumeCap as VolumeCap

# what is raised on purpose
from engine import ConfigurationError as ConfigurationError
from engine import DataError as DataError
from engine import PerpsimError as PerpsimError
from engine import ProgramError as ProgramError
from engine import SimulationError as SimulationError
from engine import StrategyError as StrategyError

# time as text
from engine import utc_text as utc_text
