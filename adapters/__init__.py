"""The outside world: databases, files, the command line. Modules are imported when a name of theirs is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .column_cache import ColumnCache
    from .command_line import main
    from .config_file import ConfigFile, read_config_file
    from .database import Database, open_database
    from .database_creation import create_database
    from .equity_picture import draw_equity
    from .flow_files import read_flow_file
    from .flow_loader import load_flow
    from .funding_files import read_funding_file
    from .imported_file import ImportedFile
    from .inspection import Gap, Inspection, Outlier, inspect_series, inspect_stored
    from .kline_files import KlineFile, read_kline_file
    from .kline_loader import load_klines
    from .kline_store import (
        KlineRows,
        StoredSeries,
        read_klines,
        read_rows,
        require_series,
        stored_periods,
        stored_series,
        write_klines,
    )
    from .mark_files import read_mark_file
    from .market_loader import load_market
    from .pool_sources import PoolSources, load_pool_sources
    from .progress import progress_bar, run_progress
    from .quote_files import read_quote_files
    from .regime_loader import load_regime_config
    from .result_files import write_equity_csv, write_result_json, write_trades_csv
    from .result_table import print_result
    from .row_store import TableRows, WriteCounts, write_rows
    from .sandbox import Sandbox, SandboxLimits, SandboxUnavailable
    from .signal_addition import add_signals
    from .signal_store import load_pools
    from .synthetic_flow import synthetic_flow_history
    from .synthetic_market import SyntheticSymbol, synthetic_klines, synthetic_symbol
    from .trade_prints import read_trade_files

__all__ = [
    "ColumnCache",
    "ConfigFile",
    "Database",
    "Gap",
    "ImportedFile",
    "Inspection",
    "KlineFile",
    "KlineRows",
    "Outlier",
    "PoolSources",
    "Sandbox",
    "SandboxLimits",
    "SandboxUnavailable",
    "StoredSeries",
    "SyntheticSymbol",
    "TableRows",
    "WriteCounts",
    "add_signals",
    "create_database",
    "draw_equity",
    "inspect_series",
    "inspect_stored",
    "load_flow",
    "load_klines",
    "load_market",
    "load_pool_sources",
    "load_pools",
    "load_regime_config",
    "main",
    "open_database",
    "print_result",
    "progress_bar",
    "read_config_file",
    "read_flow_file",
    "read_funding_file",
    "read_kline_file",
    "read_klines",
    "read_mark_file",
    "read_quote_files",
    "read_rows",
    "read_trade_files",
    "require_series",
    "run_progress",
    "stored_periods",
    "stored_series",
    "synthetic_flow_history",
    "synthetic_klines",
    "synthetic_symbol",
    "write_equity_csv",
    "write_klines",
    "write_result_json",
    "write_rows",
    "write_trades_csv",
]

_MODULES = {
    "column_cache": ("ColumnCache",),
    "command_line": ("main",),
    "config_file": ("ConfigFile", "read_config_file"),
    "database": ("Database", "open_database"),
    "database_creation": ("create_database",),
    "equity_picture": ("draw_equity",),
    "flow_files": ("read_flow_file",),
    "flow_loader": ("load_flow",),
    "funding_files": ("read_funding_file",),
    "imported_file": ("ImportedFile",),
    "inspection": ("Gap", "Inspection", "Outlier", "inspect_series", "inspect_stored"),
    "kline_files": ("KlineFile", "read_kline_file"),
    "kline_loader": ("load_klines",),
    "kline_store": (
        "KlineRows",
        "StoredSeries",
        "read_klines",
        "read_rows",
        "require_series",
        "stored_periods",
        "stored_series",
        "write_klines",
    ),
    "mark_files": ("read_mark_file",),
    "market_loader": ("load_market",),
    "pool_sources": ("PoolSources", "load_pool_sources"),
    "progress": ("progress_bar", "run_progress"),
    "quote_files": ("read_quote_files",),
    "regime_loader": ("load_regime_config",),
    "result_files": ("write_equity_csv", "write_result_json", "write_trades_csv"),
    "result_table": ("print_result",),
    "row_store": ("TableRows", "WriteCounts", "write_rows"),
    "sandbox": ("Sandbox", "SandboxLimits", "SandboxUnavailable"),
    "signal_addition": ("add_signals",),
    "signal_store": ("load_pools",),
    "synthetic_flow": ("synthetic_flow_history",),
    "synthetic_market": ("SyntheticSymbol", "synthetic_klines", "synthetic_symbol"),
    "trade_prints": ("read_trade_files",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
