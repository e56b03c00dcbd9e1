"""An instrument: the steps of its prices and sizes, its limits, and the margin it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

import numpy as np

from ..market.series import FloatColumn

DEFAULT_MAX_LEVERAGE = 50
_WIDE = Context(prec=40)
#: How prices of a purchase, of a sale, and triggers are rounded.
_ROUNDINGS = {1: ROUND_FLOOR, -1: ROUND_CEILING, 0: ROUND_HALF_EVEN}
#: So much of a step below a whole number of them is still that number: products of floats fall short by less.
_NEARLY = 1e-9


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
        tiers.append(MarginTier(float(notional), leverage, rate, deduction))
    return tuple(tiers)


def half_initial_tiers(steps: Iterable[tuple[float, float]]) -> tuple[MarginTier, ...]:
    """Return tiers whose maintenance margin is half the initial margin at the highest leverage. `steps` are (notional
    from, highest leverage), in order.
    """
    return continuous_tiers((notional, leverage, 0.5 / leverage) for notional, leverage in steps)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One perpetual future, `symbol`.

    A price is a multiple of `price_step`, or has at most `price_digits` significant digits and `price_decimals`
    decimals (whole numbers always allowed); a size is a multiple of `size_step`; None means any. `min_notional` is in
    USD. `tiers` are in order of notional, the first from 0. `taker_fee` and `maker_fee` are in percent; None leaves
    them to the venue or the configuration. `liquidation_fee` is in percent of the liquidated notional.
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
        tier = self.tiers[0] if len(self.tiers) == 1 else self.tier(notional)
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

    def rounded_price(self, price: float, sign: int = 0) -> float:
        """Return the nearest price that the venue allows (`sign` 0, for triggers), or the nearest one that is not worse
        for a limit: not higher for a purchase (+1), not lower for a sale (-1). Worked out in decimals.
        """
        rounding = _ROUNDINGS[sign]
        exact = Decimal(repr(price))
        if self.price_step is not None:
            step = Decimal(self.price_step)
            return float((exact / step).to_integral_value(rounding) * step)
        if self.price_digits is None:
            return price
        if exact != exact.to_integral_value():
            exponent = exact.adjusted() - self.price_digits + 1
            if self.price_decimals is not None:
                exponent = max(exponent, -self.price_decimals)
            exact = exact.quantize(Decimal((0, (1,), min(exponent, 0))), rounding, _WIDE)
        return float(exact)

    def rounded_size(self, size: float) -> float:
        """Return the largest size not above `size` that the venue allows: floor(size / step + 1e-9) whole steps."""
        count = math.inf if self.size_step is None else size / float(self.size_step) + _NEARLY
        return size if count == math.inf else self._steps(math.floor(count))  # whatever a decision says, also 1e308

    def nearest_size(self, size: float) -> float:
        """Return the size that the venue allows and that is nearest to `size`: sums of whole steps stay whole steps."""
        return size if self.size_step is None else self._steps(round(size / float(self.size_step)))

    def _steps(self, count: int) -> float:
        return float(count * Decimal(str(self.size_step)))
