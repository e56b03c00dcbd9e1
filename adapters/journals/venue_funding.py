"""Funding payments of a venue from its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from engine.plain_values import counted, shown

from ..files.tables import TableFile, timed_rows
from .fill_fees import DOLLARS
from .money_of_run import Payment
from .venue_layout import FUNDING_LAYOUT, VenueReading


def read_payments(reading: VenueReading, name_of: Callable[[str], str]) -> tuple[list[Payment], list[str]]:
    """Return the funding payments of the files that were given, in order of time, received ones above 0, and remarks.
    Raises `FileFormatError` for what is not as it should be.
    """
    payments: list[Payment] = []
    remarks: list[str] = []
    for path in reading.funding:
        found, said = _read(path, reading, name_of)
        payments += found
        remarks += said
    return sorted(payments, key=lambda each: each.at), remarks


def _read(path: Path, reading: VenueReading, name_of: Callable[[str], str]) -> tuple[list[Payment], list[str]]:
    table, times = timed_rows(_with_deltas(reading.table(path, FUNDING_LAYOUT)), "time", of_events=True)
    times_ms, kept = times.ms, np.ones(len(table), bool)
    if "type" in table:
        kept &= table.values["type"].astype(str).str.contains("funding", case=False).to_numpy(dtype=bool)
    if not kept.any():
        table.fail("type", "no row is of funding: export funding fees, too")
    if "id" in table and table.titles["id"] != "hash":  # of Hyperliquid all payments of an hour have one
        kept &= ~(table.values["symbol"].astype(str) + table.values["id"].astype(str)).duplicated().to_numpy()
    others = len(table) - int(kept.sum())
    table, times_ms = table.kept(kept), times_ms[kept]
    amounts = table.numbers("amount")
    if "asset" in table:
        assets = table.values["asset"].astype(str).str.upper()
        good = assets.isin(DOLLARS).to_numpy(dtype=bool)
        table.require(good, "asset", lambda row: f"{shown(assets.iloc[row])} is no USD: funding is compared in USD")
    symbols = [name_of(str(each)) for each in table.values["symbol"]]
    payments = [
        Payment(int(at), symbol, Fraction(float(amount)))
        for at, symbol, amount in zip(times_ms, symbols, amounts, strict=True)
    ]
    said = [f"{path}: {counted(len(payments), 'funding payment')}, times are {times.unit}"]
    if others:
        said.append(f"{path}: {counted(others, 'row')} of other kinds, or there twice, left out")
    return payments, said


def _with_deltas(table: TableFile) -> TableFile:
    """Return a table with what Hyperliquid's API has in an object of its own as columns."""
    if "delta" in table and "symbol" not in table:
        cells = [json.loads(str(each)) for each in table.values["delta"]]
        names = {"symbol": "coin", "amount": "usdc", "type": "type"}
        found = {field: pd.Series([each.get(name) for each in cells]) for field, name in names.items()}
        titles = {field: f"delta.{name}" for field, name in names.items()}
        table = replace(table, values={**table.values, **found}, titles={**table.titles, **titles})
    absent = next((field for field in ("symbol", "amount") if field not in table), None)
    if absent is not None:
        table.fail(None, f"no column tells the {absent} of funding payments: say which with --column {absent}=TITLE")
    return table
