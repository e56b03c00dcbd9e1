"""Fees: what a fill costs, in percent of its notional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .traded_volume import TradedVolume


class FeeModel(Protocol):
    """Called when an order is sized (the fee must fit beside the margin) and for each fill."""

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        """Return the fee in percent of notional (0.045 is 0.045 %); negative is a rebate. `is_maker` tells that the
        fill rested; `traded` is what the account has traded so far.
        """


@dataclass(frozen=True)
class FlatFee:
    """The same for every fill."""

    fee_percent: float

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        """Return the one fee."""
        return self.fee_percent


@dataclass(frozen=True)
class MakerTakerFee:
    """One fee for fills that take, one for fills that rested."""

    taker_percent: float
    maker_percent: float

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        """Return the fee of its side."""
        return self.maker_percent if is_maker else self.taker_percent


class FeeTier(NamedTuple):
    """Fees of accounts that have traded at least `volume_from` USD in the days that count."""

    volume_from: float
    taker_percent: float
    maker_percent: float


@dataclass(frozen=True)
class TieredFee:
    """Fees by what was traded on the last `days` whole UTC days; `tiers` in order of volume, the first from 0."""

    tiers: tuple[FeeTier, ...]
    days: int = 14

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        """Return the fee of the highest tier that was reached."""
        volume = traded.before_today(time_ms, self.days)
        tier = next(tier for tier in reversed(self.tiers) if volume >= tier.volume_from or tier is self.tiers[0])
        return tier.maker_percent if is_maker else tier.taker_percent
