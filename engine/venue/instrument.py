"""An instrument: the steps of its prices and sizes, its limits, and the margin it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal

import numpy as np

from ..market.series import FloatColumn

DEFAULT_MAX_LEVERAGE = 50
_WIDE = Context(prec=40)


@dataclass(frozen=True, slots=True)
class MarginTier:
    """From `notional_from` (USD) on: highest leverage, and maintenance margin as rate x notional - deduction."""

    notional_from: float
    max_leverage: float
    maintenance_rate: float
    deduction: float


def continuous_tiers(steps: Iterable[tuple[float, float, float]]) -> tuple[MarginTier, ...]:
    """Return tiers whose maintenance margin has no jump where one passes into the next. `steps` are (notional from,
    highest leverage, maintenance rate), in order.
    """
    tiers: list[MarginTier] = []
    for notional, leverage, rate in steps:
        deduction = 0.0
        if tiers:
            deduction = tiers[-1].deduction + notional * (rate - tiers[-1].maintenance_rate)
        tiers.append(MarginTier(notional, leverage, rate, deduction))
    return tuple(tiers)


def half_initial_tiers(steps: Iterable[tuple[float, float]]) -> tuple[MarginTier, ...]:
    """Return tiers whose maintenance margin is half the initial margin at the highest leverage. `steps` are (notional
    from, highest leverage), in order.
    """
    return continuous_tiers((notional, leverage, 0.5 / leverage) for notional, leverage in steps)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One perpetual future.

    A price is a multiple of `price_step`, or has at most `price_digits` significant digits and `price_decimals`
    decimals (whole numbers always allowed); a size is a multiple of `size_step`; None means any. `min_notional` is in
    USD. `tiers` are in order of notional, the first from 0. Fees are in percent; None leaves them to the venue or the
    configuration. `liquidation_fee` is in percent of the liquidated notional.
    """

    symbol: str
    price_step: str | None = None
    price_digits: int | None = None
    price_decimals: int | None = None
    size_step: str | None = None
    min_notional: float = 0.0
    tiers: tuple[MarginTier, ...] = half_initial_tiers(((0.0, DEFAULT_MAX_LEVERAGE),))
    taker_fee: float | None = None
    maker_fee: float | None = None
    liquidation_fee: float = 0.0

    @property
    def max_leverage(self) -> float:
        """The highest leverage of the smallest positions."""
        return self.tiers[0].max_leverage

    def tier(self, notional: float) -> MarginTier:
        """Return the tier of a position of this notional."""
        if len(self.tiers) == 1:
            return self.tiers[0]
        return next(tier for tier in reversed(self.tiers) if notional >= tier.notional_from or tier is self.tiers[0])

    def maintenance_margin(self, notional: float) -> float:
        """Return the maintenance margin of a position, in USD."""
        tier = self.tier(notional)
        return tier.maintenance_rate * notional - tier.deduction

    def maintenance_margins(self, notional: FloatColumn) -> FloatColumn:
        """Return the maintenance margin for each of many notionals."""
        if len(self.tiers) == 1:
            return self.tiers[0].maintenance_rate * notional
        starts, rates, deductions = (
            np.array([getattr(tier, name) for tier in self.tiers])
            for name in ("notional_from", "maintenance_rate", "deduction")
        )
        place = np.maximum(np.searchsorted(starts, notional, side="right") - 1, 0)
        return np.asarray(rates[place] * notional - deductions[place])

    @property
    def rounds_prices(self) -> bool:
        """Whether the venue has price steps at all."""
        return self.price_step is not None or self.price_digits is not None

    def rounded_price(self, price: float) -> float:
        """Return the nearest price that the venue allows, worked out in decimals."""
        exact = Decimal(repr(price))
        if self.price_step is not None:
            step = Decimal(self.price_step)
            return float((exact / step).to_integral_value(ROUND_HALF_EVEN) * step)
        if self.price_digits is None:
            return price
        return float(self._with_digits(exact))

    def _with_digits(self, price: Decimal) -> Decimal:
        assert self.price_digits is not None
        if price == price.to_integral_value():
            return price
        exponent = price.adjusted() - self.price_digits + 1
        if self.price_decimals is not None:
            exponent = max(exponent, -self.price_decimals)
        return price.quantize(Decimal((0, (1,), min(exponent, 0))), ROUND_HALF_EVEN, _WIDE)

    def rounded_size(self, size: float) -> float:
        """Return the largest size not above `size` that the venue allows; 0.0 when that is less than one step."""
        if self.size_step is None:
            return size
        step = Decimal(self.size_step)
        return float((Decimal(repr(size)) / step).to_integral_value(ROUND_DOWN) * step)
