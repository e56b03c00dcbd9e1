"""What a price, an amount and a rate can be: what is beyond is no number of a market, and would spoil every sum."""

from __future__ import annotations

import numpy as np

from engine.market.series import FloatColumn

from .tables import TableFile

#: The cheapest coin in the dearest currency is within these, in the quote currency; so is a spread or a premium.
LEAST_PRICE, MOST_PRICE = 1e-15, 1e12
#: Coins, USD, contracts or trades of one row.
MOST_AMOUNT = 1e20
#: What is paid at one settlement is less than the whole position.
LARGEST_RATE = 1.0


def require_prices(table: TableFile, field: str, prices: FloatColumn) -> None:
    """Raise `FileFormatError` for the first value that is no possible price; NaN is none that is there."""
    table.require(~(prices <= 0), field, lambda row: f"{prices[row]} is not a positive price")
    possible = ~((prices < LEAST_PRICE) | (prices > MOST_PRICE))
    bounds = f"{LEAST_PRICE:g} to {MOST_PRICE:g}"
    table.require(possible, field, lambda row: f"{prices[row]} is beyond what a price can be ({bounds})")


def require_prices_or_none(table: TableFile, field: str, prices: FloatColumn) -> None:
    """Do the same where 0 says that there is none."""
    require_amounts(table, field, prices)
    require_prices(table, field, np.where(prices == 0, np.nan, prices))


def require_amounts(table: TableFile, field: str, amounts: FloatColumn) -> None:
    """Raise `FileFormatError` for the first value that is negative or beyond all that is traded or held."""
    table.require(~(amounts < 0), field, lambda row: f"{amounts[row]} is negative")
    beyond = f"is beyond what a market has (at most {MOST_AMOUNT:g})"
    table.require(~(amounts > MOST_AMOUNT), field, lambda row: f"{amounts[row]} {beyond}")


def require_differences(table: TableFile, field: str, values: FloatColumn) -> None:
    """Raise `FileFormatError` for the first value, of any sign, that is beyond every price."""
    beyond = f"is beyond what it can be (at most {MOST_PRICE:g})"
    table.require(~(np.abs(values) > MOST_PRICE), field, lambda row: f"{values[row]} {beyond}")


def require_rates(table: TableFile, field: str, rates: FloatColumn) -> None:
    """Raise `FileFormatError` for the first rate that would take the whole position."""
    table.require(
        ~(np.abs(rates) >= LARGEST_RATE),
        field,
        lambda row: f"{rates[row]} is no fraction of the notional (0.0001 is 0.01 %)",
    )
