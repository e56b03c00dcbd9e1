"""Funding rates from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.errors import FileFormatError
from engine.market import (
    FUNDING_TIME_TITLES,
    MARK_TITLES,
    PERCENT_WORDS,
    RATE_TITLES,
    REALISED_RATE_TITLES,
    SYMBOL_TITLES,
    TIME_TITLES,
    letters_of,
)
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import MINUTE_MS, SECOND_MS

from ..database import TableRows, perp_funding
from .plausible_values import LARGEST_RATE, require_prices
from .tables import SERIES, ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows

#: Rates beyond these happen, but are percent more often: the user has to say what they are.
_UNUSUAL_MEDIAN, _UNUSUAL_RATE = 0.001, 0.05

#: When the rate of a row will be paid, in files of tickers; between two payments is more time than the latter.
_PAID_AT = frozenset(("fundingtimestamp", "nextfundingtime", "nextfundingtimestamp"))
_FASTEST_MS = 30 * MINUTE_MS

#: What a column with such a word in its title holds is no rate that was paid.
_NO_RATE = tuple("time date interval hour predicted next estimated cap floor annual apr apy".split())

#: freqtrade keeps rates as klines of which only the open is filled.
_KLINE = "kline "
_EMPTY = tuple(f"{_KLINE}{name}" for name in ("high", "low", "close", "volume"))


def _open_as_rate(titles: Sequence[str], places: Mapping[str, int]) -> Mapping[str, int]:
    """Return the place of the open as that of the rate, in a file of klines without one."""
    plain = [letters_of(title) for title in titles]
    is_kline = "rate" not in places and all(field in places for field in _EMPTY) and "open" in plain
    return {"rate": plain.index("open")} if is_kline else {}


#: The columns of a funding file. Without a header: the three that Binance publishes (the second is the hours), and the
#: lists of freqtrade.
FUNDING_LAYOUT = Layout(
    titles={
        "time": (*FUNDING_TIME_TITLES, *TIME_TITLES),
        "rate": RATE_TITLES,
        "mark_price": MARK_TITLES,
        SERIES: SYMBOL_TITLES,
        **{field: (field.removeprefix(_KLINE),) for field in _EMPTY},
    },
    headerless={3: ("time", "interval_hours", "rate"), 6: ("time", "rate", *_EMPTY)},
    optional=frozenset({"mark_price", SERIES, *_EMPTY}),
    more_titles=_open_as_rate,
)


def read_funding_file(
    path: str | Path,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    rates_are: str | None = None,
    options: ReadOptions | None = None,
) -> ImportedFile:
    """Read and check funding rates: what is paid at a settlement, positive when longs pay.

    They are fractions of the notional, or percent where the title or the values say so; `rates_are` ("fraction",
    "percent") says it for rates so large that it must be said. `columns` chooses the column of a field by its title;
    several that may be the rate need a choice, unless one is the realised or relative one. Times are kept to the
    millisecond. `where` keeps the rows in which a column, by its title, has a text. Raises `FileFormatError` with file,
    row and column for whatever is not as it should be.
    """
    table = read_table(path, FUNDING_LAYOUT.with_columns(columns or {}), where, options)
    if "rate" not in (columns or {}):
        _refuse_rivals(table)
    return without_bad_rows(table, lambda rows: _funding(rows, rates_are))


def _funding(table: TableFile, rates_are: str | None) -> ImportedFile:
    table, times = timed_rows(table, "time")
    _refuse_quoted(table, times.ms)
    said = _said_of_klines(table)
    rates, remarks = _read_rates(table, rates_are)
    stored = {"funding_rate": rates}
    if "mark_price" in table:
        marks = stored["mark_price"] = table.numbers("mark_price", may_be_missing=True)
        require_prices(table, "mark_price", marks)
    if rates_are is None:
        _require_usual(table, rates)
    return table.imported(
        "funding rates", times.unit, TableRows(perp_funding, times.ms, stored), remarks=[*said, *remarks]
    )


def _refuse_quoted(table: TableFile, times_ms: TimeColumn) -> None:
    """Raise `FileFormatError` for the rates of a ticker, which tell beside their times when they will be paid, and
    follow one another faster than any venue has them paid.
    """
    paid = next((title for title in table.all_titles if letters_of(title) in _PAID_AT), None)
    step = np.median(np.diff(times_ms)) if len(times_ms) > 1 else _FASTEST_MS
    if paid is not None and paid != table.titles["time"] and step < _FASTEST_MS:
        problem = (
            f"these rates follow one another after {step / SECOND_MS:g} s, as a ticker quotes them, and each would be "
            f"paid: say --column time={paid} --keep last, which takes the last one before each payment"
        )
        raise FileFormatError(table.path, None, table.titles["time"], problem)


def _said_of_klines(table: TableFile) -> list[str]:
    """Return what is to be said of rates that stand in the opens of klines. Raises `FileFormatError` where these are
    klines of a price.
    """
    in_opens = letters_of(table.titles["rate"]) == "open" or not table.all_titles
    if not in_opens or not all(field in table for field in _EMPTY):
        return []
    if any(np.nan_to_num(table.numbers(field, may_be_missing=True)).any() for field in _EMPTY):
        table.fail("rate", "these are klines, not rates; choose the column of the rates with --column rate=TITLE")
    where = table.titles["rate"] if table.all_titles else "the second column"
    return [f"the rates are in {where}, as freqtrade keeps them: all else of these klines is 0"]


def _refuse_rivals(table: TableFile) -> None:
    """Raise `FileFormatError` where another column may be the rate, unless the one found is the realised one."""
    chosen = table.titles["rate"]
    rivals = [title for title in table.all_titles if title != chosen and _may_be_rate(title)]
    if rivals and letters_of(chosen) not in map(letters_of, REALISED_RATE_TITLES):
        names = " or ".join((chosen, *rivals))
        problem = f"the rate may be {names}: choose with --column, for example --column rate={chosen}"
        raise FileFormatError(table.path, None, None, problem)


def _may_be_rate(title: str) -> bool:
    letters = letters_of(title)
    return "rate" in letters and not any(word in letters for word in _NO_RATE)


def _read_rates(table: TableFile, rates_are: str | None) -> tuple[FloatColumn, list[str]]:
    """Return the rates as fractions, and a remark where they were something else."""
    signs = _percent_signs(table.values["rate"])
    if signs is not None:
        table = replace(table, values={**table.values, "rate": signs})
    values, title = table.numbers("rate"), table.titles["rate"]
    in_title = any(word in title.lower() for word in PERCENT_WORDS)
    is_percent = rates_are == "percent" or (rates_are is None and (in_title or signs is not None))
    rates = values / 100.0 if is_percent else values
    table.require(
        np.abs(rates) < LARGEST_RATE,
        "rate",
        lambda row: (
            f"{values[row]} is no {'rate in percent' if is_percent else 'fraction'} of the notional (0.0001 is 0.01 %)"
        ),
    )
    return rates, [f"the rates are percent: {values[0]:g} is stored as {rates[0]:g}"] if is_percent else []


def _percent_signs(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return the values without their percent signs where all of them have one, else None."""
    if column.dtype.kind in "iufM":
        return None
    texts = column.astype(str).str.strip()
    return texts.str.removesuffix("%") if texts.str.endswith("%").all() else None


def _require_usual(table: TableFile, rates: FloatColumn) -> None:
    """Raise `FileFormatError` for rates that are more often percent than fractions of the notional."""
    sizes = np.abs(rates)
    median = float(np.median(sizes))
    say = "say with --rates-are percent or --rates-are fraction what the column holds"
    if median > _UNUSUAL_MEDIAN:
        problem = f"half of the rates are beyond {median * 100.0:.4g} % of the notional; {say}"
        raise FileFormatError(table.path, None, table.titles["rate"], problem)
    usual = sizes <= _UNUSUAL_RATE
    table.require(usual, "rate", lambda row: f"{rates[row] * 100.0:.4g} % of the notional is unusual; {say}")
