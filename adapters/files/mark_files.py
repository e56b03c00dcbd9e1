"""Klines of the mark price from parquet and CSV files: what the mark price was at each close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine import PERIOD_MS
from engine.errors import FileFormatError

from ..database import TableRows, market_asset_metrics
from .imported_file import ImportedFile
from .kline_files import KLINE_LAYOUT, read_opens, read_prices
from .table_file import read_table

#: Mark prices further apart would be missing most of the time, and forming klines would be made of a few of them.
_PERIOD = "1m"


def read_mark_file(path: str | Path, period: str | None = None, where: Mapping[str, str] | None = None) -> ImportedFile:
    """Read and check one-minute klines of the mark price; a row is the close, at the instant at which it is known.

    Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    titles = {field: titles for field, titles in KLINE_LAYOUT.titles.items() if field != "volume"}
    table = read_table(path, replace(KLINE_LAYOUT, titles=titles), where)
    times, found = read_opens(table, period)
    if found != _PERIOD:
        problem = (
            f"these are {found} klines; a mark price counts for a minute and makes up forming klines, "
            f"so that only {_PERIOD} klines of it can be stored"
        )
        raise FileFormatError(table.path, None, table.titles["time"], problem)
    rows = TableRows(market_asset_metrics, times.ms + PERIOD_MS[found], {"mark_price": read_prices(table)["close"]})
    return ImportedFile(table.path, f"{found} klines of the mark price", len(table), times.unit, (rows,), table.remarks)
