"""What users import from the adapters, by room; `__init__.py` imports a room when a name of it is first used."""

# the command
from .commands import main as main

# configurations in files
from .configuration import ConfigFile as ConfigFile
from .configuration import read_config_file as read_config_file

# databases
from .database import Database as Database
from .database import KlineRows as KlineRows
from .database import StoredSeries as StoredSeries
from .database import TableRows as TableRows
from .database import WriteCounts as WriteCounts
from .database import create_database as create_database
from .database import open_database as open_database
from .database import read_klines as read_klines
from .database import read_rows as read_rows
from .database import require_series as require_series
from .database import stored_periods as stored_periods
from .database import stored_series as stored_series
from .database import write_klines as write_klines
from .database import write_rows as write_rows

# files of market data
from .files import ImportedFile as ImportedFile
from .files import KlineFile as KlineFile
from .files import ReadOptions as ReadOptions
from .files import read_flow_file as read_flow_file
from .files import read_funding_file as read_funding_file
from .files import read_kline_file as read_kline_file
from .files import read_mark_file as read_mark_file
from .files import read_quote_files as read_quote_files
from .files import read_trade_files as read_trade_files

# what is stored, looked at
from .inspection import Gap as Gap
from .inspection import Inspection as Inspection
from .inspection import Outlier as Outlier
from .inspection import Stretch as Stretch
from .inspection import inspect_marks as inspect_marks
from .inspection import inspect_series as inspect_series
from .inspection import inspect_stored as inspect_stored

# from a database to a market, through a cache
from .market import ColumnCache as ColumnCache
from .market import load_flow as load_flow
from .market import load_klines as load_klines
from .market import load_mark_klines as load_mark_klines
from .market import load_market as load_market
from .market import load_regime_config as load_regime_config

# files of a user's own that hide ours
from .namesakes import refuse_namesakes as refuse_namesakes

# results
from .results import draw_equity as draw_equity
from .results import print_result as print_result
from .results import write_equity_csv as write_equity_csv
from .results import write_records_csv as write_records_csv
from .results import write_result_json as write_result_json
from .results import write_trades_csv as write_trades_csv

# runs
from .runs import fix_hash_seed as fix_hash_seed
from .runs import progress_bar as progress_bar
from .runs import run_progress as run_progress

# programs of strangers
from .sandbox import Sandbox as Sandbox
from .sandbox import SandboxLimits as SandboxLimits
from .sandbox import SandboxUnavailable as SandboxUnavailable

# signals
from .signals import PoolSources as PoolSources
from .signals import add_signals as add_signals
from .signals import load_pool_sources as load_pool_sources
from .signals import load_pools as load_pools

# made-up markets
from .synthetic import SyntheticSymbol as SyntheticSymbol
from .synthetic import synthetic_flow_history as synthetic_flow_history
from .synthetic import synthetic_klines as synthetic_klines
from .synthetic import synthetic_symbol as synthetic_symbol

# a back-test in one call
from .workbench import backtest as backtest

# results in notebooks
def present_results() -> None: ...
