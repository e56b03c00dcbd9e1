"""What a venue publishes of an asset now and then, from files: open interest, prices, long/short ratios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import FileFormatError
from engine.market import SYMBOL_TITLES, TIME_TITLES, letters_of
from engine.market.series import FloatColumn, TimeColumn

from ..database import TableRows, market_asset_metrics, perp_features
from .contract_sizes import ContractSize, refuse_contracts
from .plausible_values import require_amounts, require_differences, require_prices_or_none
from .tables import (
    SERIES,
    ImportedFile,
    Layout,
    ReadOptions,
    TableFile,
    listed,
    read_table,
    timed_rows,
    without_bad_rows,
)

_INTEREST, _VALUE = "open_interest", "open_interest_value"
_BOUGHT, _SOLD = "long share", "short share"
#: Where the unit is coins without a doubt.
_IN_COINS = ("open_interest_coins", "open_interest_ccy", "oi_ccy", "oi_coins")

#: Columns of the platform's table, as files call them.
_PRICES = {
    "mark_price": ("mark_price", "mark_px"),
    "oracle_price": ("oracle_price", "oracle_px"),
    "mid_price": ("mid_price", "mid_px"),
}
_METRICS = {**_PRICES, "premium": ("premium",), "day_notional_volume": ("day_notional_volume", "day_ntl_vlm")}
#: Ratios have no table of the platform's: they become features, under these names.
_RATIOS = {
    "long_short_ratio": (
        *"count_long_short_ratio long_short_ratio long_short_acct_ratio long_short_account_ratio".split(),
        *"long_short_account_ratio_contract account_long_short_ratio".split(),
    ),
    "top_account_long_short_ratio": ("count_toptrader_long_short_ratio", "top_trader_account_long_short_ratio"),
    "top_position_long_short_ratio": ("sum_toptrader_long_short_ratio", "top_trader_position_long_short_ratio"),
    "taker_long_short_ratio": ("sum_taker_long_short_vol_ratio", "taker_long_short_vol_ratio", "buy_sell_ratio"),
}
#: Bybit gives the shares of both sides for it.
_SHARES = {_BOUGHT: ("buy_ratio", "long_account"), _SOLD: ("sell_ratio", "short_account")}

METRIC_LAYOUT = Layout(
    titles={
        "time": ("create_time", "created_time", *TIME_TITLES),
        _INTEREST: (*_IN_COINS, "sum_open_interest", "open_interest_amount", "open_interest", "oi"),
        _VALUE: ("sum_open_interest_value", "open_interest_value", "oi_usd", "oi_value", "open_interest_usd"),
        **_METRICS,
        **_RATIOS,
        **_SHARES,
        SERIES: SYMBOL_TITLES,
        "funding": ("funding_rate", "funding"),
    },
    headerless={},
    optional=frozenset({_INTEREST, _VALUE, *_METRICS, *_RATIOS, *_SHARES, SERIES, "funding"}),
)
_LARGEST_RATIO = 1e6
#: What is above is no time in milliseconds.
_LATEST_MS = 10**14


def read_metric_file(
    path: str | Path,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    contract: ContractSize | None = None,
    options: ReadOptions | None = None,
) -> ImportedFile:
    """Read and check what a venue publishes of an asset: open interest (in coins, or counted by a `contract`), prices
    of mark, oracle and middle, premium, turnover of a day, and ratios of longs to shorts, which become features. The
    time of a row is the instant from which on its values are known.

    `columns` chooses the column of a field by its title; `where` keeps the rows in which a column, by its title, has a
    text. Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    table = read_table(path, METRIC_LAYOUT.with_columns(columns or {}), where, options)
    is_chosen = _INTEREST in (columns or {})
    return without_bad_rows(table, lambda rows: _metrics(rows, contract, is_chosen))


