"""Market databases: SQLite and PostgreSQL behind one interface, their tables, and rows in and out of them."""

from .flow_store import FLOW_COLUMNS, flow_statement, read_flow_rows
from .interface import Columns, Database, Fingerprint, RowColumns
from .kline_store import (
    KlineRows,
    StoredSeries,
    describe_series,
    period_length,
    read_klines,
    read_rows,
    require_series,
    series_statement,
    stored_periods,
    stored_series,
    write_klines,
)
from .row_store import TableRows, WriteCounts, checked_name, exchange_name, write_rows
from .schema import (
    RESULT_TABLES,
    backtest_details,
    backtest_results,
    backtest_trades,
    backtest_trigger_logs,
    create_database,
    crypto_klines,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_regime_configs,
    market_trades_aggregated,
    perp_funding,
    signal_definitions,
    signal_pools,
    stored_json,
)
from .urls import open_database

# databases
__all__ = ["Columns", "Database", "Fingerprint", "RowColumns", "create_database", "open_database"]
# their tables
__all__ += [
    "RESULT_TABLES",
    "backtest_details",
    "backtest_results",
    "backtest_trades",
    "backtest_trigger_logs",
    "crypto_klines",
    "market_asset_metrics",
    "market_orderbook_snapshots",
    "market_regime_configs",
    "market_trades_aggregated",
    "perp_funding",
    "signal_definitions",
    "signal_pools",
]
# rows in and out
__all__ += [
    "FLOW_COLUMNS",
    "KlineRows",
    "StoredSeries",
    "TableRows",
    "WriteCounts",
    "checked_name",
    "describe_series",
    "exchange_name",
    "flow_statement",
    "period_length",
    "read_flow_rows",
    "read_klines",
    "read_rows",
    "require_series",
    "series_statement",
    "stored_json",
    "stored_periods",
    "stored_series",
    "write_klines",
    "write_rows",
]
