"""The desk of the exchange that cancels and amends what there is, when a decision asks for that."""

from __future__ import annotations

from .. import reasons
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_desk import LimitDesk
from .order_notes import AMENDED
from .orders import Changes, EntryOrder, OrderRequest


class RequestDesk:
    """Carries out what is asked of orders that there are. What cannot be changes nothing, and is a rejection."""

    def __init__(self, floor: TradingFloor, brackets: BracketDesk, limits: LimitDesk) -> None:
        self._floor, self._brackets, self._limits = floor, brackets, limits

    def carry_out(self, order_id: int, request: OrderRequest) -> OrderResult:
        """Cancel or amend the orders that a request means."""
        changes = request.changes
        if changes is None:
            problem = self._cancel(request)
        else:
            given, changes = changes, changes.rounded(self._floor.instrument(request.symbol))
            if changes != given:
                self._tell_rounded(order_id, given, changes)
            problem = self._amend(order_id, request, changes) if changes.is_possible else reasons.BAD_PRICE
        if problem is not None:
            return self._floor.reject(order_id, request.symbol, problem, tag=request.tag)
        self._floor.lives.move(order_id, OrderEvent.CARRY_OUT)
        return OrderResult(order_id, OrderState.CARRIED_OUT)

    def _tell_rounded(self, order_id: int, given: Changes, rounded: Changes) -> None:
        """Note which of the values that are given are not those that the venue allows."""
        for name, before, after in zip(Changes._fields, given, rounded, strict=True):
            if before is not None and after is not None and before != after:
                rule, unit = ("whole-steps", "coins") if name == "size" else ("whole-ticks", "USD a coin")
                self._floor.resized(order_id, rule, before, after, unit)

    def _meant(self, request: OrderRequest) -> list[EntryOrder]:
        """Return the working orders that a request means, oldest first; exits of positions are none of them."""
        return self._floor.pending.of_decisions(request.symbol, request.order_id, request.tag)

    def cancel_working(self, symbol: str, by: int) -> bool:
        """Cancel what works in a symbol, but for the exits of its position and the order `by` which that is asked; tell
        whether there was anything.
        """
        meant = [order for order in self._meant(OrderRequest(symbol, None, "", None)) if order.order_id != by]
        self._cancel_all(meant)
        return bool(meant)

    def _cancel_all(self, meant: list[EntryOrder]) -> None:
        for order in meant:
            self._floor.cancel(order, reasons.CANCELLED)

    def _cancel(self, request: OrderRequest) -> str | None:
        meant = self._meant(request)
        self._cancel_all(meant)
        if meant:
            return None
        if request.order_id is not None:
            found = self._brackets.with_leg(request.symbol, request.order_id)
            if found is not None:
                self._brackets.cancel_leg(*found, request.order_id)
                return None
        return reasons.NOTHING_TO_CANCEL

    def _amend(self, order_id: int, request: OrderRequest, changes: Changes) -> str | None:
        """Amend the working orders that are meant, and the exits of the entries of that tag: all, or nothing."""
        meant, now = self._meant(request), self._floor.clock.now()
        amended = []
        for order in meant:
            new = order.amended(changes)
            problem = reasons.NO_CHANGE if new is None else self._problem(order, new, changes)
            if new is None or problem is not None:
                return problem
            if changes.expires_ms is not None:
                new.expire_after(changes.expires_ms, now)
            amended.append((order, new))
        problem = self._amend_exits(order_id, request, changes, bool(meant))
        if problem is None:
            for order, new in amended:
                self._replace(order, new, changes)
        return problem

    def _amend_exits(self, order_id: int, request: OrderRequest, changes: Changes, has_orders: bool) -> str | None:
        if request.order_id is not None:
            found = None if has_orders else self._brackets.with_leg(request.symbol, request.order_id)
            if found is None:
                return None if has_orders else reasons.NOTHING_TO_AMEND
            exits, _, leg = found
            moved = changes.of_leg(leg)
            return reasons.NO_CHANGE if moved is None else self._brackets.amend([exits], moved, order_id)
        all_exits = self._brackets.tagged(request.symbol, request.tag) if changes.of_exits else []
        if not all_exits and not has_orders:
            return reasons.NOTHING_TO_AMEND
        return self._brackets.amend(all_exits, changes, order_id)

    def _problem(self, order: EntryOrder, new: EntryOrder, changes: Changes) -> str | None:
        """Return why an order cannot become what it is to be, or None."""
        price = self._floor.trade_price(order.symbol)
        if price is None:
            return reasons.STALE_PRICE
        if changes.trigger is not None:
            new.place_against(price)
        return None if new.resting is None else self._limits.amend_problem(new.resting, new.asks_more_than(order))

    def _replace(self, order: EntryOrder, new: EntryOrder, changes: Changes) -> None:
        """Let an order be what it is to be. It keeps its place where only its size goes down, or its exits or expiry
        change; another limit that the price of the moment meets takes at once.
        """
        floor = self._floor
        floor.pending.keep_seen()
        loses_place = changes.of_price or new.asks_more_than(order)
        order.become(new)
        floor.notes.placed(order, floor.clock.now(), AMENDED)
        if not loses_place:
            floor.watch_on(order)
            return
        order.lose_place(floor.next_id(), floor.clock.now())
        resting = order.resting if changes.of_price else None
        if resting is None or not self._limits.would_take(resting) or self._limits.take(resting):
            floor.watch(order)
