"""The desk of the exchange that handles what closes an entry by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import reasons
from ..contract import ExitReason, OrderKind
from ..kernel import Fill
from .floor import ROUNDING, TradingFloor
from .lifecycle import OrderEvent, OrderState
from .order_notes import ClosedNote
from .orders import (
    Ahead,
    Bracket,
    BracketLegs,
    Changes,
    ExitOrder,
    Exits,
    LegOrder,
    MarketExit,
    OrderIntent,
    Touch,
    TrailingStop,
    WorkingExit,
)
from .settlement import Execution, settle_entry, settle_exit
from .sizing import Sized


class BracketDesk:
    """Makes the exits of entries, and fills those that were touched."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        #: By symbol and entry, and those with a tag by that: of the position that is held now, or was last.
        self._exits: dict[str, dict[int, Exits]] = {}
        self._tagged: dict[tuple[str, str], dict[int, Exits]] = {}
        #: The klines, by symbol and close, that touched two exits of one entry: those that finer rows decided, too.
        self.ambiguous: set[tuple[str, int]] = set()
        self.drilled: set[tuple[str, int]] = set()
        #: Of each exit in such a kline: its close, symbol, which came first, and whether finer rows told it.
        self.double_touches: list[tuple[int, str, ExitReason, bool]] = []
        #: The symbols whose triggers were to watch marks, of which none are recorded.
        self.unmarked: set[str] = set()

    def enter(self, trade: Execution, intent: OrderIntent, sized: Sized) -> tuple[Fill, ...]:
        """Settle an entry (none, if its size is 0), and watch its exits, if it has any; those of an order that has
        filled in part already grow.
        """
        if sized.coins <= 0.0:
            return ()
        symbol = trade.symbol
        if symbol in self._exits and symbol not in self._floor.account.state.holdings:
            self._forget(symbol)
        entry = settle_entry(self._floor, trade, intent, sized)
        if intent.has_exits or trade.tag:
            exits = self._exits_of(symbol, trade.order_id)
            if exits is None:
                self._watch_exits(intent, entry)
            else:
                exits.size = self._floor.instrument(symbol).nearest_size(exits.size + entry.size)
        return (entry,)

    def _forget(self, symbol: str) -> None:
        """Forget the exits of positions that are gone."""
        for exits in self._exits.pop(symbol).values():
            self._tagged.pop((symbol, exits.tag), None)
            exits.orders = []

    def _exits_of(self, symbol: str, entry_id: int) -> Exits | None:
        """Return the exits of what an order has entered so far, as long as they are watched."""
        exits = self._exits.get(symbol, {}).get(entry_id)
        return exits if exits is not None and self._is_alive(exits) else None

    def _is_alive(self, exits: Exits) -> bool:
        """Tell whether exits are watched; of a tagged entry without any, whether its position is still there."""
        if exits.orders:
            return exits.orders[0] in self._floor.pending
        held = self._floor.account.state.holdings.get(exits.symbol)
        return held is not None and held.sign == exits.sign and held.opened_at <= exits.active_from

    def tagged(self, symbol: str, tag: str) -> list[Exits]:
        """Return the exits of the entries of a tag, oldest first; also of those that have none yet."""
        return [each for each in self._tagged.get((symbol, tag), {}).values() if self._is_alive(each)]

    def with_leg(self, symbol: str, order_id: int) -> tuple[Exits, ExitOrder, ExitReason | None] | None:
        """Return the exits, and among them the order, of which a leg has this id, and which of a bracket's it is."""
        for exits in self._exits.get(symbol, {}).values():
            for order in exits.orders:
                if order_id in order.leg_ids() and order in self._floor.pending:
                    return exits, order, order.leg_of(order_id)
        return None

    def _watch_exits(self, intent: OrderIntent, entry: Fill) -> None:
        symbol, entry_id = entry.symbol, entry.order_id
        marks, active_from, tag = self._watches_marks(intent), entry.timestamp, intent.origin.tag
        exits = Exits(entry_id, symbol, intent.sign, entry.size, active_from, marks, tag=tag)
        self._exits.setdefault(symbol, {})[entry_id] = exits
        if tag:
            self._tagged.setdefault((symbol, tag), {})[entry_id] = exits
            if not intent.has_exits:
                return
        floor, percent, holding_ms = self._floor, intent.trailing_percent, intent.holding_ms
        tp_id, sl_id = floor.next_id(), floor.next_id()
        extension_id = 0 if percent is None and holding_ms is None else floor.next_id()
        trailing = None if percent is None else self._trailing_stop(intent, percent, entry.price, exits)
        ids = _leg_ids(intent, tp_id, sl_id, extension_id)
        if ids:
            exits.orders.append(Bracket(tp_id, self._fill_bracket, exits, ids, self._legs(intent), trailing))
        if holding_ms is not None:
            due, leg = entry.timestamp + holding_ms, LegOrder(OrderKind.TIME_STOP, extension_id)
            desk = extension_id, self._fill_market_exit, exits
            exits.orders.append(MarketExit(*desk, ExitReason.TIME_STOP, due, leg, is_shown=trailing is None))
        for order in exits.orders:
            for leg_id in order.leg_ids():
                floor.lives.move(leg_id, OrderEvent.ARM)
            floor.watch(order)
        if ids:
            floor.notes.stand(exits, active_from)

    def _legs(self, intent: OrderIntent) -> BracketLegs:
        config = self._floor.config
        return BracketLegs(intent, config.intrabar, config.fill_on == "through")

    def _trailing_stop(self, intent: OrderIntent, percent: float, best: float, exits: Exits) -> TrailingStop:
        """Return a trailing stop that follows the best price from now on, `best` at first."""
        floor = self._floor
        passed = floor.passed(floor.spans(exits.symbol, exits.watches_marks))
        return TrailingStop(exits.sign, percent, best, floor.clock.now(), passed, intent.take_profit)

    def amend(self, all_exits: Sequence[Exits], changes: Changes, asked_by: int) -> str | None:
        """Let the exits of entries have other triggers from now on, as if they had been placed now, as the order
        `asked_by` asks for it; ids stay. Return why that cannot be, or None.
        """
        amended = []
        for exits in all_exits:
            price = self._floor.trade_price(exits.symbol)
            if price is None:
                return reasons.STALE_PRICE
            bracket = next((order.bracket for order in exits.orders if order.bracket is not None), None)
            none = OrderIntent.exits_only(exits.symbol, exits.sign)
            before = none if bracket is None else bracket.legs.intent
            problem = none.amended(changes).bracket_side_problem(price)  # what stays may be where the price has gone
            if problem is not None:
                return problem
            amended.append((exits, bracket, before.amended(changes), price))
        for each in amended:
            self._put_bracket(*each, changes)
            each[0].moved_by = {**each[0].moved_by, **dict.fromkeys(changes.legs, asked_by)}
        return None

    def _put_bracket(
        self, exits: Exits, before: Bracket | None, intent: OrderIntent, price: float, changes: Changes
    ) -> None:
        floor = self._floor
        if not exits.orders:
            exits.watches_marks = self._watches_marks(intent)
        there = {} if before is None else before.ids
        ids = {why: there.get(why) or floor.next_id() for why in _leg_ids(intent, 0, 0, 0)}
        for why, leg_id in ids.items():
            if why not in there:
                floor.lives.move(leg_id, OrderEvent.ARM)
        order_id = floor.next_id() if before is None else before.order_id
        trailing = self._amended_trailing(before, intent, price, changes, exits)
        bracket = Bracket(order_id, self._fill_bracket, exits, ids, self._legs(intent), trailing)
        bracket.given_at = dict.fromkeys(changes.legs, floor.clock.now())
        if before is not None:
            bracket.given_at = {**before.given_at, **bracket.given_at}
            bracket.legs.stop_rests = before.legs.stop_rests and changes.stop_loss is None
            floor.pending.remove(before)
            exits.orders.remove(before)
        exits.orders.insert(0, bracket)
        floor.notes.stand(exits, floor.clock.now())
        self._watch_on(bracket)

    def _amended_trailing(
        self, before: Bracket | None, intent: OrderIntent, price: float, changes: Changes, exits: Exits
    ) -> TrailingStop | None:
        if changes.trailing_percent is not None:
            return self._trailing_stop(intent, changes.trailing_percent, price, exits)
        trailing = None if before is None else before.trailing
        return None if trailing is None else replace(trailing, most=intent.take_profit)

    def _watch_on(self, bracket: Bracket) -> None:
        """Watch a bracket that has changed; in a span that goes on now only the legs that were there when it began."""
        floor = self._floor
        spans = floor.spans(bracket.symbol, bracket.watches_marks)
        going_on = floor.going_on(spans)
        kept = bracket.there_at(spans.start_ms.item(going_on.start)) if going_on else None
        touch = None
        if kept is not None:
            touch = kept.next_touch(Ahead(spans, going_on.start, going_on.stop, floor.clock.now()))
        if touch is None or touch.due_ms < floor.clock.now():  # what the open of a span that goes on does is done
            floor.watch(bracket)
        else:
            floor.pending.put(bracket, touch)

    def cancel_leg(self, exits: Exits, order: ExitOrder, leg: ExitReason | None, order_id: int) -> None:
        """Take one exit of an entry away; the others stay, but for a time stop that goes by the same id."""
        floor = self._floor
        for each in [order, *(twin for twin in exits.orders if twin.order_id == order_id and twin is not order)]:
            floor.pending.remove(each)
            exits.orders.remove(each)
        floor.lives.move(order_id, OrderEvent.CANCEL)
        left = None if leg is None or order.bracket is None else order.bracket.without(leg)
        if left is not None:
            exits.orders.insert(0, left)
            self._watch_on(left)
        if leg is not None:
            floor.notes.stand(exits, floor.clock.now())

    def _watches_marks(self, intent: OrderIntent) -> bool:
        """Tell whether the triggers of an entry watch the mark price: not those with a limit order among them, which
        trades where the last price goes.
        """
        if self._floor.trigger_price == "last":
            return False
        triggers = (intent.take_profit, intent.stop_loss, intent.trailing_percent)
        if triggers == (None,) * 3 or intent.has_limit_leg:
            return False
        watches = self._floor.watches_marks(intent.symbol)
        if not watches:
            self.unmarked.add(intent.symbol)
        return watches

    def _fill_bracket(self, bracket: Bracket, touch: Touch) -> None:
        """Close what the bracket and the position both have; a gapped limit stop rests instead. What a volume cap
        leaves of a leg that is a limit order rests, with the other legs; of one at market it alone works on.
        """
        floor, leg_id = self._floor, bracket.ids[touch.why]
        if touch.rest:
            bracket.legs.stop_rests = True
            if floor.lives.state(leg_id) is not OrderState.RESTING:  # it has rested already, and was moved since
                floor.lives.move(leg_id, OrderEvent.REST)
            floor.watch(bracket, touch.place)
            return
        if touch.ambiguous or touch.drilled:
            self.double_touches.append((touch.due_ms, bracket.symbol, touch.why, touch.drilled))
        if touch.ambiguous:
            self.ambiguous.add((bracket.symbol, touch.due_ms))
        elif touch.drilled:
            self.drilled.add((bracket.symbol, touch.due_ms))
        is_limit = bracket.legs.is_limit(touch.why)
        if not self._leaves(bracket, leg_id, touch.price, is_limit, touch.why):
            return
        if is_limit:
            floor.watch(bracket, touch.place + 1)
        else:
            self._work_on(bracket, bracket.leg(touch.why), touch.why)

    def _fill_market_exit(self, order: MarketExit, touch: Touch) -> None:
        """Close at the price of the moment. Without a usable one it waits for the close of the next kline."""
        price = self._floor.trade_price(order.symbol)
        if price is None:
            self._go_on(order)
            return
        if self._leaves(order, order.order_id, price, False, touch.why):
            self._work_on(order, order.leg, touch.why)

    def _work_on(self, order: ExitOrder, leg: LegOrder, why: ExitReason) -> None:
        """Let what a volume cap has left of an exit at market work on, alone: its twins are cancelled."""
        exits = order.exits
        self._cancel(exits, leg.order_id)
        rest = WorkingExit(leg.order_id, self._fill_market_exit, exits, why, 0, leg)
        exits.orders = [rest]
        self._go_on(rest)

    def _go_on(self, order: MarketExit) -> None:
        """Let an exit at market go on at the close of the next kline."""
        due = self._floor.history(order.symbol).base.next_close(self._floor.clock.now() + 1)
        if due is None:
            self._floor.pending.put(order)
        else:
            order.due_ms, order.at_close = due, True
            self._floor.watch(order)

    def _leaves(self, order: ExitOrder, order_id: int, price: float, is_maker: bool, why: ExitReason) -> bool:
        """Close what the exits and the position both have, as far as the kline's volume goes, at `price` or, what does
        not rest, with its slippage. Tell whether that leaves something to the order; if not, the other exits are
        cancelled. What still works on of the entry itself is cancelled in any case.
        """
        floor, exits, symbol = self._floor, order.exits, order.exits.symbol
        entry = floor.pending.get(exits.entry_id)
        if entry is not None and entry.works_on:
            floor.cancel(entry, reasons.EXIT_TRIGGERED)
        whole = min(exits.size, floor.account.state.holdings[symbol].size)
        if exits.size > whole * (1.0 + ROUNDING):
            floor.resized(order_id, "no-more-than-held", exits.size, whole)
        size = floor.fillable(symbol, whole, order_id)
        trade = Execution(order_id, symbol, -exits.sign, price, is_maker, tag=exits.tag)
        if not is_maker:
            trade.price = floor.slipped(symbol, trade.sign, size, price)
        if size < whole:
            floor.lives.move(order_id, OrderEvent.FILL_PART)
            exits.size = floor.instrument(symbol).nearest_size(whole - size)
        else:
            self._cancel(exits, order_id)
            floor.lives.move(order_id, OrderEvent.FILL)
        if settle_exit(floor, trade, size, why):
            floor.notes.closed.append(ClosedNote(order_id, exits.entry_id, exits.moved_by.get(why)))
        return size < whole and order in floor.pending

    def _cancel(self, exits: Exits, filled: int) -> None:
        """Cancel the exits of an entry, all but the one that filled."""
        of_symbol = self._exits.get(exits.symbol, {})
        if of_symbol.get(exits.entry_id) is exits:  # not those of what the order entered after these were triggered
            del of_symbol[exits.entry_id]
            if not of_symbol:
                del self._exits[exits.symbol]
            if exits.tag:
                self._tagged.get((exits.symbol, exits.tag), {}).pop(exits.entry_id, None)
        pending, lives = self._floor.pending, self._floor.lives
        if exits.orders:
            self._floor.notes.stood.append(
                ((self._floor.clock.now(), exits.entry_id, exits.symbol, exits.sign), None, None, False)
            )
        for order in exits.orders:
            pending.remove(order)
            for leg in order.leg_ids():
                if leg != filled:
                    lives.move(leg, OrderEvent.CANCEL)
        exits.orders = []  # each of them knows it: such a circle would wait for Python's search for garbage


def _leg_ids(intent: OrderIntent, tp_id: int, sl_id: int, trailing_id: int) -> dict[ExitReason, int]:
    """Return the legs of a bracket, each with its id."""
    ids = {}
    if intent.take_profit is not None:
        ids[ExitReason.TAKE_PROFIT] = tp_id
    if intent.stop_loss is not None:
        ids[ExitReason.STOP_LOSS] = sl_id
    if intent.trailing_percent is not None:
        ids[ExitReason.TRAILING_STOP] = trailing_id
    return ids
