"""Slippage and volume caps: how far from the price of the moment a market order fills, and how much of an order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ...market import SymbolHistory
from ...periods import HOUR_MS, MINUTE_MS


class MarketOrder(NamedTuple):
    """An order that takes: `sign` is +1 for a purchase, -1 for a sale; `size` in coins (of an opening: estimated at
    `price`); `price` is the price of the moment; `history` is to be read only up to `time_ms`.
    """

    symbol: str
    sign: int
    size: float
    price: float
    time_ms: int
    history: SymbolHistory


class SlippageModel(Protocol):
    """Called once for each fill that takes: market orders, limit orders that take, brackets that trade at market."""

    def fill_price(self, order: MarketOrder) -> float:
        """Return the price at which the order fills, in USD: for a purchase not below `order.price`, for a sale not
        above it. It must depend on nothing but its argument.
        """


@dataclass(frozen=True)
class PercentSlippage:
    """Purchases pay `percent` more, sales get as much less, whatever their size."""

    percent: float

    def fill_price(self, order: MarketOrder) -> float:
        """Return price x (1 + sign x percent / 100)."""
        return order.price * (1.0 + order.sign * self.percent / 100.0)


@dataclass(frozen=True)
class VolumeShareSlippage:
    """`percent`, and `impact_percent` x sqrt(size / coins traded in the last hour): the square-root law of impact.

    Where nothing was traded in the last hour the order counts as all of it.
    """

    impact_percent: float
    percent: float = 0.0

    def fill_price(self, order: MarketOrder) -> float:
        """Return price x (1 + sign x (percent + impact) / 100)."""
        base = order.history.base
        first, last = base.finished(order.time_ms - HOUR_MS), base.finished(order.time_ms)
        volume = float(base.columns.volume[first:last].sum())
        share = order.size / volume if volume > 0.0 else 1.0
        return order.price * (1.0 + order.sign * (self.percent + self.impact_percent * math.sqrt(share)) / 100.0)


@dataclass(frozen=True)
class SpreadSlippage:
    """Half the spread of the newest order book snapshot that is not older than a minute; where there is none, the price
    is `percent` worse instead.
    """

    percent: float = 0.0

    def fill_price(self, order: MarketOrder) -> float:
        """Return price + sign x spread / 2, or price x (1 + sign x percent / 100)."""
        spread = recorded_spread(order.history, order.time_ms)
        if spread is None:
            return order.price * (1.0 + order.sign * self.percent / 100.0)
        return order.price + order.sign * spread / 2.0


def recorded_spread(history: SymbolHistory, time_ms: int) -> float | None:
    """Return the spread (USD) of the newest order book snapshot that is not older than a minute then, or None."""
    book = history.flow.book
    if book is None:
        return None
    newest = int(book.timestamp_ms.searchsorted(time_ms, side="right")) - 1
    if newest < 0 or time_ms - book.timestamp_ms.item(newest) > MINUTE_MS:
        return None
    spread = book.spread.item(newest)
    return spread if spread >= 0.0 else None


class VolumeCap(Protocol):
    """Called for each fill but those of a liquidation, with the volume of the last kline that has finished then."""

    def most(self, volume: float) -> float:
        """Return the most coins that all fills until the next kline closes may take together, of a kline in which
        `volume` coins traded.
        """


@dataclass(frozen=True)
class ShareOfVolume:
    """At most `percent` of the kline's volume."""

    percent: float

    def most(self, volume: float) -> float:
        """Return volume x percent / 100."""
        return volume * self.percent / 100.0
