"""What the venue does by itself: it settles funding, and closes positions that an account can no longer carry."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract import ExitReason
from ..kernel import FundingPaid, Liquidated
from .floor import TradingFloor
from .liquidation import Breach, find_further, survey
from .pending import PendingOrder
from .settlement import Execution, settle_exit
from .touch import Touch


class VenueDesk:
    """Funding and liquidation of one account.

    `shortfall` is by how much (USD) equity stood below zero after a liquidation: the market had jumped over the
    liquidation price.
    """

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        self._partial_at: dict[str, int] = {}
        self.liquidations: list[Liquidated] = []
        self.shortfall = 0.0

    def settle_funding(self, symbol: str, rate_fraction: float) -> None:
        """Settle funding on an open position: a long pays rate x notional when the rate is positive, at the oracle or
        mark price as the venue has it (the last known price where that is not recorded).
        """
        floor = self._floor
        held = floor.account.state.holdings[symbol]
        now = floor.clock.now()
        price = self._funding_price(symbol, now) or held.entry_price
        amount = -held.sign * held.size * price * rate_fraction
        floor.account.fund(symbol, amount)
        floor.bus.publish(FundingPaid(now, symbol, rate_fraction, price, amount))

    def _funding_price(self, symbol: str, now: int) -> float | None:
        history, stale_ms = self._floor.history(symbol), self._floor.config.mark_stale_ms
        oracle = history.flow.oracle_price
        if self._floor.rules.funding_price == "oracle" and oracle is not None:
            price = oracle.fresh(now, stale_ms)
            if price is not None:
                return price
        return history.price(now, stale_ms)

    def liquidate(self, breach: Breach) -> None:
        """Close the positions of a breach at its prices, after the brackets that the same kline reached before; what a
        partial liquidation leaves is closed in the same kline if that goes on to the next breach. Do nothing in a
        pause.
        """
        floor = self._floor
        if floor.is_over or not floor.pending.may_act(breach.at_open):
            return
        found: Breach | None = breach
        while found is not None and self._settle_earlier(found):
            state, opened = floor.account.state, breach.opened_ms
            found = survey(state, floor.margins, floor.market, opened, opened + 1).breach
            if found is not None and found.due_ms != breach.due_ms:
                found = None
        while found is not None:
            partial = [self._close(symbol, price, found) for symbol, price in found.prices.items()]
            again = any(partial) and not found.at_open
            found = find_further(found, floor.account.state, floor.margins, floor.market) if again else None
        self.shortfall = max(self.shortfall, -floor.account.equity())

    def _settle_earlier(self, breach: Breach) -> bool:
        """Fill what comes before a breach: before one at an open all that the klines before it reached, before one
        inside of a kline the bracket or limit order nearest to the open, if it is nearer than the liquidation. Tell
        whether there was any.
        """
        if breach.at_open:
            before = len(self._floor.fills)
            self._floor.settle(closes_only=True)
            return len(self._floor.fills) > before
        nearer: list[tuple[float, int, PendingOrder, Touch]] = []
        for order, touch in self._floor.pending.touches_inside(breach.due_ms):
            if order.symbol in breach.prices:
                klines = self._floor.history(order.symbol).base
                opened = klines.columns.open.item(klines.first_opening(breach.opened_ms))
                distance = abs(touch.price - opened)
                if distance < abs(breach.prices[order.symbol] - opened):
                    nearer.append((distance, order.order_id, order, touch))
        if nearer:
            *_, order, touch = min(nearer, key=lambda each: each[:2])
            order.fill(touch)
        return bool(nearer)

    def _close(self, symbol: str, price: float, breach: Breach) -> bool:
        """Close a position, or the venue's share of a large one; tell whether it was a share."""
        floor, rules = self._floor, self._floor.rules
        held = floor.account.state.holdings[symbol]
        now = floor.clock.now()
        large = rules.partial_above_usd is not None and held.size * price > rules.partial_above_usd
        last = self._partial_at.get(symbol)
        size = held.size
        if large and (last is None or now - last > rules.partial_cooldown_ms):
            size = min(floor.instrument(symbol).rounded_size(size * rules.partial_share) or size, size)
        partial = size < held.size
        if partial:
            self._partial_at[symbol] = now
        fee = self._fee(symbol, size, price, breach.prices)
        trade = Execution(floor.next_id(), symbol, price, False, None)
        (fill,) = settle_exit(floor, trade, size, ExitReason.LIQUIDATION, fee)
        equity = floor.account.equity()
        event = Liquidated(now, symbol, held.side, fill.size, price, fee, breach.at_open, partial, equity)
        self.liquidations.append(event)
        floor.bus.publish(event)
        return partial

    def _fee(self, symbol: str, size: float, price: float, prices: Mapping[str, float]) -> float:
        """Return taker and liquidation fee in USD: never more than closing at these prices leaves of the account (with
        isolated margin: of the position's).
        """
        floor = self._floor
        state = floor.account.state
        percent = floor.fee_percent(symbol) + floor.instrument(symbol).liquidation_fee
        fee = size * price * percent / 100.0
        held = state.holdings[symbol]
        if floor.margins.isolated:
            left = held.margin + held.funding + held.unrealized(price)
        else:
            left = state.equity(lambda name: prices.get(name) or floor.price_at(name, floor.clock.now()))
        return min(fee, max(left, 0.0))
