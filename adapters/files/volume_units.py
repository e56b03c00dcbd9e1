"""Volumes in coins: told by price from contracts and USD, wherever a file has a second column to compare with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.errors import FileFormatError
from engine.market import letters_of
from engine.market.series import FloatColumn

from .contract_sizes import refuse_contracts
from .tables import TableFile

#: What columns that hold an amount beside the volume are called: coins, USD, or contracts.
AMOUNT_TITLES = (
    *"quote_volume quote_asset_volume volume_quote turnover vol_ccy vol_ccy_quote quote_qty base_qty".split(),
    *"home_notional foreign_notional volumeto quote_vol vol_quote volume_quote_currency sum".split(),
)
#: A volume whose title says in what it is: "Volume BTC", "Volume_(Currency)", "volume_usdt".
_OF_UNIT = re.compile(r"vol(?:ume)?[\s_.-]*[\s_.(\[-]([a-z0-9]{2,10})[)\]]?", re.IGNORECASE)
_MONEY = frozenset(
    "usd usdt usdc busd fdusd tusd dai eur gbp jpy krw try brl aud cad chf currency quote ccy value".split()
)
#: What stands behind "volume" where it is another figure.
_NO_UNIT = frozenset(
    "ma sma ema wma avg average mean delta change chg pct ratio profile osc signal buy sell 24h".split()
)
#: Titles by their letters beside which volumes are in USD.
_BESIDE_USD = frozenset(("adjclose", "marketcap"))
#: Coins of a linear contract, and USD of an inverse one.
_LINEAR = tuple(10.0**power for power in range(-6, 7) if power)
_INVERSE = (10.0, 100.0)
_TOLERANCE = 0.005
#: Small amounts are rounded: so many rows must agree.
_SHARE = 0.9


class PriceRange(NamedTuple):
    """The lowest and highest price at which the amounts of each row can have changed hands."""

    low: FloatColumn
    high: FloatColumn

    def agree(self, coins: FloatColumn, value: FloatColumn) -> bool:
        """Whether the value is that of the coins; False when no row tells."""
        told = (coins > 0) & (value > 0)
        if not told.any():
            return False
        price = value[told] / coins[told]
        good = (price >= self.low[told] * (1 - _TOLERANCE)) & (price <= self.high[told] * (1 + _TOLERANCE))
        return bool(good.mean() >= _SHARE)


def amount_fields(*more: str) -> dict[str, tuple[str]]:
    """Return the fields of a layout that hold such amounts, under more titles too; all are optional."""
    return {f"amount {title}": (title,) for title in (*AMOUNT_TITLES, *more)}


def volumes_by_unit(titles: Sequence[str], places: Mapping[str, int]) -> dict[str, int]:
    """Return the places of volumes whose titles say in what they are, by field: the volume, where there is no other
    one, is the first that is not in money; the rest are amounts to compare it with.
    """
    found = {
        place: unit.group(1).lower()
        for place, title in enumerate(titles)
        if place not in places.values() and (unit := _OF_UNIT.fullmatch(title.strip())) is not None
    }
    units = {place: unit for place, unit in found.items() if unit not in _NO_UNIT}
    fields: dict[str, int] = {}
    coins = next((place for place, unit in units.items() if unit not in _MONEY), None)
    if "volume" not in places and coins is not None:
        fields["volume"] = coins
    elif "volume" in places:
        units = {place: unit for place, unit in units.items() if unit in _MONEY}
    return fields | {f"amount {titles[place]}": place for place in units if place not in fields.values()}


def coins_of(table: TableFile, field: str, prices: PriceRange) -> tuple[FloatColumn, list[str]]:
    """Return the volumes of a field in coins, and a remark where the file has them in another unit.

    Raises `FileFormatError` where other amounts of the file contradict that these are coins, and do not tell what else.
    """
    volume = table.numbers(field)
    names = [name for name in table.values if name.startswith("amount ")]
    amounts = {table.titles[name]: table.numbers(name, may_be_missing=True) for name in names}
    amounts = {title: amount for title, amount in amounts.items() if (amount > 0).any()}
    if not amounts:
        _refuse_money(table, field)
        refuse_contracts(table, field, may_be_told=False)
    if not amounts or not (volume > 0).any() or any(prices.agree(volume, other) for other in amounts.values()):
        return volume, []
    found = _other_column(volume, amounts, prices) or _contracts(volume, amounts, prices)
    if found is not None:
        coins, what = found
        return coins, [f"the {table.titles[field]} is in {what}; coins are stored"]
    problem = (
        f"{table.titles[field]} x price is not what {' and '.join(amounts)} say; volumes must be in coins: choose the "
        f"column with --column {field}=TITLE"
    )
    raise FileFormatError(table.path, None, table.titles[field], problem)


def _refuse_money(table: TableFile, field: str) -> None:
    """Raise `FileFormatError` for volumes that are known to be in USD, by what stands beside them."""
    beside = next((title for title in table.all_titles if letters_of(title) in _BESIDE_USD), None)
    if beside is not None:
        title = table.titles[field]
        problem = (
            f"volumes beside {beside}, as of Yahoo Finance or CoinMarketCap, are in USD, not in coins; "
            f"--column {field}={title} takes them as they are"
        )
        raise FileFormatError(table.path, None, title, problem)


def _other_column(
    volume: FloatColumn, amounts: Mapping[str, FloatColumn], prices: PriceRange
) -> tuple[FloatColumn, str] | None:
    """Return the amounts that are coins because their value is another column's, or the volume's in contracts."""
    for title, coins in amounts.items():
        if any(prices.agree(coins, value) for other, value in amounts.items() if other != title):
            return coins, f"contracts, {title} in coins"
        for factor in (1.0, *_INVERSE):
            if prices.agree(coins, volume * factor):
                return coins, f"contracts of {factor:g} USD, {title} in coins"
    return None


def _contracts(
    volume: FloatColumn, amounts: Mapping[str, FloatColumn], prices: PriceRange
) -> tuple[FloatColumn, str] | None:
    """Return the volume in coins where it is in contracts of a power of ten of them."""
    for title, value in amounts.items():
        for factor in _LINEAR:
            if prices.agree(volume * factor, value):
                return volume * factor, f"contracts of {factor:g} coins, as {title} tells"
    return None
