"""How the exports of venues write what others write plainly: times of a zone, years of two digits, sizes with units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from engine.errors import FileFormatError
from engine.plain_values import counted, shown

from ..files.tables import TableFile
from .fill_fees import DOLLARS

#: In titles: "Date(UTC)", "Time(UTC+8)"; in names of files: "Binance-...(UTC--6).csv", "...(UTC+3)-part1-of1.csv".
_ZONE = re.compile(r"\(UTC(?P<sign>[+-]{0,2})(?P<hours>\d{1,2})?(?::?(?P<minutes>\d{2}))?\)", re.IGNORECASE)
#: Titles that Binance alone has, and how it writes times in files of some languages.
_OF_BINANCE = frozenset(("Realized Profit", "Executed"))
_SHORT_YEAR, _SHORT_FORMAT = re.compile(r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d"), "%y-%m-%d %H:%M:%S"
_WITH_UNIT = re.compile(r"(?P<number>[+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)\s*(?P<unit>[A-Z][A-Z0-9]*)", re.IGNORECASE)
_NUMBERS = ("price", "size", "realized", "amount", "start_position")
_NOTHING = b"No data matches the criteria"


def refuse_empty_export(path: Path) -> None:
    """Raise `FileFormatError` for an export in which Binance says that there is nothing."""
    with path.open("rb") as file:
        if _NOTHING in file.read(2_000):
            raise FileFormatError(str(path), None, None, "the export is of a range without rows: export another one")


def with_times_told(table: TableFile, path: Path) -> TableFile:
    """Return a table with the time zone that a title or the name of its file tells, and the format of Binance's times,
    where the user has said neither.
    """
    options = table.options
    texts = [title for title in (table.titles["time"], *table.all_titles, path.name) if _ZONE.search(title)]
    if texts and options.time_zone is None:
        options = replace(options, time_zone=_offset(texts[0]))
    times = table.values["time"]
    is_short = times.dtype.kind not in "iuf" and bool(_SHORT_YEAR.fullmatch(str(times.iloc[0]).strip()))
    if is_short and options.time_format is None and _OF_BINANCE & {*table.all_titles}:
        options = replace(options, time_format=_SHORT_FORMAT)
    return replace(table, options=options)


def _offset(text: str) -> str:
    found = _ZONE.search(text)
    assert found is not None
    sign = "-" if "-" in found["sign"] else "+"
    return f"{sign}{int(found['hours'] or 0):02}:{found['minutes'] or '00'}"


def without_units(table: TableFile) -> TableFile:
    """Return a table with numbers alone where a unit stands beside them: "0.010BTC", "67,000.0 USDT". A size in dollars
    is refused.
    """
    values = dict(table.values)
    for field in _NUMBERS:
        column = values.get(field)
        if column is None or column.dtype.kind in "iuf":
            continue
        found = [_WITH_UNIT.fullmatch(str(each).strip()) for each in column]
        if not any(found):
            continue
        good = np.array([field != "size" or each is None or each["unit"].upper() not in DOLLARS for each in found])
        table.require(good, field, lambda row, of=column: (  # type: ignore[misc]
            f"{shown(of.iloc[row])} is an amount of money: sizes are in coins, export them so"
        ))  # fmt: skip
        plain = [
            each if match is None else match["number"].replace(",", "")
            for each, match in zip(column, found, strict=True)
        ]
        values[field] = pd.Series(plain, dtype=object)
    return replace(table, values=values)


def executed_orders(table: TableFile) -> tuple[TableFile, Sequence[str]]:
    """Return of a history of orders those that were executed, and a remark; other tables as they are."""
    if not table.titles["size"].lower().startswith("executed ") or "Status" not in table.all_titles:
        return table, ()
    executed = table.numbers("size") > 0
    if not executed.any():
        table.fail("size", "nothing of these orders was executed: export the trades")
    said = "orders, each at its mean price: an order history tells no fees and no parts, the trade history does"
    others = len(table) - int(executed.sum())
    return table.kept(executed), (said, *([f"{counted(others, 'order')} that did not fill left out"] * bool(others)))
