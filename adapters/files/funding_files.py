"""Funding rates from parquet and CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..database import TableRows, perp_funding
from .file_times import TIME_TITLES, read_times
from .table_file import ImportedFile, Layout, read_table

#: A payment of more than the whole position is no rate: percent, or another column.
_LARGEST_RATE = 1.0

#: The columns of a funding file. Without a header: the three that Binance publishes (the second is the hours).
FUNDING_LAYOUT = Layout(
    titles={
        "time": ("funding_time", "calc_time", *TIME_TITLES),
        "funding_rate": ("funding_rate", "last_funding_rate", "rate"),
        "mark_price": ("mark_price", "mark"),
    },
    headerless={3: ("time", "interval_hours", "funding_rate")},
    optional=frozenset({"mark_price"}),
)


def read_funding_file(path: str | Path, where: Mapping[str, str] | None = None) -> ImportedFile:
    """Read and check funding rates: fractions of the notional per payment, positive when longs pay.

    Times are kept to the millisecond. `where` keeps the rows in which a column, by its title, has a text. Raises
    `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    table = read_table(path, FUNDING_LAYOUT, where)
    times = read_times(table, "time")
    rates = table.numbers("funding_rate")
    table.require(
        np.abs(rates) < _LARGEST_RATE,
        "funding_rate",
        lambda row: f"{rates[row]} is no fraction of the notional (0.0001 is 0.01 %)",
    )
    columns = {"funding_rate": rates}
    if "mark_price" in table:
        marks = columns["mark_price"] = table.numbers("mark_price", may_be_missing=True)
        table.require(~(marks <= 0), "mark_price", lambda row: f"{marks[row]} is not a positive price")
    return table.imported("funding rates", times.unit, TableRows(perp_funding, times.ms, columns))
