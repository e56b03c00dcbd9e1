"""What the venue does by itself: it settles funding, and closes positions that an account can no longer carry."""

from __future__ import annotations

from .account import VirtualAccount
from .bracket import Bracket, Touch
from .bracket_desk import BracketDesk
from .bus import Bus
from .clock import Clock
from .config import BacktestConfig
from .liquidation import Breach, find_breach
from .margin import MarginRules
from .market_history import MarketHistory
from .messages import FundingPaid, Liquidated
from .pending_orders import PendingOrders
from .settlement import Settlement


class VenueActions:
    """Funding and liquidation of one account."""

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        market: MarketHistory,
        account: VirtualAccount,
        config: BacktestConfig,
        margins: MarginRules,
        pending: PendingOrders,
        settlement: Settlement,
        brackets: BracketDesk,
    ) -> None:
        self._clock, self._bus, self._market, self._account, self._config = clock, bus, market, account, config
        self._margins, self._pending, self._settlement, self._brackets = margins, pending, settlement, brackets
        self.liquidations = 0

    def settle_funding(self, symbol: str, rate: float) -> None:
        """Settle funding on an open position: a long pays rate x notional at the mark price when `rate` is positive."""
        held = self._account.state.holdings[symbol]
        now = self._clock.now()
        price = self._market.symbols[symbol].price(now, self._config.mark_stale_ms) or held.entry_price
        amount = -held.sign * held.size * price * rate
        self._account.fund(symbol, amount)
        self._bus.publish(FundingPaid(now, symbol, rate, price, amount))

    def liquidate(self, breach: Breach) -> None:
        """Close the positions of a breach at its prices, after the brackets that the same kline reached before."""
        found: Breach | None = breach
        while found is not None and self._settle_nearer(found):
            again = find_breach(
                self._account.state, self._margins, self._market, breach.opened_ms, breach.opened_ms + 1
            )
            found = again if again is not None and again.due_ms == breach.due_ms else None
        if found is None:
            return
        for symbol, price in found.prices.items():
            self._liquidate_position(symbol, price, found.at_open)

    def _settle_nearer(self, breach: Breach) -> bool:
        """Fill the due bracket that lies nearest to the open, if it is nearer than the liquidation; tell whether."""
        if breach.at_open:
            return False
        nearest: tuple[float, int, Bracket, Touch] | None = None
        for item, touch in self._pending.touches_inside(breach.due_ms):
            if item.symbol not in breach.prices or touch.rest:
                continue
            klines = self._market.symbols[item.symbol].base
            opened = klines.columns.open.item(klines.first_opening(breach.opened_ms))
            distance = abs(touch.price - opened)
            if distance < abs(breach.prices[item.symbol] - opened):
                candidate = (distance, item.age, item, touch)
                nearest = candidate if nearest is None or candidate[:2] < nearest[:2] else nearest
        if nearest is None:
            return False
        self._brackets.fill(nearest[2], nearest[3])
        return True

    def _liquidate_position(self, symbol: str, price: float, at_open: bool) -> None:
        held = self._account.state.holdings[symbol]
        fee_rate = self._config.fee_rate + self._margins.instrument(symbol).liquidation_fee
        order_id = self._settlement.next_id()
        fill = self._settlement.exit(order_id, symbol, held.size, price, fee_rate, "liquidation", None)
        self.liquidations += 1
        self._bus.publish(Liquidated(fill.timestamp, symbol, fill.size, price, at_open, self._account.equity()))