def _metrics(table: TableFile, contract: ContractSize | None, is_chosen: bool) -> ImportedFile:
    is_fine = _is_finer_than_ms(table)
    table, times = timed_rows(table, "time", of_events=is_fine)
    if is_fine:  # of one millisecond the last row is what is known at its end
        last = np.diff(times.ms, append=times.ms[-1:] + 1) != 0
        table, times = table.kept(last), times._replace(ms=times.ms[last])
    metrics, remarks = _read_interest(table, contract, is_chosen)
    metrics |= {name: _read_metric(table, name) for name in _METRICS if name in table}
    ratios = _read_ratios(table)
    if not metrics and not ratios:
        problem = (
            f"there is neither open interest in coins nor a ratio of longs to shorts; the file has "
            f"{listed(table.all_titles)}; --column {_INTEREST}=TITLE chooses a column"
        )
        raise FileFormatError(table.path, None, None, problem)
    rows = [TableRows(market_asset_metrics, times.ms, metrics)] if metrics else []
    rows += [_feature(name, times.ms, ratio) for name, ratio in ratios.items()]
    if ratios:
        remarks.append(f"ratios of longs to shorts are stored as features: {', '.join(ratios)}")
    if "funding" in table:
        remarks.append(f"{table.titles['funding']} is not taken: rates that are paid come in with --kind funding")
    file = table.imported("rows of metrics", times.unit, *rows, remarks=remarks)
    return replace(file, rows=tuple(part for part in file.rows if len(part)))


def _is_finer_than_ms(table: TableFile) -> bool:
    """Whether the times are numbers of micro- or nanoseconds, as those of recordings are."""
    column = table.values["time"]
    return bool(column.dtype.kind in "iuf" and len(column) and column.iloc[0] > _LATEST_MS)


def _read_interest(
    table: TableFile, contract: ContractSize | None, is_chosen: bool
) -> tuple[dict[str, FloatColumn], list[str]]:
    """Return the open interest in coins, where the file has it, and remarks."""
    if _INTEREST not in table:
        if _VALUE not in table:
            return {}, []
        title = table.titles[_VALUE]
        return {}, [f"{title} is in USD, which is not stored: a run has the coins at their mark price"]
    amount = table.numbers(_INTEREST, may_be_missing=True)
    require_amounts(table, _INTEREST, amount)
    title = table.titles[_INTEREST]
    if contract is None:
        if not is_chosen and letters_of(title) not in map(letters_of, _IN_COINS):
            _refuse_unknown_unit(table, title)
        return {_INTEREST: amount}, []
    if contract.in_usd and "mark_price" not in table:
        problem = "contracts of USD become coins at the mark price, and the file has none: --column open_interest=TITLE"
        raise FileFormatError(table.path, None, title, problem)
    price = table.numbers("mark_price", may_be_missing=True) if contract.in_usd else np.ones(len(table))
    return {_INTEREST: contract.coins(amount, price)}, [f"the {title} is in {contract}; coins are stored"]


def _refuse_unknown_unit(table: TableFile, title: str) -> None:
    if title.lower() != "oi":
        refuse_contracts(table, _INTEREST)
        return
    problem = (
        "OKX counts contracts under this title: say with --contract-size what one is, or with "
        f"--column {_INTEREST}={title} that these are coins"
    )
    raise FileFormatError(table.path, None, title, problem)


def _read_metric(table: TableFile, name: str) -> FloatColumn:
    values = table.numbers(name, may_be_missing=True)
    check = require_prices_or_none if name in _PRICES else require_differences if name == "premium" else require_amounts
    check(table, name, values)
    return values


def _read_ratios(table: TableFile) -> dict[str, FloatColumn]:
    ratios = {name: table.numbers(name, may_be_missing=True) for name in _RATIOS if name in table}
    for name, ratio in ratios.items():
        possible = ~((ratio < 0) | (ratio > _LARGEST_RATIO))
        table.require(possible, name, lambda row, ratio=ratio: f"{ratio[row]} is no ratio of longs to shorts")  # type: ignore[misc]
    if "long_short_ratio" not in ratios and _BOUGHT in table and _SOLD in table:
        bought, sold = table.numbers(_BOUGHT), table.numbers(_SOLD)
        table.require(bought >= 0, _BOUGHT, lambda row: f"{bought[row]} is no share of the accounts")
        table.require(sold > 0, _SOLD, lambda row: f"{sold[row]} is no share of the accounts above 0")
        ratios["long_short_ratio"] = bought / sold
    return ratios


def _feature(name: str, times_ms: TimeColumn, values: FloatColumn) -> TableRows:
    """Return a ratio as a feature: without the rows that have none."""
    there = ~np.isnan(values)
    return TableRows(perp_features, times_ms[there], {"value": values[there]}, {"feature": name})
