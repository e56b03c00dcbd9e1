"""The desk of the exchange that handles what closes an entry by itself."""

from __future__ import annotations

from ..contract import ExitReason
from .bracket import Bracket, Touch, next_touch
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent
from .settlement import Settlement


class BracketDesk:
    """Finds what happens next to each bracket, and fills what was touched."""

    def __init__(self, floor: TradingFloor, settlement: Settlement) -> None:
        self._floor, self._settlement = floor, settlement
        self.ambiguous: set[tuple[str, int]] = set()

    def add(self, intent: OrderIntent, size: float, entry_price: float) -> None:
        """Watch the exits of an entry of `size` coins, if it has any."""
        if not intent.has_exits:
            return
        floor = self._floor
        now = floor.clock.now()
        extended = intent.trailing_percent is not None or intent.holding_ms is not None
        bracket = Bracket(
            floor.next_id(),
            floor.next_id(),
            intent.symbol,
            intent.sign,
            size,
            intent.take_profit,
            intent.stop_loss,
            intent.limit_tp,
            intent.limit_sl,
            now,
            floor.next_id() if extended else 0,
            entry_price,
            intent.trailing_percent,
            None if intent.holding_ms is None else now + intent.holding_ms,
        )
        for leg in bracket.leg_ids():
            floor.lives.move(leg, OrderEvent.ARM)
        spans = floor.history(intent.symbol).watch(floor.config.watch_period)
        self._watch(bracket, spans.first_from(bracket.active_from))

    def _watch(self, bracket: Bracket, start: int, not_before: int = 0) -> None:
        """Find what happens next to a bracket from span `start` on, and wait for it. A time stop comes at
        `not_before` at the earliest.
        """
        floor = self._floor
        config = floor.config
        spans = floor.history(bracket.symbol).watch(config.watch_period)
        stop = spans.first_after(floor.end_ms)
        touch = next_touch(bracket, spans, start, stop, config.intrabar, config.fill_on == "through")
        expires = bracket.expires_at
        if expires is not None:
            expires = max(expires, not_before)
            if touch is None or touch.due_ms > expires:
                touch = Touch(expires, start, "time", 0.0, True)
        if touch is None:
            floor.pending.keep(bracket)
        else:
            floor.pending.put(bracket, touch.due_ms, touch.at_open, touch)

    def fill(self, bracket: Bracket, touch: Touch) -> None:
        """Close what the bracket and the position both have; a gapped limit stop rests instead. What a volume cap
        leaves over is watched on from the next span.
        """
        floor = self._floor
        if touch.rest:
            bracket.stop_rests = True
            floor.lives.move(bracket.sl_id, OrderEvent.REST)
            self._watch(bracket, touch.place)
            return
        price: float | None = touch.price
        if touch.kind == "time":
            config = floor.config
            now = floor.clock.now()
            price = floor.history(bracket.symbol).trade_price(now, config.mark_stale_ms, config.stale_ms)
        if price is None:
            self._postpone(bracket, touch)
        else:
            self._trade(bracket, touch, price)

    def _postpone(self, bracket: Bracket, touch: Touch) -> None:
        """A time stop without a usable price waits for the close of the next kline."""
        base = self._floor.history(bracket.symbol).base
        place = base.first_opening(self._floor.clock.now())
        if place < len(base.columns):
            self._watch(bracket, touch.place, base.columns.open_ms.item(place) + base.period_ms)
        else:
            self._floor.pending.keep(bracket)

    def _trade(self, bracket: Bracket, touch: Touch, price: float) -> None:
        floor, symbol = self._floor, bracket.symbol
        if touch.ambiguous:
            self.ambiguous.add((symbol, touch.place))
        assert touch.kind != "limit"
        limit = bracket.is_limit(touch.kind)
        order_id = bracket.leg_id(touch.kind)
        whole = min(bracket.size, floor.account.state.holdings[symbol].size)
        size = whole
        if floor.models.volume_cap is not None:
            size = min(whole, floor.most_coins(symbol, self._kline(symbol, touch)))
        if not limit:
            price = floor.slipped(symbol, -bracket.sign, size, price)
        if size < whole:
            floor.lives.move(order_id, OrderEvent.FILL_PART)
            floor.pending.remove(bracket)
            self._go_on(bracket, whole - size, touch)
        else:
            self._settlement.cancel(bracket, but=order_id)
            floor.lives.move(order_id, OrderEvent.FILL)
        if size > 0.0:
            self._settlement.exit(
                order_id, symbol, size, price, floor.fee_rate(symbol, limit), ExitReason(touch.kind), None
            )

    def _kline(self, symbol: str, touch: Touch) -> int:
        """Return the kline that a touch trades in: the one that opens, or the one that has closed."""
        base = self._floor.history(symbol).base
        if touch.at_open and touch.kind != "time":
            return base.first_opening(touch.due_ms)
        return base.finished(touch.due_ms) - 1

    def _go_on(self, bracket: Bracket, left: float, touch: Touch) -> None:
        """Watch what is left of a bracket from the next span on; what was touched stays where it is."""
        spans = self._floor.history(bracket.symbol).watch(self._floor.config.watch_period)
        now = self._floor.clock.now()
        start = max(touch.place + 1, spans.first_from(now)) if touch.kind == "time" else touch.place + 1
        rest = Bracket(*(getattr(bracket, name) for name in bracket.__slots__))
        rest.size, rest.cancelled = left, False
        not_before = spans.end_ms.item(start) if touch.kind == "time" and start < len(spans.end_ms) else 0
        self._watch(rest, start, not_before)
