"""What changes the costs, volumes and delays of an exchange while a run goes on."""

from __future__ import annotations

from collections.abc import Callable

from ..kernel import AskedFunctions, is_length, is_percent, is_price, is_volume
from ..venue.models import MarketOrder

#: Takes symbol, whether the fill rested, and its fee in percent; returns that as it is to be.
FeeChange = Callable[[str, bool, float], float]
#: Takes an order that takes, and at which price it fills (USD); returns that.
PriceChange = Callable[[MarketOrder, float], float]
#: Takes symbol, the size that is to fill, the volume of the last finished kline and how much of it may fill, in coins;
#: returns that.
VolumeChange = Callable[[str, float, float, float], float]
#: Takes the instant of a decision (epoch ms) and how long it is under way (ms); returns that.
DelayChange = Callable[[int, int], int]


class Adjustments:
    """Lists of functions, each asked in turn what becomes of what the models and instruments say: all of them empty
    where nothing is changed.
    """

    def __init__(self) -> None:
        name = "sim.exchange.adjusted"
        percent, price = ("a number of percent", is_percent), ("a price above 0, in USD", is_price)
        coins, length = ("a number of coins, 0 or more", is_volume), ("whole ms, 0 or more", is_length)
        self.fees = AskedFunctions[FeeChange](f"{name}.fees", "(symbol, is_maker, percent)", *percent)
        self.prices = AskedFunctions[PriceChange](f"{name}.prices", "(order, price)", *price)
        self.volumes = AskedFunctions[VolumeChange](f"{name}.volumes", "(symbol, size, volume, most)", *coins)
        self.delays = AskedFunctions[DelayChange](f"{name}.delays", "(now_ms, delay_ms)", *length)
