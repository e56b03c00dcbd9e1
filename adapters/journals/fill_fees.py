"""Fees of a venue's fills, in USD."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.market.series import FloatColumn
from engine.plain_values import counted, shown

from ..files.tables import TableFile

#: What stands for a dollar, one for one.
DOLLARS = frozenset("USD USDT USDC FDUSD BUSD TUSD USDP DAI USDE USD1 BFUSD".split())
_AMOUNT = re.compile(r"(?P<cost>[+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)\s*(?P<asset>[A-Z][A-Z0-9]*)?", re.IGNORECASE)
#: A fee of ccxt, as its text in a CSV or as JSON.
_COST = re.compile(r"""['"]cost['"]\s*:\s*['"]?(?P<cost>[+-]?[\d.]+(?:e[+-]?\d+)?)""", re.IGNORECASE)
_CURRENCY = re.compile(r"""['"]currency['"]\s*:\s*['"](?P<asset>\w+)['"]""")


def fees_in_usd(
    table: TableFile,
    coins: Sequence[str],
    price: FloatColumn,
    prices: Mapping[str, float],
    maker: Sequence[bool | None],
) -> tuple[FloatColumn, list[str]]:
    """Return what each fill cost in USD (less than 0 is a rebate), and remarks. A fee in the coin that is traded counts
    at the price of its fill, one in another asset at what `prices` give for it. Raises `FileFormatError` where neither
    is there.
    """
    if "fee" not in table:
        return np.zeros(len(table)), ["the file tells no fees: they are taken as 0"]
    amounts, assets = _amounts(table)
    factors, remarks = np.ones(len(table)), []
    for asset in sorted(set(assets) - DOLLARS - {""}):
        rows = np.array([each == asset for each in assets]) & (amounts != 0)
        if asset in prices:
            factors[rows] = prices[asset]
            remarks.append(f"{counted(int(rows.sum()), 'fee')} in {asset} taken at {prices[asset]:g} USD")
            continue
        traded = np.array([coin == asset for coin in coins])
        table.require(
            ~rows | traded,
            "fee",
            lambda place, asset=asset: (  # type: ignore[misc]
                f"a fee of {amounts[place]:g} {asset}, and what it is worth is not known: say --fee-asset {asset}=USD, "
                f"as --fee-asset BNB=600"
            ),
        )
        factors[rows] = price[rows]
    fees = amounts * factors
    if _are_written_negative(table, fees, maker):
        remarks.append("fees are written with a minus: taken as paid")
        fees = -fees
    return fees, remarks


def _amounts(table: TableFile) -> tuple[FloatColumn, list[str]]:
    """Return the fees and their assets, which may stand in the same cell."""
    column = table.values["fee"]
    given = [""] * len(table)
    if "fee_asset" in table:
        given = ["" if pd.isna(each) else str(each).strip().upper() for each in table.values["fee_asset"]]
    if column.dtype.kind in "iuf":
        return table.numbers("fee"), given
    found = [_amount(str(each).strip()) for each in column]
    good = np.array([each is not None for each in found])
    table.require(good, "fee", lambda place: f"{shown(column.iloc[place])} is no fee, such as 0.47 or 0.47 USDT")
    told = [each for each in found if each is not None]
    assets = [asset or other for (_, asset), other in zip(told, given, strict=True)]
    return np.array([cost for cost, _ in told]), assets


def _amount(text: str) -> tuple[float, str] | None:
    if text.startswith("{"):
        cost, asset = _COST.search(text), _CURRENCY.search(text)
        return None if cost is None else (float(cost["cost"]), "" if asset is None else asset["asset"].upper())
    found = _AMOUNT.fullmatch(text)
    return None if found is None else (float(found["cost"].replace(",", "")), (found["asset"] or "").upper())


def _are_written_negative(table: TableFile, fees: FloatColumn, maker: Sequence[bool | None]) -> bool:
    """Whether fees below 0 are paid: a taker gets no rebate. Hyperliquid's are never written so."""
    if "crossed" in table or "dir" in table or not (fees < 0).any():
        return False
    takers: npt.NDArray[np.bool_] = np.array([each is False for each in maker])
    if takers.any():
        return bool((fees[takers] < 0).sum() * 2 > takers.sum())
    return bool((fees <= 0).all())
