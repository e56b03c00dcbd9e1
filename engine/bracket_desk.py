"""The desk of the exchange that handles take-profits and stop-losses."""

from __future__ import annotations

from .account import VirtualAccount
from .bracket import Bracket, Touch, next_touch
from .clock import Clock
from .config import BacktestConfig
from .market_history import MarketHistory
from .order_intent import OrderIntent
from .pending_orders import PendingOrders
from .settlement import Settlement


class BracketDesk:
    """Finds what happens next to each bracket, and fills what was touched."""

    def __init__(
        self,
        clock: Clock,
        market: MarketHistory,
        account: VirtualAccount,
        config: BacktestConfig,
        pending: PendingOrders,
        settlement: Settlement,
    ) -> None:
        self._clock, self._market, self._account, self._config = clock, market, account, config
        self._pending, self._settlement = pending, settlement
        self._end_ms = config.end_ms
        self.ambiguous: set[tuple[str, int]] = set()

    def add(self, intent: OrderIntent, size: float) -> None:
        """Watch the take-profit and stop-loss of an entry of `size` coins, if it has any."""
        if intent.take_profit is None and intent.stop_loss is None:
            return
        bracket = Bracket(
            self._settlement.next_id(),
            self._settlement.next_id(),
            intent.symbol,
            intent.sign,
            size,
            intent.take_profit,
            intent.stop_loss,
            intent.limit_tp,
            intent.limit_sl,
            self._clock.now(),
        )
        spans = self._market.symbols[intent.symbol].watch(self._config.watch_period)
        self._watch(bracket, spans.first_from(bracket.active_from))

    def _watch(self, bracket: Bracket, start: int) -> None:
        """Find what happens next to a bracket from span `start` on, and wait for it."""
        config = self._config
        spans = self._market.symbols[bracket.symbol].watch(config.watch_period)
        stop = spans.first_after(self._end_ms)
        touch = next_touch(bracket, spans, start, stop, config.intrabar, config.fill_on == "through")
        if touch is None:
            self._pending.keep(bracket)
        else:
            self._pending.put(bracket, touch.due_ms, touch.at_open, touch)

    def fill(self, bracket: Bracket, touch: Touch) -> None:
        """Close what the bracket and the position both have; a gapped limit stop rests instead."""
        if touch.rest:
            bracket.stop_rests = True
            self._watch(bracket, touch.place)
            return
        if touch.ambiguous:
            self.ambiguous.add((bracket.symbol, touch.place))
        self._pending.remove(bracket)
        limit = bracket.limit_tp if touch.kind == "tp" else bracket.limit_sl
        order_id = bracket.tp_id if touch.kind == "tp" else bracket.sl_id
        slip = 1.0 - bracket.sign * self._config.slippage_percent / 100.0
        price = touch.price if limit else touch.price * slip
        fee_rate = self._config.maker_fee if limit else self._config.fee_rate
        size = min(bracket.size, self._account.state.holdings[bracket.symbol].size)
        self._settlement.exit(order_id, bracket.symbol, size, price, fee_rate, touch.kind, None)
