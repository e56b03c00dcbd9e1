"""Sizing: how many coins an order is."""

from __future__ import annotations

from typing import NamedTuple

from .. import reasons
from ..account import Holding
from .floor import ROUNDING, TradingFloor
from .orders import OrderIntent
from .risk_limits import RiskLimits


class Sized(NamedTuple):
    """How large an order is: coins, and the notional in USD that they were worked out from."""

    coins: float
    notional: float


class Sizing:
    """Turns portions of a balance or a position into coins, within what the venue and the risk limits allow."""

    def __init__(self, floor: TradingFloor, risk: RiskLimits) -> None:
        self._floor, self._risk = floor, risk

    def closing(self, intent: OrderIntent, held: Holding) -> float:
        """Return the coins of a closing order; 0.0 when a part is less than the venue's step."""
        if intent.portion == 1.0:
            return held.size
        return self._floor.instrument(intent.symbol).rounded_size(held.size * intent.portion)

    def wanted(self, intent: OrderIntent, held: Holding | None, price: float, available: float) -> float:
        """Return about how many coins an order takes at `price`: for models that ask how large it is."""
        if intent.sign == 0:
            return 0.0 if held is None else self.closing(intent, held)
        if held is None or held.sign == intent.sign:
            return max(available, 0.0) * intent.portion * intent.leverage / price
        return max(available + held.margin, 0.0) * intent.portion * intent.leverage / price + held.size

    def opening(
        self, intent: OrderIntent, available: float, price: float, is_maker: bool, most_coins: float | None = None
    ) -> Sized | str:
        """Return the size of an opening order at `price` (at most `most_coins`, if given), or why there is none.
        Margin and fee fit into `available`; the venue's minimum is for whole orders, not for what is left of one.
        """
        if available <= ROUNDING * self._floor.account.equity():
            return reasons.NO_BALANCE
        fee_percent = self._floor.fee_percent(intent.symbol, is_maker)
        affordable = available / (1.0 / intent.leverage + fee_percent / 100.0)
        if most_coins is None:
            notional = min(available * intent.portion * intent.leverage, affordable)
        else:
            notional = min(most_coins * price, affordable)
        instrument = self._floor.instrument(intent.symbol)
        size = notional / price
        if instrument.size_step is not None:
            size = instrument.rounded_size(size)
            notional = size * price
        if size <= 0.0:
            return reasons.SIZE_TOO_SMALL
        if most_coins is None and notional < instrument.min_notional:
            return reasons.NOTIONAL_TOO_SMALL
        return self._too_large(intent, price, notional) or Sized(size, notional)

    def reversal_refusal(self, intent: OrderIntent, held: Holding, price: float) -> str | None:
        """Return which limit of the venue or the account a reversal at `price` would break once it has closed what is
        held there, or None; a balance that does not suffice is seen when it is closed.
        """
        floor = self._floor
        marked = floor.margin_price(intent.symbol, floor.clock.now()) or held.entry_price
        gained = held.unrealized(price) - held.size * price * floor.fee_percent(intent.symbol) / 100.0
        available = floor.account.available() + held.margin + gained - held.unrealized(marked)
        whole = self.opening(intent, available, price, False)
        return whole if isinstance(whole, str) and whole not in reasons.OF_SIZE else None

    def fillable(self, sized: Sized, symbol: str, price: float) -> Sized:
        """Return as much of a size as may fill now."""
        coins = self._floor.fillable(symbol, sized.coins)
        return sized if coins == sized.coins else Sized(coins, coins * price)

    def _too_large(self, intent: OrderIntent, price: float, notional: float) -> str | None:
        held = self._floor.account.state.holdings.get(intent.symbol)
        if held is not None and held.sign == intent.sign:
            notional += held.size * price
        tiers = self._floor.instrument(intent.symbol)
        if len(tiers.tiers) > 1 and intent.leverage > tiers.tier(notional).max_leverage:
            return reasons.VENUE_LEVERAGE
        return self._risk.position_refusal(intent.symbol, notional)
