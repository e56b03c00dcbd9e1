"""The trading floor: what the desks of the exchange share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf
from typing import TypeVar

from .. import reasons
from ..account import MarginRules, VirtualAccount
from ..config import BacktestConfig
from ..kernel import Bus, Clock, Fill, FundingPaid, Liquidated, OrderRejected
from ..market import MarginSpans, MarketHistory, SymbolHistory, WatchColumns
from ..venue import Instrument, VenueRules
from ..venue.models import CompleteModels, MarketOrder, TradedVolume
from .adjustments import Adjustments
from .lifecycle import OrderEvent, OrderLives, OrderResult, OrderState
from .order_notes import OrderNotes
from .orders import Ahead, EntryOrder, PendingOrder, PendingOrders, Touch

#: Less than this share of an amount is the rounding of none.
ROUNDING = 1e-12

T = TypeVar("T")
#: What happens to an account.
Happened = Fill | OrderRejected | FundingPaid | Liquidated


class _Kept(dict[str, T]):
    """What `find` returns for symbols, each asked for once: then it is a look-up without a call of Python."""

    def __init__(self, find: Callable[[str], T]) -> None:
        self._find = find

    def __missing__(self, symbol: str) -> T:
        found = self[symbol] = self._find(symbol)
        return found


@dataclass(eq=False, repr=False)
class TradingFloor:
    """Clock, bus, market, account, rules and models of one exchange; the ids, lives and rejections of its orders.

    `fills` are all fills so far, `rejections` counts the orders that were refused or cancelled by reason,
    `cancellations` those of them that had waited, `lives` knows where every order stands, `traded` the volume that
    counts for fee tiers. `is_over`: nothing fills any more.
    """

    clock: Clock
    bus: Bus
    market: MarketHistory
    account: VirtualAccount
    config: BacktestConfig
    models: CompleteModels
    rules: VenueRules

    def __post_init__(self) -> None:
        self.end_ms, self.is_over = self.config.end_ms, False
        self.margins = MarginRules(
            self.rules.instruments, self.config.margin_mode == "isolated", self.config.max_leverage
        )
        #: Returns the instrument of a symbol.
        self.instrument: Callable[[str], Instrument] = _Kept(self.margins.instrument).__getitem__
        #: Returns what the margin of a symbol is judged on.
        self.margin_spans: Callable[[str], MarginSpans] = _Kept(self._margin_spans).__getitem__
        self.pending, self.lives = self._books()
        self.traded = TradedVolume()
        self.fills: list[Fill] = []
        #: What has happened to the account since `take_news` was asked last.
        self.news: list[Happened] = []
        self.rejections: Counter[str] = Counter()
        self.cancellations: Counter[str] = Counter()
        #: What became of orders that did not fill at once, and where exits stood.
        self.notes = OrderNotes()
        self.trigger_price = self.config.trigger_price or self.rules.trigger_price
        #: What is watched, and the first place in it that lies after the end of the run.
        self._spans: dict[tuple[str, bool], WatchColumns] = {}
        self._stops: dict[tuple[str, bool], int] = {}
        self._spent: dict[tuple[str, int], float] = {}
        self._stale_ms = self.config.mark_stale_ms, self.config.stale_ms
        #: Returns the id of a new order, also for a kind of order of one's own: each next one is higher.
        self.next_id: Callable[[], int] = count(1).__next__
        #: What changes costs, volumes and delays while the run goes on.
        self.adjusted = Adjustments()
        self.at_open = False  # what trades now does so at an open: that of a kline, or another that it gapped over
        self.is_resuming = False  # from the end of a pause until what the price of that instant does is done

    def history(self, symbol: str) -> SymbolHistory:
        """Return the history of a symbol."""
        return self.market.symbols[symbol]

    def spans(self, symbol: str, marks: bool = False) -> WatchColumns:
        """Return the spans of time in which the pending orders of a symbol are watched; those of `marks`, if wanted."""
        spans = self._spans.get((symbol, marks))
        if spans is None:
            config, stale_ms = self.config, self.config.mark_stale_ms if marks else None
            spans = self.market.symbols[symbol].watch(config.watch_period, stale_ms)
            if config.drill_down:
                spans = replace(spans, fine=self.market.symbols[symbol].fine_rows(marks))
            self.keep_spans(symbol, marks, spans)
        return spans

    def keep_spans(self, symbol: str, marks: bool, spans: WatchColumns) -> None:
        """Let these be the spans of a symbol from now on."""
        self._spans[symbol, marks], self._stops[symbol, marks] = spans, spans.first_after(self.end_ms)

    def watches_marks(self, symbol: str) -> bool:
        """Tell whether the triggers of a symbol watch the mark price: they are to, and it is recorded."""
        return self.trigger_price == "mark" and self.market.symbols[symbol].marks.all is not None

    def price_at(self, symbol: str, time_ms: int) -> float:
        """Return the last price that was known at an instant, 0.0 when there was none."""
        return self.market.last_price(symbol, time_ms, self.config.mark_stale_ms)

    def margin_price(self, symbol: str, time_ms: int) -> float:
        """Return the price that margin was judged at, at an instant, 0.0 when there was none."""
        return self.market.margin_price(symbol, time_ms, self.config.mark_stale_ms)

    def _margin_spans(self, symbol: str) -> MarginSpans:
        return self.market.symbols[symbol].margin_spans(self.config.mark_stale_ms)

    def trade_price(self, symbol: str) -> float | None:
        """Return the price at which a market order trades now, None when it is too old."""
        return self.market.symbols[symbol].price(self.clock.now(), *self._stale_ms)

    def fee_percent(self, symbol: str, is_maker: bool = False) -> float:
        """Return the fee of a fill now, in percent: the instrument's own where it has one, else that of the model."""
        instrument = self.instrument(symbol)
        percent = instrument.maker_fee if is_maker else instrument.taker_fee
        if percent is None:
            percent = self.models.fees.percent(symbol, is_maker, self.clock.now(), self.traded)
        for change in self.adjusted.fees:
            percent = change(symbol, is_maker, percent)
        return percent

    def slipped(self, symbol: str, sign: int, size: float, price: float) -> float:
        """Return at what price an order that takes `size` coins fills now, if `price` is the price of the moment."""
        order = MarketOrder(symbol, sign, size, price, self.clock.now(), self.market.symbols[symbol])
        fill_price = self.models.slippage.fill_price(order)
        for change in self.adjusted.prices:
            fill_price = change(order, fill_price)
        return fill_price

    def resized(self, order_id: int, rule: str, asked: float, allowed: float, unit: str = "coins") -> None:
        """Hear that an order asks for more than a rule of the journal allows: coins, USD, times of leverage, or what
        its amount is. Nobody does but in a run that is recorded. The order 0 is none: what is only tried.
        """

    def liquidates(self, order_id: int, symbol: str, prices: Mapping[str, float]) -> None:
        """Hear that an order of the venue is to close a position, as an account is not worth enough at these prices:
        nobody does but in a run that is recorded.
        """

    def fillable(self, symbol: str, size: float, order_id: int = 0) -> float:
        """Return how much of `size` coins may fill now, in whole steps of the venue: what the volume cap leaves of the
        last finished kline, which everything that fills until the next one closes shares. Of an order that fills now
        what it goes without is noted.
        """
        cap, changes = self.models.volume_cap, self.adjusted.volumes
        if cap is None and not changes:
            return size
        base = self.market.symbols[symbol].base
        place = base.finished(self.clock.now()) - 1
        volume = base.columns.volume.item(place) if place >= 0 else 0.0
        most = 0.0 if place < 0 else inf if cap is None else cap.most(volume)
        for change in changes:
            most = change(symbol, size, volume, most)
        left = most - self._spent.get((symbol, place), 0.0)
        if size <= left:
            return size
        allowed = self.instrument(symbol).rounded_size(left) if left > ROUNDING * most else 0.0
        self.resized(order_id, "volume-cap", size, allowed)
        return allowed

    def spend(self, symbol: str, size: float) -> None:
        """Take the coins of a fill off what the volume cap leaves of the last finished kline."""
        key = symbol, self.market.symbols[symbol].base.finished(self.clock.now()) - 1
        self._spent[key] = self._spent.get(key, 0.0) + size

    def _books(self) -> tuple[PendingOrders, OrderLives]:
        """Return what is pending, and where every order stands: nothing as yet."""
        return PendingOrders(self.clock, self.config), OrderLives()

    def watch(self, order: PendingOrder, start: int | None = None) -> None:
        """Find what happens next to an order, and keep it until then: from span `start` on, or in those that start now
        or later.
        """
        symbol, marks, now = order.symbol, order.watches_marks, self.clock.now()
        spans = self.spans(symbol, marks)
        if start is None:
            start = spans.first_from(now)
            if spans.resumed_ms >= 0:
                start += self.passed(spans)
        stop, expires_at = self._stops[symbol, marks], order.expires_at
        touch = order.next_touch(Ahead(spans, start, stop, now))
        if touch is not None and touch.due_ms < now:  # the open of a span that goes on: what it does is done
            touch = order.next_touch(Ahead(spans, spans.first_from(now), stop, now))
        if expires_at is not None:
            at = max(expires_at, now)
            touch = Touch.of_expiry(at) if touch is None else touch.or_expiry(at)
        self.pending.put(order, touch)

    def watch_on(self, order: EntryOrder) -> None:
        """Find anew what happens next to an order that keeps its place: the span that goes on now counts for it, if it
        was there when that began.
        """
        spans = self.spans(order.symbol, order.watches_marks)
        going_on = [place for place in self.going_on(spans) if spans.start_ms.item(place) >= order.placed_at]
        self.watch(order, going_on[0] if going_on else None)

    def going_on(self, spans: WatchColumns) -> range:
        """Return the places of the spans that go on now: they began before, and end later."""
        now = self.clock.now()
        start = stop = spans.first_from(now)
        while start and spans.end(start - 1) > now:
            start -= 1
        return range(start, stop)

    def passed(self, spans: WatchColumns) -> int:
        """Return how many of the spans that start now are over for a new order: the instant at which a pause ended is,
        for what is decided at it or enters at an open.
        """
        if spans.resumed_ms < 0 or self.is_resuming:
            return 0
        now = self.clock.now()
        return int(now == spans.resumed_ms and spans.is_resumption(spans.first_from(now)))

    def settle(self, closes_only: bool = False) -> None:
        """Do everything that is due now (only at closes of klines, if so wanted), in the order of `PendingOrders`."""
        if not self.is_over:
            for order, touch in self.pending.due_now(closes_only):
                self.is_resuming = self.is_resuming and not (touch.at_open and touch.is_later)
                if touch.expires:
                    self.cancel(order, reasons.EXPIRED)
                else:
                    self.at_open = touch.at_open and touch.is_of_open
                    order.fill(touch)
        self.at_open = False
        self.is_resuming = self.is_resuming and closes_only

    def cancel(self, order: PendingOrder, reason: str) -> None:
        """Cancel a pending order; where that counts as a rejection, for this reason."""
        self.pending.remove(order)
        if order.is_counted:
            self.reject(order.order_id, order.symbol, reason, OrderEvent.CANCEL, tag=order.tag)
        else:
            for leg in order.leg_ids():
                self.lives.move(leg, OrderEvent.CANCEL)

    def reject(
        self,
        order_id: int,
        symbol: str,
        reason: str,
        event: OrderEvent = OrderEvent.REJECT,
        fills: tuple[Fill, ...] = (),
        tag: str = "",
    ) -> OrderResult:
        """Refuse an order, or cancel what is left of it, for a reason that is counted and published."""
        self.lives.move(order_id, event)
        self.rejections[reason] += 1
        was_pending, now = event is OrderEvent.CANCEL and not fills, self.clock.now()
        if was_pending:
            self.cancellations[reason] += 1
        self.notes.refused(now, order_id, symbol, reason, event is OrderEvent.CANCEL)
        self.tell(OrderRejected(now, order_id, symbol, reason, was_pending, tag))
        return OrderResult(order_id, OrderState.REJECTED, reason, fills)

    def tell(self, happened: Happened) -> None:
        """Publish what has happened to the account, and keep it for the program."""
        self.news.append(happened)
        self.bus.publish(happened)

    def take_news(self) -> Sequence[Happened]:
        """Return what has happened to the account since this was asked last, in order."""
        news = self.news
        if news:
            self.news = []
        return news
