"""What the venue does by itself: it settles funding, and closes positions that an account can no longer carry."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from .. import reasons
from ..contract import ExitReason
from ..kernel import FundingPaid, Liquidated
from .floor import TradingFloor
from .liquidation import Breach, Search, breaches_at, find_further, survey
from .orders import PendingOrder, Touch
from .settlement import Execution, settle_exit


class VenueDesk:
    """Funding and liquidation of one account."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        self._partial_at: dict[str, int] = {}
        self.liquidations: list[Liquidated] = []
        self._negative = 0.0
        #: The klines, by symbol and close, that reached an order and a liquidation: the nearer to the open came first.
        self.ambiguous: set[tuple[str, int]] = set()

    @property
    def shortfall(self) -> float:
        """How much more (USD) was lost than there was: by isolated positions than their margins, or how far equity
        stood below zero after a liquidation, or when an exit left no position: nothing can be opened after that.
        """
        floor = self._floor
        if floor.margins.isolated:
            return floor.account.ledger.total("shortfall_covered")
        is_final = floor.config.liquidation and not floor.account.state.holdings
        return max(self._negative, -floor.account.state.cash) if is_final else self._negative

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
        floor.tell(FundingPaid(now, symbol, rate_fraction, price, amount))

    def _funding_price(self, symbol: str, now: int) -> float | None:
        history, stale_ms = self._floor.history(symbol), self._floor.config.mark_stale_ms
        oracle = history.flow.oracle_price
        if self._floor.rules.funding_price == "oracle" and oracle is not None:
            price = oracle.fresh(now, stale_ms)
            if price is not None:
                return price
        return history.margin_price(now, stale_ms)

    def liquidate(self, breaches: Sequence[Breach]) -> None:
        """Close the positions of breaches that come at one instant, at their prices, in the order of the configuration.
        Do nothing in a pause.
        """
        floor, at_open = self._floor, breaches[0].at_open
        if floor.is_over or not floor.pending.may_act(at_open):
            return
        before = len(floor.fills)
        if at_open:
            floor.settle(closes_only=True)
        rank = floor.config.symbols.index
        for breach in sorted(breaches, key=lambda each: min(map(rank, each.prices))):
            if not at_open:
                found = self._after_nearer(breach)
            else:
                found = breach if len(floor.fills) == before else self._still(breach)
            if found is not None:
                self._close_all(found)
                self._cancel_resting(found.prices)
        self._negative = max(self._negative, -floor.account.equity())

    def _close_all(self, breach: Breach) -> None:
        """Close the positions of a breach, and what is left of them if its kline goes on to the next one."""
        found: Breach | None = breach
        while found is not None:
            symbols = sorted(found.prices, key=self._floor.config.symbols.index)
            partial = [self._close(symbol, found.prices[symbol], found) for symbol in symbols]
            found = self._further(found) if any(partial) and not found.at_open else None

    def _further(self, breach: Breach) -> Breach | None:
        """Return the next breach that the kline of one goes on to when what it reaches before it has been filled."""
        floor = self._floor
        while True:
            found = find_further(breach, floor.account.state, floor.margins, floor.margin_spans)
            if found is None or not self._fill_nearer(found):
                return found

    def _cancel_resting(self, liquidated: Container[str]) -> None:
        """Cancel what rests at the venue of an account that was liquidated (isolated: of its symbol) if it does so."""
        floor = self._floor
        if floor.rules.cancels_when_liquidated:
            for order in floor.pending:
                if order.rests_at_venue and (order.symbol in liquidated or not floor.margins.isolated):
                    floor.cancel(order, reasons.LIQUIDATED)

    def _still(self, breach: Breach) -> Breach | None:
        """Return a breach of an instant as it is when something has been filled since it was found, or None."""
        floor, prices = self._floor, breach.prices
        now, state = breach.due_ms, floor.account.state
        again = breaches_at(
            state,
            floor.margins,
            floor.margin_spans,
            lambda name: prices.get(name) or floor.margin_price(name, now),
            now,
        )
        return next((each for each in again if each.prices.keys() & prices.keys()), None)

    def _after_nearer(self, breach: Breach) -> Breach | None:
        """Return a breach inside of a kline when what the same kline reaches before it has been filled, or None."""
        floor, found = self._floor, breach
        since = dict.fromkeys(breach.prices, breach.opened_ms)
        search = Search(since, breach.due_ms, breach.opened_ms + 1)
        while self._fill_nearer(found):
            again = survey(floor.account.state, floor.margins, floor.margin_spans, search).breaches
            if not again or again[0].due_ms != breach.due_ms:
                return None
            found = again[0]
        return found

    def _fill_nearer(self, breach: Breach) -> bool:
        """Fill the bracket or limit order that a kline reaches first, if it is nearer to the open than the liquidation
        (each to the open of its own price, mark or traded). Tell whether there was any.
        """
        nearer: list[tuple[float, int, PendingOrder, Touch]] = []
        for order, touch in self._floor.pending.touches_inside(breach.due_ms):
            if order.symbol in breach.prices:
                self.ambiguous.add((order.symbol, breach.due_ms))
                traded, marked = self._opens(order.symbol, breach.opened_ms)
                distance = abs(touch.price - traded) if touch.mark is None else abs(touch.mark - marked)
                if distance < abs(breach.prices[order.symbol] - marked):
                    nearer.append((distance, order.order_id, order, touch))
        if nearer:
            *_, order, touch = min(nearer, key=lambda each: each[:2])
            order.fill(touch)
        return bool(nearer)

    def _opens(self, symbol: str, opened_ms: int) -> tuple[float, float]:
        """Return where a kline began, at the traded price and at the one that margin is judged on."""
        spans, klines = self._floor.margin_spans(symbol), self._floor.history(symbol).base
        marked = float(spans.open[spans.between(opened_ms, opened_ms + 1)][0])
        traded = klines.columns.open[klines.first_opening(opened_ms) : klines.first_opening(opened_ms + 1)]
        return (float(traded[0]) if len(traded) else marked), marked

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
        trade = Execution(floor.next_id(), symbol, -held.sign, price)
        floor.liquidates(trade.order_id, symbol, breach.prices)
        floor.at_open = breach.at_open
        (fill,) = settle_exit(floor, trade, size, ExitReason.LIQUIDATION, fee)
        floor.at_open = False
        equity = floor.account.equity()
        event = Liquidated(now, symbol, held.side, fill.size, price, fee, breach.at_open, partial, equity)
        self.liquidations.append(event)
        floor.tell(event)
        return partial

    def _fee(self, symbol: str, size: float, price: float, prices: Mapping[str, float]) -> float:
        """Return taker and liquidation fee in USD: with cross margin never more than closing at these prices leaves of
        the account.
        """
        floor = self._floor
        percent = floor.fee_percent(symbol) + floor.instrument(symbol).liquidation_fee
        fee = size * price * percent / 100.0
        if floor.margins.isolated:
            return fee
        now = floor.clock.now()
        left = floor.account.state.equity(lambda name: prices.get(name) or floor.margin_price(name, now))
        return min(fee, max(left, 0.0))
