"""Fees: what a fill costs, in percent of its notional, and what has been traded, which they may depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ...periods import DAY_MS


class TradedVolume:
    """The notional in USD that an account has traded on each UTC day."""

    __slots__ = ("_days", "_known")

    def __init__(self) -> None:
        self._days: dict[int, float] = {}
        self._known = (-1, 0, 0.0)

    def add(self, time_ms: int, notional_usd: float) -> None:
        """Count a fill."""
        day = time_ms // DAY_MS
        self._days[day] = self._days.get(day, 0.0) + notional_usd

    def before_today(self, time_ms: int, days: int = 14) -> float:
        """Return the USD traded on the `days` UTC days before the day of `time_ms`."""
        today = time_ms // DAY_MS
        if self._known[:2] != (today, days):  # what is traded today does not count today
            self._known = (today, days, sum(self._days.get(day, 0.0) for day in range(today - days, today)))
        return self._known[2]


class FeeModel(Protocol):
    """Called when an order is sized (the fee must fit beside the margin) and for each fill."""

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        """Return the fee in percent of notional (0.045 is 0.045 %); negative is a rebate. `is_maker` tells that the
        fill rested; `traded` is what the account has traded so far.
        """


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
