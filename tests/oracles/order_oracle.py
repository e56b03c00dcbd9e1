"""A judge of what a program can order: lists of decisions, exact sizes, triggers, groups, expiry, cancel and amend.

Written from the rules alone, kline by kline, for one symbol, market exits, fills at the price of the moment, without
steps, volume cap, latency, funding and liquidation. What an instant does, in order: what the kline that closes decides,
oldest first; what expires; what the kline that opens decides; the decisions, one after another; the open again for what
they placed.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

MINUTE = 60_000

Kline = tuple[float, float, float, float]


@dataclass
class Market:
    """The klines of the one symbol (open, high, low, close) by their opening time; minutes may be missing."""

    klines: dict[int, Kline]
    start: int
    end: int
    every_ms: int
    balance: float = 10_000.0
    slippage: float = 0.05
    taker: float = 0.035
    maker: float = 0.01
    fill_on: str = "through"


@dataclass
class Order:
    """Something that works, or is about to; `coins` is what is left of an order that rests."""

    order_id: int
    buys: bool
    fields: dict[str, Any]
    placed_ms: int
    expires_ms: float
    waits: bool = False
    rises: bool = False
    coins: float = 0.0
    age: int = 0

    @property
    def limit(self) -> float | None:
        found: float | None = self.fields["max_price" if self.buys else "min_price"]
        return found

    @property
    def in_force(self) -> str:
        return "alo" if self.fields["post_only"] else str(self.fields["time_in_force"]).lower()

    @property
    def closes(self) -> bool:
        return bool(self.fields["operation"] == "close" or self.fields["reduce_only"])

    @property
    def is_exact(self) -> bool:
        return self.fields["size"] is not None or self.fields["notional"] is not None

    @property
    def stands_alone(self) -> bool:
        """Whether a decision the other way leaves it alone, and it leaves what rests the other way alone."""
        named = self.fields["tag"] or self.fields["group"]
        return bool(named or self.is_exact or self.fields["trigger_price"] is not None)


@dataclass
class Exit:
    """The bracket of what one entry opened; each leg is looked at in klines that open since it was given."""

    age: int
    tag: str
    coins: float
    take_profit: float | None
    stop_loss: float | None
    target_since: int
    stop_since: int

    def legs(self, opened_ms: int) -> tuple[float | None, float | None]:
        """Take-profit and stop-loss as a kline meets them that opens then."""
        target = self.take_profit if self.target_since <= opened_ms else None
        return target, self.stop_loss if self.stop_since <= opened_ms else None

    def ids(self) -> list[int]:
        """The ids of the legs that there are: take-profit, stop-loss."""
        legs = ((-2 * self.age, self.take_profit), (-2 * self.age - 1, self.stop_loss))
        return [leg for leg, price in legs if price is not None]


@dataclass
class Outcome:
    """What a comparison looks at: fills are (time, side, size, price, fee)."""

    fills: list[tuple[int, str, float, float, float]] = field(default_factory=list)
    rejections: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    cash: float = 0.0


DEFAULTS: dict[str, Any] = {
    "target_portion_of_balance": 0.0,
    "leverage": 10,
    **dict.fromkeys(
        ("max_price", "min_price", "take_profit_price", "stop_loss_price", "size", "notional", "risk_percent")
    ),
    **dict.fromkeys(("trigger_price", "expires_after_seconds", "order_id")),
    "time_in_force": "Ioc",
    "tag": "",
    "group": "",
    "reduce_only": False,
    "post_only": False,
    "cancel_orders": False,
}


@dataclass
class View:
    """What a program may look at."""

    now: int
    price: float
    held: float
    ids: dict[str, int]
    legs: dict[str, list[int]]


Decide = Callable[[View], list[dict[str, Any]]]


class _Run:
    def __init__(self, market: Market, decide: Decide) -> None:
        self.market, self.decide = market, decide
        self.now = market.start
        self.price = 0.0
        self.cash = market.balance
        self.held = self.entry = self.margin = 0.0
        self.orders: list[Order] = []
        self.exits: list[Exit] = []
        self.last_id = 0
        self.outcome = Outcome()

    def run(self) -> Outcome:
        market = self.market
        before = [at for at in market.klines if at + MINUTE <= market.start]
        self.price = market.klines[max(before)][3]
        now: float = market.start
        while now <= market.end:
            self.now = int(now)
            self._instant()
            every = market.every_ms
            ticks = market.start + ((self.now - market.start) // every + 1) * every
            now = min([ticks, (self.now // MINUTE + 1) * MINUTE, *self._expiries()])
        for _ in self.orders:
            self._reject("end of run")
        self.outcome.cash = self.cash
        return self.outcome

    def _expiries(self) -> list[float]:
        return [each.expires_ms for each in self.orders if each.expires_ms > self.now]

    def _instant(self) -> None:
        closing = self.market.klines.get(self.now - MINUTE)
        if closing is not None:
            self.price = closing[3]
            self._each_once(lambda item: self._at_close(item, closing))
        for order in [each for each in self.orders if each.expires_ms <= self.now]:
            self._drop(order, "expired")
        self._open()
        if self.now > self.market.start and (self.now - self.market.start) % self.market.every_ms == 0:
            ids = {each.fields["tag"]: each.order_id for each in self.orders if each.fields["tag"] and not each.closes}
            legs = {each.tag: each.ids() for each in self.exits if each.tag and each.ids()}
            for answer in self.decide(View(self.now, self.price, self.held, ids, legs)):
                self._decision({**DEFAULTS, **answer})
            self._open()

    def _open(self) -> None:
        opening = self.market.klines.get(self.now)
        if opening is not None:
            self._each_once(lambda item: self._at_open(item, opening[0]))

    def _each_once(self, look: Callable[[Order | Exit], None]) -> None:
        """Oldest first; what a fill places comes later."""
        last = 0
        while items := [each for each in [*self.orders, *self.exits] if each.age > last]:
            item = min(items, key=lambda each: each.age)
            last = item.age
            look(item)

    # --- klines ----------------------------------------------------------------------------------------------------

    def _at_close(self, item: Order | Exit, kline: Kline) -> None:
        _, high, low, _ = kline
        opened_ms = self.now - MINUTE
        if isinstance(item, Exit):
            target, stop = item.legs(opened_ms)
            up, down = (target, stop) if self.held > 0 else (stop, target)
            hit_up, hit_down = up is not None and high >= up, down is not None and low <= down
            if hit_up or hit_down:
                stopped = hit_down if self.held > 0 else hit_up
                level = stop if stopped else target
                assert level is not None
                self._leave_by(item, level)
        elif item.placed_ms > opened_ms:
            return
        elif item.waits:
            trigger = item.fields["trigger_price"]
            if high >= trigger if item.rises else low <= trigger:
                self._trigger(item, trigger)
        elif self._reached(item, high, low):
            self._fill_at_limit(item)

    def _reached(self, order: Order, high: float, low: float) -> bool:
        limit = order.limit
        assert limit is not None
        if self.market.fill_on == "touch":
            return low <= limit if order.buys else high >= limit
        return low < limit if order.buys else high > limit

    def _at_open(self, item: Order | Exit, price: float) -> None:
        if isinstance(item, Exit):
            target, stop = item.take_profit, item.stop_loss
            up, down = (target, stop) if self.held > 0 else (stop, target)
            if (up is not None and price >= up) or (down is not None and price <= down):
                self._leave_by(item, price)
        elif item.waits:
            trigger = item.fields["trigger_price"]
            if price >= trigger if item.rises else price <= trigger:
                self._trigger(item, price)

    def _trigger(self, order: Order, price: float) -> None:
        self.outcome.done["triggered"] += 1
        self.orders.remove(order)
        order.waits = False
        self._cancel_group(order)
        self._execute(order, price)

    def _leave_by(self, item: Exit, price: float) -> None:
        self.outcome.done["exits"] += 1
        self.exits.remove(item)
        buys = self.held < 0
        self._reduce(min(item.coins, abs(self.held)), self._slipped(price, buys), self.market.taker)

    # --- the account -----------------------------------------------------------------------------------------------

    def _slipped(self, price: float, buys: bool) -> float:
        return price * (1 + (1 if buys else -1) * self.market.slippage / 100)

    def _equity(self) -> float:
        return self.cash + self.held * (self.price - self.entry)

    def _reduce(self, coins: float, price: float, rate: float) -> None:
        """Close so many coins of what is held."""
        side, share = ("sell" if self.held > 0 else "buy"), coins / abs(self.held)
        if share >= 1 - 1e-12:
            coins, share = abs(self.held), 1.0
        fee = coins * price * rate / 100
        sign = 1 if self.held > 0 else -1
        self.cash += sign * coins * (price - self.entry) - fee
        self.held -= sign * coins
        self.margin -= self.margin * share
        self.outcome.fills.append((self.now, side, coins, price, fee))
        if share == 1.0:
            self.held = self.margin = 0.0
            self.exits.clear()
            for order in [each for each in self.orders if each.closes and each.buys == (side == "buy")]:
                self._drop(order, "position gone")

    def _open_coins(self, order: Order, coins: float, price: float, rate: float) -> None:
        """Open so many coins, or add them; the bracket is theirs."""
        fee = coins * price * rate / 100
        self.cash -= fee
        self.entry = (abs(self.held) * self.entry + coins * price) / (abs(self.held) + coins)
        self.held += coins if order.buys else -coins
        self.margin += coins * price / order.fields["leverage"]
        self.outcome.fills.append((self.now, "buy" if order.buys else "sell", coins, price, fee))
        target, stop = order.fields["take_profit_price"], order.fields["stop_loss_price"]
        if target is not None or stop is not None or order.fields["tag"]:
            self.last_id += 1
            self.exits.append(Exit(self.last_id, order.fields["tag"], coins, target, stop, self.now, self.now))

    def _against(self, order: Order) -> float:
        """What is held the other way, in coins."""
        return max(-self.held if order.buys else self.held, 0.0)

    def _available_after(self, closed: float, price: float, rate: float) -> float:
        """What would be available after closing so many coins at that price."""
        if not closed:
            return self._equity() - self.margin
        share = closed / abs(self.held)
        sign = 1 if self.held > 0 else -1
        change = sign * closed * (price - self.price) - closed * price * rate / 100
        return self._equity() + change - self.margin * (1 - share)

    # --- decisions -------------------------------------------------------------------------------------------------

    def _decision(self, fields: dict[str, Any]) -> None:
        operation = fields["operation"]
        if operation == "cancel":
            self._cancel(fields)
        elif operation == "amend":
            self._amend(fields)
        elif reason := fault_of(fields):
            self._reject(reason)
        else:
            self._order(fields)

    def _order(self, fields: dict[str, Any]) -> None:
        if fields["operation"] == "close" and not self.held:
            if fields["cancel_orders"] and self.orders:
                self._cancel_all()
            else:
                self._reject("nothing to close")
            return
        self.last_id += 1
        buys = self.held < 0 if fields["operation"] == "close" else fields["operation"] == "buy"
        expiry, trigger = fields["expires_after_seconds"], fields["trigger_price"]
        expires = math.inf if expiry is None else self.now + expiry * 1000
        order = Order(self.last_id, buys, fields, self.now, expires, age=self.last_id)
        if trigger is not None:
            order.waits, order.rises = True, trigger > self.price
            self.orders.append(order)
        if (order.waits or self._execute(order, self.price)) and fields["cancel_orders"]:
            self._cancel_all(but=order)

    def _execute(self, order: Order, raw: float) -> bool:
        """Take, rest, or refuse an order that trades now; whether it was not refused."""
        price, limit = self._slipped(raw, order.buys), order.limit
        if order.closes and not self._against(order):
            return self._reject("nothing to close")
        if limit is not None:
            if price > limit if order.buys else price < limit:
                if order.in_force == "ioc":
                    return self._reject("limit not met")
                return self._rest(order)
            if order.in_force == "alo":
                return self._reject("would take")
        return self._take(order, price)

    def _rest(self, order: Order) -> bool:
        limit = order.limit
        assert limit is not None
        reason = wrong_side(order, limit)
        coins = 0.0
        if reason is None:
            coins, reason = self._coins(order, limit, self.market.maker, rests=True)
        if reason is not None:
            return self._reject(reason)
        self._cancel_opposite(order)
        order.coins, order.placed_ms = coins, self.now
        self.orders.append(order)
        self.outcome.done["rested"] += 1
        return True

    def _take(self, order: Order, price: float) -> bool:
        rate, against = self.market.taker, self._against(order)
        reverses = against > 0 and not order.closes and not order.is_exact
        only_reduces = order.is_exact and wanted_coins(order.fields, price) <= against * (1 + 1e-12)
        coins, reason = 0.0, None if only_reduces else wrong_side(order, price)
        if reason is None and not reverses:
            coins, reason = self._coins(order, price, rate)
        if reason is not None:
            return self._reject(reason)
        self._cancel_opposite(order)
        if reverses:
            self._reduce(against, price, rate)
            coins, reason = self._coins(order, price, rate)
            if reason is not None:
                return self._reject(reason)
        self._trade(order, coins, price, rate)
        self._cancel_group(order)
        return True

    def _trade(self, order: Order, coins: float, price: float, rate: float) -> None:
        """Reduce what is held the other way, and open what it is more."""
        against = min(self._against(order), coins)
        if against:
            self.outcome.done["reduced"] += 1
            self._reduce(against, price, rate)
        if coins - against > 1e-12 * coins and not order.closes:
            self.outcome.done["opened"] += 1
            self._open_coins(order, coins - against, price, rate)

    def _fill_at_limit(self, order: Order) -> None:
        limit = order.limit
        assert limit is not None
        self.outcome.done["resting fills"] += 1
        self._fill_resting(order, limit, self.market.maker)

    def _fill_resting(self, order: Order, price: float, rate: float) -> None:
        """Fill what rested; what it opens is cut down to what the balance allows."""
        self.orders.remove(order)
        against = self._against(order)
        if order.closes or (order.is_exact and order.coins <= against * (1 + 1e-12)):
            self._trade(order, min(order.coins, against), price, rate)
            self._cancel_group(order)
            return
        if against:
            self._reduce(against, price, rate)
        coins = order.coins - against if order.is_exact else order.coins
        available = self._equity() - self.margin
        if available <= 1e-12 * self._equity():
            self._reject("no available balance")
            return
        most = available / (1 / order.fields["leverage"] + rate / 100) / price
        self._open_coins(order, min(coins, most), price, rate)
        self._cancel_group(order)

    def _coins(self, order: Order, price: float, rate: float, rests: bool = False) -> tuple[float, str | None]:
        """How many coins an order trades, or why none."""
        if order.closes:
            return self._closing_coins(order, price)
        if order.is_exact:
            return self._exact_coins(order, price, rate)
        fields, available = order.fields, self._equity() - self.margin
        if rests and self._against(order):
            available += self.margin
        if available <= 1e-12 * self._equity():
            return 0.0, "no available balance"
        most = available / (1 / fields["leverage"] + rate / 100)
        if fields["risk_percent"] is not None:
            coins = self._equity() * fields["risk_percent"] / 100 / abs(price - fields["stop_loss_price"])
            return min(coins, most / price), None
        return min(available * fields["target_portion_of_balance"] * fields["leverage"], most) / price, None

    def _closing_coins(self, order: Order, price: float) -> tuple[float, str | None]:
        held, fields = self._against(order), order.fields
        if not held:
            return 0.0, "nothing to close"
        if order.is_exact:
            return min(wanted_coins(fields, price), held), None
        portion = fields["target_portion_of_balance"]
        return held if portion == 0 or portion >= 1 else held * portion, None

    def _exact_coins(self, order: Order, price: float, rate: float) -> tuple[float, str | None]:
        coins = wanted_coins(order.fields, price)
        reduces = min(coins, self._against(order))
        opens = (coins - reduces) * price
        needed = opens / order.fields["leverage"] + opens * rate / 100
        available = self._available_after(reduces, price, rate)
        if coins > reduces * (1 + 1e-12) and available <= 1e-12 * self._equity():
            return 0.0, "no available balance"
        if coins > reduces * (1 + 1e-12) and needed > available * (1 + 1e-12):
            return 0.0, "size above the available balance"
        return coins, None

    # --- what ends orders --------------------------------------------------------------------------------------------

    def _reject(self, reason: str) -> bool:
        self.outcome.rejections[reason] += 1
        return False

    def _drop(self, order: Order, reason: str) -> None:
        if order in self.orders:
            self.orders.remove(order)
            self._reject(reason)

    def _cancel_group(self, order: Order) -> None:
        group = order.fields["group"]
        for other in list(self.orders):
            if group and other is not order and other.fields["group"] == group:
                self._drop(other, "another of its group filled")

    def _cancel_opposite(self, order: Order) -> None:
        for other in list(self.orders):
            if other.buys != order.buys and not order.stands_alone and not other.stands_alone:
                self._drop(other, "opposite decision")

    def _cancel_all(self, but: Order | None = None) -> None:
        for order in [each for each in self.orders if each is not but]:
            self._drop(order, "cancelled by a decision")

    def _named(self, fields: dict[str, Any]) -> list[Order]:
        if fields["order_id"] is not None:
            return [each for each in self.orders if each.order_id == fields["order_id"]]
        return [each for each in self.orders if not fields["tag"] or each.fields["tag"] == fields["tag"]]

    def _cancel(self, fields: dict[str, Any]) -> None:
        found = self._named(fields)
        if not found and not self._cancel_leg(fields["order_id"]):
            self._reject("nothing to cancel")
        for order in found:
            self._drop(order, "cancelled by a decision")

    def _cancel_leg(self, leg: int | None) -> bool:
        for item in self.exits:
            if leg in item.ids():
                self.outcome.done["legs cancelled"] += 1
                if leg == -2 * item.age:
                    item.take_profit = None
                else:
                    item.stop_loss = None
                return True
        return False

    # --- amend -------------------------------------------------------------------------------------------------------

    def _amend(self, fields: dict[str, Any]) -> None:
        """Amend all that is meant, or nothing."""
        found, tag = self._named(fields), fields["tag"]
        exits = [each for each in self.exits if tag and each.tag == tag and moves_exits(fields)]
        legs = [each for each in self.exits if fields["order_id"] in each.ids()]
        if legs:
            (item,), moved = legs, fields["trigger_price"]
            name = "take_profit_price" if fields["order_id"] == -2 * item.age else "stop_loss_price"
            exits, fields = legs, fields if moved is None else {**DEFAULTS, name: moved}
            if not moves_exits(fields):
                self._reject("nothing that can be amended")
                return
        new = [self._changed(order, fields) for order in found]
        problems = [self._problem(*pair, fields) for pair in zip(found, new, strict=True)]
        problems += [self._exit_problem(fields) for _ in exits]
        if not problems:
            problems = ["nothing to amend"]
        reason = next((each for each in problems if each is not None), None)
        if reason is not None:
            self._reject(reason)
            return
        for order, becomes in zip(found, new, strict=True):
            self._become(order, becomes, fields)
        for item in exits:
            self.outcome.done["exits amended"] += 1
            if item.take_profit is None and item.stop_loss is None:  # the first bracket of its entry is as new
                self.last_id += 1
                item.age = self.last_id
            if fields["take_profit_price"] is not None:
                item.take_profit, item.target_since = fields["take_profit_price"], self.now
            if fields["stop_loss_price"] is not None:
                item.stop_loss, item.stop_since = fields["stop_loss_price"], self.now

    def _exit_problem(self, fields: dict[str, Any]) -> str | None:
        """Whether new triggers are on the wrong side of the price of now."""
        target, stop = fields["take_profit_price"], fields["stop_loss_price"]
        sign = 1 if self.held > 0 else -1
        if target is not None and sign * (target - self.price) <= 0:
            return "take profit on the wrong side"
        if stop is not None and sign * (self.price - stop) <= 0:
            return "stop loss on the wrong side"
        return None

    def _changed(self, order: Order, fields: dict[str, Any]) -> Order:
        names = ("max_price", "min_price", "trigger_price", "take_profit_price", "stop_loss_price")
        changes = {name: fields[name] for name in names if fields[name] is not None}
        if fields["size"] is not None and order.waits:
            changes |= {**dict.fromkeys(("notional", "risk_percent")), "size": fields["size"]}
        new = replace(order, fields={**order.fields, **changes})
        if fields["size"] is not None:
            new.coins = fields["size"]
        return new

    def _problem(self, order: Order, new: Order, fields: dict[str, Any]) -> str | None:
        """Why an order cannot become what it is to be."""
        other_side = fields["min_price" if order.buys else "max_price"]
        if order.waits:
            return None
        if fields["trigger_price"] is not None or (other_side is not None and order.fields["operation"] != "close"):
            return "nothing that can be amended"
        limit, price = new.limit, self._slipped(self.price, new.buys)
        assert limit is not None
        takes = price <= limit if new.buys else price >= limit
        if takes and new.in_force == "alo":
            return "would take"
        at = price if takes else limit
        reason = wrong_side(new, at)
        if reason is None and new.coins > order.coins and not new.closes:
            sized = replace(new, fields={**new.fields, "size": new.coins, "notional": None})
            _, reason = self._exact_coins(sized, at, self.market.maker)
        return reason

    def _become(self, order: Order, new: Order, fields: dict[str, Any]) -> None:
        self.outcome.done["amended"] += 1
        more = (fields["size"] or 0.0) > (order.fields["size"] or 0.0) if order.waits else new.coins > order.coins
        moves = any(fields[name] is not None for name in ("max_price", "min_price", "trigger_price"))
        order.fields, order.coins = new.fields, new.coins
        if fields["expires_after_seconds"] is not None:
            order.expires_ms = self.now + fields["expires_after_seconds"] * 1000
        if fields["trigger_price"] is not None:
            order.rises = order.fields["trigger_price"] > self.price
        if not moves and not more:
            return
        self.last_id += 1
        order.placed_ms, order.age = self.now, self.last_id
        price, limit = self._slipped(self.price, order.buys), order.limit
        if moves and not order.waits and limit is not None and (price <= limit if order.buys else price >= limit):
            self.outcome.done["amended to take"] += 1
            self._fill_resting(order, price, self.market.taker)


def moves_exits(fields: dict[str, Any]) -> bool:
    """Whether an amendment says anything of exits."""
    return fields["take_profit_price"] is not None or fields["stop_loss_price"] is not None


def wanted_coins(fields: dict[str, Any], price: float) -> float:
    """The coins of an exact order at a price."""
    return float(fields["notional"] / price if fields["size"] is None else fields["size"])


def wrong_side(order: Order, price: float) -> str | None:
    """Whether a bracket could not stand beside that price."""
    if order.closes:
        return None
    target, stop = order.fields["take_profit_price"], order.fields["stop_loss_price"]
    sign = 1 if order.buys else -1
    if target is not None and sign * (target - price) <= 0:
        return "take profit on the wrong side"
    if stop is not None and sign * (price - stop) <= 0:
        return "stop loss on the wrong side"
    return None


def fault_of(fields: dict[str, Any]) -> str | None:
    """The reason to refuse an order before any price is looked at; of several the first."""
    portion = fields["target_portion_of_balance"]
    sizes = [fields[name] for name in ("size", "notional", "risk_percent") if fields[name] is not None]
    if len(sizes) + (portion != 0) > 1:
        return "more than one size"
    if any(not (math.isfinite(each) and each > 0) for each in sizes):
        return "size, notional or risk out of range"
    if fields["operation"] != "close" and not sizes and not 0 < portion <= 1:
        return "portion out of range"
    closes = fields["operation"] == "close" or fields["reduce_only"]
    if fields["risk_percent"] is not None and (fields["stop_loss_price"] is None or closes):
        return "risk without a stop loss"
    if fields["post_only"] and fields["max_price"] is None and fields["min_price"] is None:
        return "post only without a limit"
    return None


def run_orders(market: Market, decide: Decide) -> Outcome:
    """Simulate a whole run of a program that answers with lists of decisions."""
    return _Run(market, decide).run()
