"""Market databases: SQLite and PostgreSQL behind one interface, their tables, and rows in and out of them."""

from .feature_store import (
    FeatureRows,
    StoredFeature,
    feature_statement,
    features_of,
    read_feature,
    stored_features,
    write_features,
)
from .flow_store import FLOW_COLUMNS, flow_statement, read_flow_rows
from .import_store import FileRecord, imported_files, record_files
from .interface import Columns, Database, Fingerprint
from .kline_store import (
    KlineRows,
    StoredSeries,
    describe_series,
    period_length,
    possible_prices,
    read_klines,
    read_rows,
    require_series,
    series_statement,
    stored_periods,
    stored_series,
    write_klines,
)
from .mark_store import MARK_PERIOD, mark_kline_rows, read_mark_rows, stored_mark_series
from .row_listing import count_values, read_row_times, stored_names
from .row_store import TableRows, WriteCounts, checked_name, exchange_name, write_rows
from .schema import (
    RESULT_TABLES,
    backtest_details,
    backtest_labels,
    backtest_results,
    backtest_trades,
    backtest_trigger_logs,
    create_database,
    crypto_klines,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_regime_configs,
    market_trades_aggregated,
    perp_features,
    perp_funding,
    perp_mark_klines,
    signal_definitions,
    signal_pools,
    stored_json,
)
from .urls import database_to_fill, open_database

# databases
__all__ = ["Columns", "Database", "Fingerprint", "create_database", "database_to_fill", "open_database"]
# tables of market data
__all__ += ["crypto_klines", "market_asset_metrics", "market_orderbook_snapshots", "market_trades_aggregated"]
__all__ += [
    "market_regime_configs",
    "perp_features",
    "perp_funding",
    "perp_mark_klines",
    "signal_definitions",
    "signal_pools",
]
# tables of results
__all__ += ["RESULT_TABLES", "backtest_details", "backtest_labels", "backtest_results", "backtest_trades"]
__all__ += ["backtest_trigger_logs"]
# rows in and out
__all__ += ["FLOW_COLUMNS", "TableRows", "WriteCounts", "checked_name", "exchange_name", "stored_json", "write_rows"]
__all__ += ["flow_statement", "read_flow_rows"]
# what rows there are
__all__ += ["count_values", "read_row_times", "stored_names"]
# klines in and out
__all__ += ["KlineRows", "StoredSeries", "period_length", "read_klines", "read_rows", "series_statement"]
__all__ += ["describe_series", "possible_prices", "require_series", "stored_periods", "stored_series", "write_klines"]
# klines of the mark price in and out
__all__ += ["MARK_PERIOD", "mark_kline_rows", "read_mark_rows", "stored_mark_series"]
# files that were imported
__all__ += ["FileRecord", "imported_files", "record_files"]
# features in and out
__all__ += ["FeatureRows", "StoredFeature", "feature_statement", "features_of", "read_feature", "stored_features"]
__all__ += ["write_features"]
