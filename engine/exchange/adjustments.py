"""What changes the costs, volumes and delays of an exchange while a run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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


@dataclass(eq=False)
class Adjustments:
    """Lists of functions, each asked in turn what becomes of what the models and instruments say: all of them empty
    where nothing is changed.
    """

    fees: list[FeeChange] = field(default_factory=list)
    prices: list[PriceChange] = field(default_factory=list)
    volumes: list[VolumeChange] = field(default_factory=list)
    delays: list[DelayChange] = field(default_factory=list)
