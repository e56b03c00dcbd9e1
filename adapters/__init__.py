"""The outside world: databases, files, the command line. Modules are imported when a name of theirs is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .column_cache import ColumnCache
    from .command_line import main
    from .database import Database, open_database
    from .inspection import Gap, Inspection, Outlier, inspect_series, inspect_stored
    from .kline_files import KlineFile, read_kline_file
    from .kline_loader import load_klines
    from .kline_store import (
        KlineRows,
        StoredSeries,
        WriteCounts,
        read_klines,
        read_rows,
        require_series,
        stored_periods,
        stored_series,
        write_klines,
    )
    from .synthetic_market import SyntheticSymbol, synthetic_klines, synthetic_symbol

__all__ = [
    "ColumnCache",
    "Database",
    "Gap",
    "Inspection",
    "KlineFile",
    "KlineRows",
    "Outlier",
    "StoredSeries",
    "SyntheticSymbol",
    "WriteCounts",
    "inspect_series",
    "inspect_stored",
    "load_klines",
    "main",
    "open_database",
    "read_kline_file",
    "read_klines",
    "read_rows",
    "require_series",
    "stored_periods",
    "stored_series",
    "synthetic_klines",
    "synthetic_symbol",
    "write_klines",
]

_MODULES = {
    "column_cache": ("ColumnCache",),
    "command_line": ("main",),
    "database": ("Database", "open_database"),
    "inspection": ("Gap", "Inspection", "Outlier", "inspect_series", "inspect_stored"),
    "kline_files": ("KlineFile", "read_kline_file"),
    "kline_loader": ("load_klines",),
    "kline_store": (
        "KlineRows",
        "StoredSeries",
        "WriteCounts",
        "read_klines",
        "read_rows",
        "require_series",
        "stored_periods",
        "stored_series",
        "write_klines",
    ),
    "synthetic_market": ("SyntheticSymbol", "synthetic_klines", "synthetic_symbol"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
