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
    from .flow_loader import load_flow
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
    from .market_loader import load_market
    from .progress import progress_bar, run_progress
    from .regime_loader import load_regime_config
    from .result_files import write_equity_csv, write_result_json, write_trades_csv
    from .result_table import print_result
    from .row_store import WriteCounts
    from .synthetic_market import SyntheticSymbol, synthetic_klines, synthetic_symbol

__all__ = [
    "ColumnCache",
    "ConfigFile",
    "Database",
    "Gap",
    "Inspection",
    "KlineFile",
    "KlineRows",
    "Outlier",
    "StoredSeries",
    "SyntheticSymbol",
    "WriteCounts",
    "create_database",
    "draw_equity",
    "inspect_series",
    "inspect_stored",
    "load_flow",
    "load_klines",
    "load_market",
    "load_regime_config",
    "main",
    "open_database",
    "print_result",
    "progress_bar",
    "read_config_file",
    "read_kline_file",
    "read_klines",
    "read_rows",
    "require_series",
    "run_progress",
    "stored_periods",
    "stored_series",
    "synthetic_klines",
    "synthetic_symbol",
    "write_equity_csv",
    "write_klines",
    "write_result_json",
    "write_trades_csv",
]

_MODULES = {
    "column_cache": ("ColumnCache",),
    "command_line": ("main",),
    "config_file": ("ConfigFile", "read_config_file"),
    "database": ("Database", "open_database"),
    "database_creation": ("create_database",),
    "equity_picture": ("draw_equity",),
    "flow_loader": ("load_flow",),
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
    "market_loader": ("load_market",),
    "progress": ("progress_bar", "run_progress"),
    "regime_loader": ("load_regime_config",),
    "result_files": ("write_equity_csv", "write_result_json", "write_trades_csv"),
    "result_table": ("print_result",),
    "row_store": ("WriteCounts",),
    "synthetic_market": ("SyntheticSymbol", "synthetic_klines", "synthetic_symbol"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
