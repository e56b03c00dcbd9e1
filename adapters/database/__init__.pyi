"""What others import from the room; `__init__.py` imports it when it is first used."""

# features in and out
from .feature_store import FeatureRows as FeatureRows
from .feature_store import StoredFeature as StoredFeature
from .feature_store import feature_statement as feature_statement
from .feature_store import features_of as features_of
from .feature_store import read_feature as read_feature
from .feature_store import stored_features as stored_features
from .feature_store import write_features as write_features

# flow in and out
from .flow_store import flow_statement as flow_statement
from .flow_store import read_flow_rows as read_flow_rows

# files that were imported
from .import_store import FileRecord as FileRecord
from .import_store import imported_files as imported_files
from .import_store import record_files as record_files

# databases
from .interface import Columns as Columns
from .interface import Database as Database
from .interface import Fingerprint as Fingerprint
from .interface import StateWatch as StateWatch

# klines in and out
from .kline_store import KlineRows as KlineRows
from .kline_store import StoredSeries as StoredSeries
from .kline_store import describe_series as describe_series
from .kline_store import is_series as is_series
from .kline_store import possible_prices as possible_prices
from .kline_store import read_klines as read_klines
from .kline_store import read_rows as read_rows
from .kline_store import require_series as require_series
from .kline_store import series_statement as series_statement
from .kline_store import stored_periods as stored_periods
from .kline_store import stored_series as stored_series
from .kline_store import write_klines as write_klines

# klines of the mark price in and out
from .mark_store import MARK_PERIOD as MARK_PERIOD
from .mark_store import mark_kline_rows as mark_kline_rows
from .mark_store import read_mark_rows as read_mark_rows
from .mark_store import stored_mark_series as stored_mark_series

# names of what a run needs
from .needed_columns import BOOK as BOOK
from .needed_columns import FEATURES as FEATURES
from .needed_columns import FLOW_COLUMNS as FLOW_COLUMNS
from .needed_columns import FUNDING as FUNDING
from .needed_columns import KLINES as KLINES
from .needed_columns import MARK_KLINES as MARK_KLINES
from .needed_columns import METRICS as METRICS
from .needed_columns import REGIMES as REGIMES
from .needed_columns import TRADES as TRADES
from .needed_columns import checked_name as checked_name
from .needed_columns import exchange_name as exchange_name
from .needed_columns import period_length as period_length

# what rows there are
from .row_listing import count_values as count_values
from .row_listing import read_row_times as read_row_times
from .row_listing import stored_names as stored_names

# rows of any table
from .row_store import TableRows as TableRows
from .row_store import WriteCounts as WriteCounts
from .row_store import write_rows as write_rows

# tables
from .schema import RESULT_TABLES as RESULT_TABLES
from .schema import STUDY_TABLES as STUDY_TABLES
from .schema import TABLES_OF_RESULTS as TABLES_OF_RESULTS
from .schema import backtest_desk as backtest_desk
from .schema import backtest_details as backtest_details
from .schema import backtest_journals as backtest_journals
from .schema import backtest_labels as backtest_labels
from .schema import backtest_orders as backtest_orders
from .schema import backtest_results as backtest_results
from .schema import backtest_series as backtest_series
from .schema import backtest_tags as backtest_tags
from .schema import backtest_trades as backtest_trades
from .schema import backtest_trigger_logs as backtest_trigger_logs
from .schema import create_database as create_database
from .schema import crypto_klines as crypto_klines
from .schema import market_asset_metrics as market_asset_metrics
from .schema import market_orderbook_snapshots as market_orderbook_snapshots
from .schema import market_regime_configs as market_regime_configs
from .schema import market_trades_aggregated as market_trades_aggregated
from .schema import perp_data_jobs as perp_data_jobs
from .schema import perp_features as perp_features
from .schema import perp_funding as perp_funding
from .schema import perp_mark_klines as perp_mark_klines
from .schema import perp_studies as perp_studies
from .schema import perp_trial_results as perp_trial_results
from .schema import perp_trials as perp_trials
from .schema import signal_definitions as signal_definitions
from .schema import signal_pools as signal_pools
from .schema import stored_json as stored_json

# databases, opened
from .urls import database_to_fill as database_to_fill
from .urls import open_database as open_database
