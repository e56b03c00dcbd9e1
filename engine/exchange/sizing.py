"""Sizing: how many coins an order is."""

from __future__ import annotations

from dataclasses import dataclass

from .. import reasons
from ..account import Holding
from .floor import ROUNDING, TradingFloor
from .orders import OrderIntent, SizedBy
from .risk_limits import RiskLimits


@dataclass(slots=True)
class Sized:
    """How large an order is: coins, and the notional in USD that they were worked out from."""

    coins: float
    notional: float


class Sizing:
    """Turns portions of a balance or a position into coins, within what the venue and the risk limits allow."""

    def __init__(self, floor: TradingFloor, risk: RiskLimits) -> None:
        self._floor, self._risk = floor, risk

    def closing(self, intent: OrderIntent, held: Holding, price: float, order_id: int = 0) -> float:
        """Return the coins of a closing order at `price`, at most the position's; 0.0 when a part is less than the
        venue's step. What an order with an id asks for beyond that is noted, here and below.
        """
        if intent.closes_all:
            return held.size
        wanted = intent.amount * held.size if intent.sized_by is SizedBy.PORTION else self._given(intent, price)
        size = self._whole(intent.symbol, wanted, order_id)
        if size > held.size * (1.0 + ROUNDING) and order_id:
            self._floor.resized(order_id, "no-more-than-held", size, held.size)
        return min(size, held.size)

    def _whole(self, symbol: str, size: float, order_id: int) -> float:
        """Return a size in whole steps of the venue."""
        whole = self._floor.instrument(symbol).rounded_size(size)
        if order_id and size - whole > ROUNDING * size:
            self._floor.resized(order_id, "whole-steps", size, whole)
        return whole

    def _given(self, intent: OrderIntent, price: float) -> float:
        """Return the coins of an order whose size is given: in coins, or in USD at `price`."""
        return intent.amount if intent.sized_by is SizedBy.SIZE else intent.amount / price

    def exact(self, intent: OrderIntent, price: float, order_id: int) -> float:
        """Return the coins of an order whose size is given, in whole steps of the venue."""
        return self._whole(intent.symbol, self._given(intent, price), order_id)

    def wanted(self, intent: OrderIntent, held: Holding | None, price: float, available: float) -> float:
        """Return about how many coins an order takes at `price`: for models that ask how large it is."""
        if intent.sign == 0:
            return self.closing(intent, held, price) if held is not None else 0.0
        is_opposite = held is not None and held.sign != intent.sign and not intent.is_exact
        if is_opposite and held is not None:
            available += held.margin
        size = self._asked(intent, price, max(available, 0.0)) / price
        return size + held.size if is_opposite and held is not None else size

    def _asked(self, intent: OrderIntent, price: float, available: float) -> float:
        """Return the notional in USD that an opening order asks for at `price`."""
        if intent.sized_by is SizedBy.PORTION:
            return available * intent.amount * intent.leverage
        if intent.is_exact:
            return self._given(intent, price) * price
        assert intent.stop_loss is not None
        distance = abs(price - intent.stop_loss)  # a stop on the other side is refused before
        return self._floor.account.equity() * intent.amount / 100.0 / distance * price if distance else 0.0

    def opening(
        self,
        intent: OrderIntent,
        available: float,
        price: float,
        is_maker: bool,
        most_coins: float | None = None,
        netted: float = 0.0,
        order_id: int = 0,
        limits_of: int = 0,
    ) -> Sized | str:
        """Return the size of an opening order at `price` (at most `most_coins`, if given), or why there is none.
        Margin and fee fit into `available`: a share and a risk are cut down to that, a size that is given is refused.
        The venue's minimum is for whole orders, not for what is left of one, nor without the `netted` coins that an
        order of a given size closes first. Of an order that is only tried, `limits_of` it are noted, and no other cut.
        """
        resized = self._floor.resized
        if available <= ROUNDING * self._floor.account.equity():
            resized(order_id, "no-balance", self._asked(intent, price, 0.0), available, "USD")
            return reasons.NO_BALANCE
        fee_percent = self._floor.fee_percent(intent.symbol, is_maker)
        affordable = available / (1.0 / intent.leverage + fee_percent / 100.0)
        asked = self._asked(intent, price, available) if most_coins is None else most_coins * price
        is_exact = intent.is_exact
        if asked > affordable * (1.0 + ROUNDING):
            resized(order_id, "fits-the-balance", asked, affordable, "USD")
            if most_coins is None and is_exact:
                return reasons.NOT_AFFORDABLE
        notional = min(asked, affordable)
        instrument = self._floor.instrument(intent.symbol)
        size = notional / price
        if is_exact and notional == asked:  # a division would give another last digit
            size = self._given(intent, price) if most_coins is None else most_coins
        if instrument.size_step is not None:
            size = self._whole(intent.symbol, size, order_id)
            notional = size * price
        if size <= 0.0 or (most_coins is None and asked <= ROUNDING * available):
            return reasons.SIZE_TOO_SMALL
        if most_coins is None and notional + netted * price < instrument.min_notional:
            resized(order_id, "least-notional", notional + netted * price, instrument.min_notional, "USD")
            return reasons.NOTIONAL_TOO_SMALL
        return self._too_large(intent, price, notional, order_id or limits_of) or Sized(size, notional)

    def netting_refusal(
        self, intent: OrderIntent, held: Holding, price: float, left: float, is_maker: bool, order_id: int
    ) -> str | None:
        """Return why an order of a given size cannot open `left` coins once it has closed what is held, or None."""
        available = self._after_closing(held, price, is_maker)
        whole = self.opening(intent.sized(left), available, price, is_maker, netted=held.size, order_id=order_id)
        return whole if isinstance(whole, str) else None

    def reversal_refusal(self, intent: OrderIntent, held: Holding, price: float, order_id: int) -> str | None:
        """Return which limit of the venue or the account a reversal at `price` would break once it has closed what is
        held there, or None; a balance that does not suffice is seen when it is closed.
        """
        whole = self.opening(intent, self._after_closing(held, price, False), price, False, limits_of=order_id)
        return whole if isinstance(whole, str) and whole not in reasons.OF_SIZE else None

    def _after_closing(self, held: Holding, price: float, is_maker: bool) -> float:
        """Return the available balance in USD once a position has been closed at `price`."""
        floor = self._floor
        marked = floor.margin_price(held.symbol, floor.clock.now()) or held.entry_price
        gained = held.unrealized(price) - held.size * price * floor.fee_percent(held.symbol, is_maker) / 100.0
        return floor.account.available() + held.margin + gained - held.unrealized(marked)

    def fillable(self, sized: Sized, symbol: str, price: float, order_id: int) -> Sized:
        """Return as much of a size as may fill now."""
        coins = self._floor.fillable(symbol, sized.coins, order_id)
        return sized if coins == sized.coins else Sized(coins, coins * price)

    def _too_large(self, intent: OrderIntent, price: float, notional: float, order_id: int) -> str | None:
        held = self._floor.account.state.holdings.get(intent.symbol)
        if held is not None and held.sign == intent.sign:
            notional += held.size * price
        tiers = self._floor.instrument(intent.symbol)
        if len(tiers.tiers) > 1 and intent.leverage > tiers.tier(notional).max_leverage:
            self._floor.resized(order_id, "most-leverage", intent.leverage, tiers.tier(notional).max_leverage, "x")
            return reasons.VENUE_LEVERAGE
        return self._risk.position_refusal(intent.symbol, notional, order_id)
