"""Klines in files without titles: in which order the columns stand is told by what prices of a kline can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.errors import FileFormatError
from engine.market import PRICE_NAMES
from engine.market.series import FloatColumn

#: What stands in the columns, in the orders that venues publish; the first of a width is the usual one.
BINANCE = (
    *"time open high low close volume close_time".split(),
    "amount quote_volume",
    *"count taker_buy_volume taker_buy_quote_volume ignore".split(),
)
_TURNOVER, _SECOND_VALUE = "amount turnover", "amount usdt_volume"
_ORDERS: dict[int, tuple[tuple[str, ...], ...]] = {
    6: (
        BINANCE[:6],
        ("time", "open", "close", "high", "low", "volume"),  # Bitfinex
        ("time", "low", "high", "open", "close", "volume"),  # Coinbase
    ),
    7: (
        (*BINANCE[:6], _TURNOVER),  # Bybit; of Kraken it is a count
        ("time", "open", "close", "high", "low", "volume", _TURNOVER),  # KuCoin
        ("time", _TURNOVER, "close", "high", "low", "open", "volume"),  # Gate's dumps
    ),
    8: (
        ("time", "open", "high", "low", "close", "vwap", "volume", "count"),  # Kraken
        ("time", _TURNOVER, "close", "high", "low", "open", "volume", "closed"),  # Gate
        BINANCE[:8],  # MEXC
        (*BINANCE[:6], _TURNOVER, _SECOND_VALUE),  # Bitget
    ),
}
#: One of several orders must explain so many more of the rows than the others do.
_SHARE = 0.5
#: A kline closes not so much later than it opens, as times of epoch go; amounts are rounded.
_SOON, _LESS, _MORE = 1.1, 0.99, 1.01


def kline_orders() -> dict[int, Any]:
    """Return the functions that tell which fields stand where, by the number of columns."""
    return dict.fromkeys(_ORDERS, order_of_columns)


def kline_widths() -> dict[int, Sequence[str]]:
    """Return the usual order of the fields in files without titles, by the number of columns."""
    return {
        5: BINANCE[:5],
        9: ("time", "open", "high", "low", "close", "volume", "amount vol_ccy", "amount vol_ccy_quote", "confirmed"),
        11: BINANCE[:11],
        12: BINANCE,
        **{width: orders[0] for width, orders in _ORDERS.items()},
    }


def order_of_columns(path: str, columns: Sequence[pd.Series[Any]]) -> Sequence[str]:
    """Return the fields of columns, in their order: of those that venues publish the one in which most rows have
    prices that a kline can have. Raises `FileFormatError` where none does, or where another one would do as well, with
    other klines.
    """
    numbers = [pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64) for column in columns]
    orders = _ORDERS[len(columns)]
    fits = [_fit(order, numbers).mean() for order in orders]
    best = int(np.argmax(fits))
    if fits[best] < _SHARE:
        if "vwap" in orders[0] or np.isfinite(numbers).all():
            raise FileFormatError(path, None, None, _unknown(len(columns)))
        return orders[0]  # what is no number is told with its row
    rivals = [order for order, fit in zip(orders, fits, strict=True) if fit == fits[best]]
    for rival in rivals[1:]:
        if any(_differ(name, rivals[0], rival, numbers) for name in (*PRICE_NAMES, "volume")):
            raise FileFormatError(path, None, None, _ambiguous(rivals[0], rival))
    return _without_counts(orders[best], numbers)


def _unknown(width: int) -> str:
    said = " ".join(f"--column {name}={place}" for place, name in enumerate(BINANCE[:6], 1))
    return (
        f"there is no header line, and in none of the known orders of {width} columns are these klines; say where each "
        f"stands, as {said}"
    )


def _ambiguous(one: Sequence[str], other: Sequence[str]) -> str:
    def said(order: Sequence[str]) -> str:
        return " ".join(f"--column {name}={order.index(name) + 1}" for name in (*PRICE_NAMES, "volume"))

    return (
        f"there is no header line, and the prices do not tell whether the columns are {', '.join(one)} or "
        f"{', '.join(other)}; say {said(one)} or {said(other)}"
    )


def _fit(order: Sequence[str], numbers: Sequence[FloatColumn]) -> npt.NDArray[np.bool_]:
    """Return which rows can be klines in an order of the columns: open, close and mean lie between low and high, the
    close comes after the open, and of eight columns the amounts agree too.
    """
    high, low = numbers[order.index("high")], numbers[order.index("low")]
    fits = (low > 0) & (high >= low)
    for name in ("open", "close"):
        fits &= (numbers[order.index(name)] >= low) & (numbers[order.index(name)] <= high)
    if "vwap" in order:
        vwap = numbers[order.index("vwap")]
        fits &= ((vwap >= low) & (vwap <= high)) | (vwap == 0)
    if "close_time" in order:
        opened, closed = numbers[order.index("time")], numbers[order.index("close_time")]
        fits &= (closed > opened) & (closed < opened * _SOON)
    if order[-1] == _SECOND_VALUE:
        coins, value = numbers[order.index("volume")], numbers[order.index(_TURNOVER)]
        fits &= (value >= coins * low * _LESS) & (value <= coins * high * _MORE)
    return np.asarray(fits)


def _differ(name: str, one: Sequence[str], other: Sequence[str], numbers: Sequence[FloatColumn]) -> bool:
    return not np.array_equal(numbers[one.index(name)], numbers[other.index(name)], equal_nan=True)


def _without_counts(order: Sequence[str], numbers: Sequence[FloatColumn]) -> Sequence[str]:
    """Return the order, with a column of whole numbers being the number of trades, and no turnover."""
    return ["count" if name == _TURNOVER and _is_whole(numbers[place]) else name for place, name in enumerate(order)]


def _is_whole(values: FloatColumn) -> bool:
    return bool((np.rint(values) == values).all())
