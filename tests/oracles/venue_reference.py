"""A venue in plain loops, written from the rules alone: what `engine/` must agree with.

`Venue(rules, records).run(program)` walks from instant to instant and does what is due, in the order of the phases.
Nothing is fast, nothing is shared with the engine. Where the rules leave two answers it raises `UndecidedError`, and
the case is not one. `README.md` beside it lists every difference that was found and who was right.
"""

from collections.abc import Callable, Iterator
from typing import Any

from .venue_account import Deal, Purse, maintenance
from .venue_market import Bar, Record, UndecidedError
from .venue_orders import (
    Bracket,
    Hit,
    Pending,
    Resting,
    Rules,
    Terms,
    Waiting,
    Working,
    beyond,
    beyond_row,
    inside,
    on_grid,
    rounded,
    whole_steps,
)

Program = Callable[[int, Callable[[str], float], Callable[[str], int]], dict[str, Any] | None]


class Venue:
    """One run. Afterwards `purse` has the money, `refused` what was not done, `ambiguous` a count of klines."""

    def __init__(self, rules: Rules, records: dict[str, Record]) -> None:
        self.rules, self.records = rules, records
        self.purse = Purse(rules.balance, rules.margin == "isolated")
        self.pending: list[Pending] = []
        self.refused: list[tuple[int, str]] = []
        self.ambiguous = 0
        self.count = 0
        self.spent: dict[tuple[str, int], float] = {}
        self.changed: dict[str, int] = {}
        self.partial_ms: dict[str, int] = {}

    # ---------------------------------------------------------------- time

    def run(self, program: Program) -> "Venue":
        now: int | None = self.rules.start_ms
        fixed = sorted(set(self.fixed_instants()))
        while now is not None:
            self.at(now, program)
            fixed = [each for each in fixed if each > now]
            later = [each for each in [*fixed[:1], *self.due_instants()] if now < each <= self.rules.end_ms]
            now = min(later, default=None)
        for order in self.pending:
            if not isinstance(order, Bracket):
                self.refused.append((self.rules.end_ms, "end of run"))
        return self

    def fixed_instants(self) -> Iterator[int]:
        rules = self.rules
        yield from range(rules.start_ms, rules.end_ms + 1, rules.every_ms)
        yield rules.end_ms
        for pause in rules.pauses:
            yield from pause
        for record in self.records.values():
            for bar in [*record.bars, *record.mark_bars]:
                yield from (bar.open_ms, bar.close_ms)
            yield from (row.close_ms for row in record.rows)
            yield from (time_ms for time_ms, _ in record.marks)
            yield from (time_ms for time_ms, _ in record.settlements())

    def due_instants(self) -> Iterator[int]:
        for order in self.pending:
            if isinstance(order, Bracket) and order.due is not None:
                yield order.due
            if isinstance(order, Waiting):
                yield order.since + self.rules.price_stale_ms + 1

    def at(self, now: int, program: Program) -> None:
        """One instant: funding, liquidation, resting orders, decisions, and the opens again for what these made."""
        self.fund(now)
        resumed = any(until == now for _, until in self.rules.pauses)
        if self.paused(now):
            if any(begin == now for begin, _ in self.rules.pauses):
                self.close_klines(now, in_pause=True)
        else:
            trades = len(self.purse.deals)
            self.resume(now) if resumed else self.close_klines(now)
            entered = any(deal.purpose == "entry" for deal in self.purse.deals[trades:])
            if entered and any(self.fatal_prices(now, group) for group in self.groups()):
                raise UndecidedError("liquidated by a price of the instant of its entry")
            self.judge_prices(now)
            self.open_klines(now)
        trades = len(self.purse.deals)
        if now > self.rules.start_ms and (now - self.rules.start_ms) % self.rules.every_ms == 0:
            self.decide(now, program)
        if not self.paused(now):
            if len(self.purse.deals) > trades and any(self.fatal_prices(now, group) for group in self.groups()):
                raise UndecidedError("liquidated by the open of the instant of its entry")
            self.open_klines(now)

    def paused(self, now: int) -> bool:
        return any(begin <= now < until for begin, until in self.rules.pauses)

    def seen(self, span: Any) -> bool:
        """Klines of a pause, those under way at its beginning or end included, are not seen (an open before it is)."""
        return not any(span.open_ms < until and span.close_ms > begin for begin, until in self.rules.pauses)

    def next_age(self) -> int:
        """Older orders first: an order is as old as its decision, a bracket as its entry's fill."""
        self.count += 1
        return self.count

    # ---------------------------------------------------------------- prices

    def price(self, symbol: str, now: int) -> float | None:
        return self.records[symbol].price(now, self.rules.mark_stale_ms)

    def margin_price(self, symbol: str, now: int) -> float:
        found = self.records[symbol].margin_price(now, self.rules.mark_stale_ms)
        if found is None:
            raise UndecidedError("a position without a price")
        return found

    def trade_price(self, symbol: str, now: int) -> float | None:
        return self.records[symbol].trade_price(now, self.rules.mark_stale_ms, self.rules.price_stale_ms)

    def slipped(self, symbol: str, price: float, sign: int) -> float:
        return price * (1 + sign * self.rules.slippage / 100)

    def fee(self, symbol: str, is_maker: bool = False) -> float:
        return self.rules.maker if is_maker else self.rules.fee

    def cap(self, symbol: str) -> float | None:
        return self.rules.cap

    def equity(self, now: int) -> float:
        profits = sum(held.profit(self.margin_price(symbol, now)) for symbol, held in self.purse.held.items())
        return self.purse.cash + profits

    def available(self, now: int) -> float:
        equity = self.equity(now)
        left = equity - self.purse.used_margin()
        return left if abs(left) > 1e-12 * abs(equity) else 0.0

    # ---------------------------------------------------------------- funding

    def fund(self, now: int) -> None:
        for symbol in self.rules.symbols:
            for settled, rate in self.records[symbol].settlements():
                price = self.price(symbol, now) if settled == now else None
                if price is not None:
                    self.purse.settle(symbol, rate, price)

    # ---------------------------------------------------------------- liquidation

    def groups(self) -> list[list[str]]:
        """What stands and falls together: each position alone when isolated, else all of them."""
        held = [symbol for symbol in self.rules.symbols if symbol in self.purse.held]
        if not held:
            return []
        return [[symbol] for symbol in held] if self.purse.isolated else [held]

    def is_fatal(self, prices: dict[str, float]) -> bool:
        """Whether account value has fallen to the maintenance margin at these prices."""
        value = 0.0 if self.purse.isolated else self.purse.cash
        needed = 0.0
        for symbol, price in prices.items():
            held = self.purse.held[symbol]
            value += held.profit(price) + (held.own() if self.purse.isolated else 0.0)
            needed += maintenance(self.rules.tiers, held.size * price)
        return value <= needed

    def judged_bars(self, symbol: str) -> list[Bar]:
        """Klines by which margin is judged: of the mark where it is recorded."""
        record = self.records[symbol]
        if record.marks:
            return []
        return record.mark_bars or record.bars

    def fatal_prices(self, now: int, group: list[str]) -> dict[str, float] | None:
        """Marks and opens of this instant, if the group falls at them."""
        known = {}
        for symbol in group:
            for time_ms, price in self.records[symbol].marks:
                if time_ms == now:
                    known[symbol] = price
            for bar in self.judged_bars(symbol):
                if bar.open_ms == now:
                    known[symbol] = bar.open
        if not known:
            return None
        prices = {symbol: known.get(symbol, self.margin_price(symbol, now)) for symbol in group}
        return prices if self.is_fatal(prices) else None

    def judge_prices(self, now: int) -> None:
        for group in self.groups():
            prices = self.fatal_prices(now, group)
            if prices is not None:
                self.liquidate(now, prices)

    def fatal_path(self, now: int, group: list[str]) -> tuple[dict[str, float], dict[str, float]] | None:
        """From opens to adverse extremes of the klines that close now, if positions were the same all through them."""
        opens, worst = {}, {}
        for symbol in group:
            begin = self.changed.get(symbol, 0) if self.purse.isolated else max(self.changed.values(), default=0)
            bars = [bar for bar in self.judged_bars(symbol) if bar.close_ms == now and self.seen(bar)]
            if bars and begin > bars[0].open_ms:
                return None
            price = self.margin_price(symbol, now)
            opens[symbol] = bars[0].open if bars else price
            worst[symbol] = (bars[0].low if self.purse.held[symbol].sign > 0 else bars[0].high) if bars else price
        return opens, worst

    def fatal_levels(self, opens: dict[str, float], worst: dict[str, float]) -> dict[str, float] | None:
        """Where on the way the group falls, if it does."""
        if opens == worst or not self.is_fatal(worst):
            return None
        good, bad = 0.0, 1.0
        for _ in range(200):
            middle = (good + bad) / 2
            if self.is_fatal({symbol: opens[symbol] + (worst[symbol] - opens[symbol]) * middle for symbol in opens}):
                bad = middle
            else:
                good = middle
        return {symbol: opens[symbol] + (worst[symbol] - opens[symbol]) * bad for symbol in opens}

    def judge_inside(self, now: int, group: list[str]) -> None:
        """Liquidate inside the klines that close now; what nearer brackets or a share leave is judged further on."""
        path = self.fatal_path(now, group)
        while path is not None and all(symbol in self.purse.held for symbol in group):
            levels = self.fatal_levels(*path)
            if levels is None:
                return
            first = self.nearer(now, levels)
            if first is None:
                self.liquidate(now, levels)
                path = levels, path[1]
            else:
                self.close_for(first, now)
                if isinstance(first, Resting):
                    return

    def liquidate(self, now: int, prices: dict[str, float]) -> None:
        """At the mark that it is judged on: by a share first where the venue does so, else all of it."""
        rules, purse = self.rules, self.purse
        left = purse.cash + sum(purse.held[symbol].profit(price) for symbol, price in prices.items())
        shares = []
        for symbol, price in prices.items():
            held = purse.held[symbol]
            last = self.partial_ms.get(symbol)
            cool = last is None or now - last > rules.cooldown_ms
            part = rules.partial_above is not None and held.size * price > rules.partial_above and cool
            size = held.size * rules.partial_share if part else held.size
            fee = size * price * (self.fee(symbol) + rules.liquidation_fee) / 100
            if not purse.isolated:
                fee = min(fee, max(left, 0.0))
                left -= fee
            shares.append((symbol, size, price, fee, part))
        for symbol, size, price, fee, part in shares:
            side = "sell" if purse.held[symbol].sign > 0 else "buy"
            self.leave(Deal(now, symbol, side, size, price, fee, "liquidation"))
            if part:
                self.partial_ms[symbol] = now
        if not purse.isolated:
            remaining = sum(held.profit(prices.get(symbol, 0.0)) for symbol, held in purse.held.items())
            purse.lowest = min(purse.lowest, purse.cash + remaining)
        still = {symbol: price for symbol, price in prices.items() if symbol in purse.held}
        if still and self.is_fatal(still):
            raise UndecidedError("a share was not enough")

    # ---------------------------------------------------------------- what klines do

    def in_order(self) -> list[Pending]:
        """Symbols in the order of the configuration, older orders first."""
        place = self.rules.symbols.index
        return sorted(self.pending, key=lambda each: (place(each.terms.symbol), each.age))

    def close_klines(self, now: int, in_pause: bool = False) -> None:
        """What is known at closes: liquidations and touches, nearer to the open first; time stops; then rests."""
        for group in self.groups():
            self.judge_inside(now, group)
        for order in self.in_order():
            if order in self.pending:
                self.close_for(order, now)
        if in_pause:
            if any(isinstance(order, Working) for order in self.pending):
                raise UndecidedError("a rest at the beginning of a pause")
            return
        for order in self.in_order():
            if order in self.pending and isinstance(order, Working):
                self.work_on(order, now)

    def nearer(self, now: int, levels: dict[str, float]) -> Pending | None:
        """The bracket or limit order of the kline that lies nearest to its open, and nearer than the liquidation."""
        found: list[tuple[float, int, Pending]] = []
        for symbol, level in levels.items():
            bar = self.records[symbol].bar_closing(now)
            for order in self.in_order():
                if bar is None or order.terms.symbol != symbol:
                    continue
                price = self.touched_price(order, bar, now)
                if price is None:
                    continue
                if len(levels) > 1 or self.records[symbol].mark_bars or self.rules.watch != "1m":
                    raise UndecidedError("a touch and a liquidation in one kline of different prices")
                if abs(price - bar.open) < abs(level - bar.open):
                    found.append((abs(price - bar.open), order.age, order))
        return min(found, key=lambda each: each[:2])[2] if found else None

    def touched_price(self, order: Pending, bar: Bar, now: int) -> float | None:
        if isinstance(order, Bracket):
            hit = self.hit_inside(order, now)
            return None if hit is None else hit.price
        if isinstance(order, Resting) and self.limit_reached(order, bar):
            return order.terms.limit
        return None

    def close_for(self, order: Pending, now: int) -> None:
        symbol = order.terms.symbol
        bar = self.records[symbol].bar_closing(now)
        if isinstance(order, Bracket):
            self.watch(order, now)
            if order in self.pending and not self.paused(now):
                self.end_of_time(order, now)
        elif isinstance(order, Resting) and bar is not None and self.limit_reached(order, bar):
            self.fill_limit(order, now)
        elif isinstance(order, Waiting) and bar is not None and self.waited_for(order, bar):
            self.fill_waiting(order, now, self.records[symbol].vwap(bar))

    def waited_for(self, order: Waiting, bar: Bar) -> bool:
        return self.rules.execution == "vwap" and bar.open_ms >= order.since and self.seen(bar)

    def watch(self, order: Bracket, now: int) -> None:
        """A bracket and what it watches: does the span that ends now reach it, or does it only trail?"""
        hit = self.hit_inside(order, now)
        if hit is None:
            for span in self.watched(order.terms.symbol):
                if span.close_ms == now and span.open_ms >= order.since and self.seen(span):
                    order.best = order.best_with(span)
            return
        self.ambiguous += hit.ambiguous
        self.trigger(order, now, hit)

    def watched(self, symbol: str) -> list[Any]:
        record = self.records[symbol]
        if self.rules.trigger == "mark" and record.mark_bars:
            return record.mark_bars
        if self.rules.watch != "15s" or not record.rows:
            return record.bars
        times = [row.close_ms for row in record.rows]
        return [*record.rows, *(bar for bar in record.bars if not any(bar.open_ms < t <= bar.close_ms for t in times))]

    def hit_inside(self, order: Bracket, now: int) -> Hit | None:
        symbol = order.terms.symbol
        for span in self.watched(symbol):
            if span.close_ms != now or span.open_ms < order.since or not self.seen(span):
                continue
            if not isinstance(span, Bar):
                return beyond_row(order, span) or inside(order, span, self.rules.intrabar)
            hit = inside(order, span, self.rules.intrabar)
            if hit is None or self.rules.trigger == "last":
                return hit
            traded = self.records[symbol].bar_closing(now)
            if traded is None:
                raise UndecidedError("a mark trigger in a minute without trades")
            return hit._replace(price=min(max(hit.price, traded.low), traded.high))
        return None

    def limit_reached(self, order: Resting, bar: Bar) -> bool:
        limit = order.terms.limit
        if limit is None or bar.open_ms < order.since or not self.seen(bar):
            return False
        return self.limit_passed(order, bar.low if order.terms.sign > 0 else bar.high)

    def limit_passed(self, order: Resting, price: float) -> bool:
        """Traded through, or touched."""
        limit = order.terms.limit or 0.0
        through = price < limit if order.terms.sign > 0 else price > limit
        return through or (self.rules.fill_on == "touch" and price == limit)

    def open_klines(self, now: int) -> None:
        """What happens at opens; what an order enters there has its own bracket, and the phase is not over."""
        asked: list[Pending] = []
        while True:
            new = [order for order in self.in_order() if not any(order is each for each in asked)]
            if not new:
                return
            asked.append(new[0])
            if isinstance(new[0], Bracket):
                self.gap(new[0], now)
            elif isinstance(new[0], Waiting):
                self.wait(new[0], now)

    def gap(self, order: Bracket, now: int) -> None:
        """A kline that opens beyond a trigger fills it at its (traded) open."""
        symbol = order.terms.symbol
        for span in self.watched(symbol):
            if not isinstance(span, Bar) or span.open_ms != now or now < order.since:
                continue
            hit = beyond(order, span.open)
            if hit is not None:
                traded = self.records[symbol].bar_opening(now)
                if traded is None:
                    raise UndecidedError("a mark kline opens beyond in a minute without trades")
                self.trigger(order, now, hit._replace(price=traded.open))

    def wait(self, order: Waiting, now: int) -> None:
        bar = self.records[order.terms.symbol].bar_opening(now)
        if bar is not None and now >= order.since:
            if now - order.since <= self.rules.price_stale_ms and self.rules.execution == "open":
                self.fill_waiting(order, now, bar.open)
        elif now - order.since > self.rules.price_stale_ms and not self.started(order, now):
            if self.rules.pauses:
                raise UndecidedError("a pause longer than a price may be old")
            self.drop(order, now, "no price")

    def started(self, order: Waiting, now: int) -> bool:
        """Whether the kline that a "vwap" order fills in is under way."""
        limit = order.since + self.rules.price_stale_ms
        bars = self.records[order.terms.symbol].bars
        return any(order.since <= bar.open_ms <= min(limit, now) for bar in bars)

    def resume(self, now: int) -> None:
        """The price of the instant of a resumption is judged first."""
        for group in self.groups():
            prices = {symbol: self.margin_price(symbol, now) for symbol in group}
            if self.is_fatal(prices):
                self.liquidate(now, prices)
        for _ in range(2):  # the second time for what the first one entered
            for order in self.in_order():
                if order in self.pending:
                    self.judge_resumption(order, now)

    def judge_resumption(self, order: Pending, now: int) -> None:
        price = self.trade_price(order.terms.symbol, now)
        if price is None:
            raise UndecidedError("resumed at a stale price")
        if isinstance(order, Resting) and self.limit_passed(order, price):
            self.fill_limit(order, now)
        elif isinstance(order, Bracket):
            hit = beyond(order, price)
            if hit is None and order.due is not None and order.due <= now:
                hit = Hit(price, "time")
            if hit is not None:
                self.trigger(order, now, hit)
            else:
                order.best = order.best_with(Bar(now, price, price, price, price))

    def end_of_time(self, order: Bracket, now: int) -> None:
        """A time stop closes at the price of its instant; a stale one at the first kline close at or after it."""
        if order.due is None or now < order.due:
            return
        if now == order.due:
            price = self.trade_price(order.terms.symbol, now)
        else:
            bar = self.records[order.terms.symbol].bar_closing(now)
            price = None if bar is None else bar.close
        if price is not None:
            self.trigger(order, now, Hit(price, "time"))

    # ---------------------------------------------------------------- fills

    def left(self, symbol: str, now: int) -> float:
        """What the volume cap still allows of the last finished kline."""
        cap = self.cap(symbol)
        if cap is None:
            return float("inf")
        bar = self.records[symbol].last_bar(now)
        if bar is None:
            raise UndecidedError("a volume cap before the first kline")
        most = bar.volume * cap / 100
        left = most - self.spent.get((symbol, bar.open_ms), 0.0)
        return left if left > 1e-12 * most else 0.0

    def capped(self, symbol: str, now: int, size: float) -> float:
        """Take what there is of a size, and spend it."""
        if self.cap(symbol) is None:
            return size
        taken = min(size, self.left(symbol, now))
        bar = self.records[symbol].last_bar(now)
        if bar is not None:
            self.spent[symbol, bar.open_ms] = self.spent.get((symbol, bar.open_ms), 0.0) + taken
        return taken

    def enter(self, now: int, terms: Terms, size: float, price: float, fee: float) -> None:
        if size <= 0:
            return
        side = "buy" if terms.sign > 0 else "sell"
        self.purse.enter(Deal(now, terms.symbol, side, size, price, size * price * fee / 100, "entry"), terms.leverage)
        held = self.purse.held[terms.symbol]
        held.size = on_grid(held.size, self.rules.size_step)
        self.changed[terms.symbol] = now
        self.attach(now, terms, size, price)

    def attach(self, now: int, terms: Terms, size: float, price: float) -> None:
        for order in self.pending:
            if isinstance(order, Bracket) and order.terms is terms:
                order.size = on_grid(order.size + size, self.rules.size_step)
                return
        if terms.tp is not None or terms.sl is not None or terms.trail is not None or terms.hold_ms is not None:
            due = None if terms.hold_ms is None else now + terms.hold_ms
            self.pending.append(Bracket(terms, size, now, price, due, self.next_age()))

    def leave(self, deal: Deal) -> None:
        if deal.size <= 0:
            return
        self.changed[deal.symbol] = deal.time_ms
        if self.purse.leave(deal):
            self.pending = [
                order
                for order in self.pending
                if order.terms.symbol != deal.symbol or not (isinstance(order, Bracket) or is_reducing(order))
            ]
        else:
            held = self.purse.held[deal.symbol]
            held.size = on_grid(held.size, self.rules.size_step)

    def trigger(self, order: Bracket, now: int, hit: Hit) -> None:
        """One cancels the other, and what still works of the entry; what the cap leaves of it works on."""
        terms = order.terms
        for each in list(self.pending):
            if isinstance(each, Working) and each.terms is terms and each.purpose == "entry":
                self.drop(each, now, "exit triggered")
        self.pending.remove(order)
        size = min(order.size, self.purse.held[terms.symbol].size)
        self.reduce(now, terms, -terms.sign, size, Hit(hit.price, hit.purpose), order.age)

    def reduce(self, now: int, terms: Terms, sign: int, size: float, hit: Hit, age: int) -> None:
        """Close a size as a taker, at a price that slips; the rest works on, as old as what it is a rest of."""
        purpose = hit.purpose
        taken = self.capped(terms.symbol, now, size)
        price = self.slipped(terms.symbol, hit.price, sign)
        side = "buy" if sign > 0 else "sell"
        self.leave(Deal(now, terms.symbol, side, taken, price, taken * price * self.fee(terms.symbol) / 100, purpose))
        if size - taken > 1e-12 * size and terms.symbol in self.purse.held:
            self.pending.append(Working(terms, size - taken, purpose, age))

    def work_on(self, order: Working, now: int) -> None:
        """A rest takes at each following close, slipped, within its limit and what is available."""
        terms = order.terms
        bar = self.records[terms.symbol].bar_closing(now)
        if bar is None:
            return
        sign = terms.sign if order.purpose in ("entry", "decision") else -terms.sign
        self.pending.remove(order)
        if order.purpose != "entry":
            size = min(order.left, self.purse.held[terms.symbol].size)
            self.reduce(now, terms, sign, size, Hit(bar.close, order.purpose), order.age)
            return
        price = self.slipped(terms.symbol, bar.close, sign)
        size = 0.0
        if terms.limit is None or not is_worse(sign, price, terms.limit):
            size = self.capped(terms.symbol, now, min(order.left, self.most(terms, now, price)))
        self.enter(now, terms, size, price, self.fee(terms.symbol))
        if order.left - size > 1e-12 * order.left:
            self.pending.append(Working(terms, order.left - size, "entry", order.age))

    def most(self, terms: Terms, now: int, price: float) -> float:
        """The largest size whose margin and fee fit into what is available."""
        available = max(self.available(now), 0.0)
        return available / (1 / terms.leverage + self.fee(terms.symbol) / 100) / price

    def sized(self, terms: Terms, now: int, price: float) -> float:
        available = max(self.available(now), 0.0)
        notional = available * terms.portion * terms.leverage
        notional = min(notional, available / (1 / terms.leverage + self.fee(terms.symbol) / 100))
        return whole_steps(notional / price, self.rules.size_step)

    def fill_limit(self, order: Resting, now: int) -> None:
        """At the limit, capped again by what is available; what the volume cap leaves rests on."""
        terms = order.terms
        price = terms.limit or 0.0
        allowed = whole_steps(min(order.left, self.most(terms, now, price)), self.rules.size_step)
        if allowed <= 0:
            self.drop(order, now, "no available balance")
            return
        size = self.capped(terms.symbol, now, allowed)
        self.enter(now, terms, size, price, self.fee(terms.symbol, is_maker=True))
        order.left = allowed - size
        if order.left <= 1e-12 * allowed:
            self.pending.remove(order)

    def fill_waiting(self, order: Waiting, now: int, price: float) -> None:
        self.pending.remove(order)
        self.take(order.terms, now, price)

    # ---------------------------------------------------------------- decisions

    def decide(self, now: int, program: Program) -> None:
        def price_of(symbol: str) -> float:
            return self.price(symbol, now) or 0.0

        def side_of(symbol: str) -> int:
            return self.purse.held[symbol].sign if symbol in self.purse.held else 0

        index = (now - self.rules.start_ms) // self.rules.every_ms
        decision = program(index, price_of, side_of)
        if decision is not None:
            self.submit(now, decision)

    def submit(self, now: int, decision: dict[str, Any]) -> None:
        terms = self.terms(decision)
        if self.paused(now):
            self.refused.append((now, "paused"))
        elif not terms.is_close and not (0 < terms.portion <= 1 and 1 <= terms.leverage <= 50):
            self.refused.append((now, "bad values"))
        elif self.rules.execution != "close":
            self.pending.append(Waiting(terms, now, terms.order_id))
        else:
            price = self.trade_price(terms.symbol, now)
            if price is None:
                self.refused.append((now, "stale price"))
            else:
                self.take(terms, now, price)

    def terms(self, decision: dict[str, Any]) -> Terms:
        symbol, operation = decision["symbol"], decision["operation"]
        held = self.purse.held.get(symbol)
        sign = {"buy": 1, "sell": -1, "close": -held.sign if held is not None else 0}[operation]
        hold = decision.get("max_holding_seconds")
        return Terms(
            self.next_age(),
            symbol,
            sign,
            operation == "close",
            decision.get("target_portion_of_balance", 0.0),
            decision.get("leverage", 10),
            rounded(decision.get("max_price" if sign > 0 else "min_price"), self.rules.price_step, sign),
            decision.get("time_in_force", "Ioc"),
            rounded(decision.get("take_profit_price"), self.rules.price_step),
            rounded(decision.get("stop_loss_price"), self.rules.price_step),
            decision.get("trailing_stop_percent"),
            None if hold is None else round(hold * 1000),
        )

    def take(self, terms: Terms, now: int, price: float) -> None:
        """An order meets the price of the moment. Checked first, done then: a rejection changes nothing."""
        if terms.is_close:
            self.close(terms, now, price)
            return
        fill = self.slipped(terms.symbol, price, terms.sign)
        takes = terms.limit is None or not is_worse(terms.sign, fill, terms.limit)
        rests = terms.limit is not None and not takes
        level = terms.limit if rests and terms.limit is not None else fill
        held = self.purse.held.get(terms.symbol)
        reverses = held is not None and held.sign != terms.sign
        if reverses and (rests or self.cap(terms.symbol) is not None):
            raise UndecidedError("a reversal at a limit or under a volume cap")
        reason = self.refusal(terms, now, level, takes, reverses)
        if reason is not None:
            self.refused.append((now, reason))
            return
        self.cancel_opposite(terms, now)
        if reverses and held is not None:
            self.reduce(now, terms, terms.sign, held.size, Hit(price, "decision"), terms.order_id)
        size = self.sized(terms, now, level)
        reason = self.too_small(size, level)
        if reason is not None:
            self.refused.append((now, reason))
            return
        if rests:
            self.pending.append(Resting(terms, size, now, terms.order_id))
            return
        taken = self.capped(terms.symbol, now, size)
        self.enter(now, terms, taken, fill, self.fee(terms.symbol))
        if size - taken > 1e-12 * size and (terms.limit is None or terms.tif != "Ioc"):
            self.pending.append(Working(terms, size - taken, "entry", terms.order_id))

    def refusal(self, terms: Terms, now: int, level: float, takes: bool, reverses: bool) -> str | None:
        if terms.limit is not None and not takes and terms.tif == "Ioc":
            return "limit not met"
        if terms.limit is not None and takes and terms.tif == "Alo":
            return "would take"
        if terms.tp is not None and terms.sign * (terms.tp - level) <= 0:
            return "take-profit on the wrong side"
        if terms.sl is not None and terms.sign * (terms.sl - level) >= 0:
            return "stop-loss on the wrong side"
        if reverses:
            return None
        if self.available(now) <= 0:
            return "no available balance"
        return self.too_small(self.sized(terms, now, level), level)

    def too_small(self, size: float, price: float) -> str | None:
        if size <= 0:
            return "size below the step"
        return "below the least notional" if size * price < self.rules.min_notional else None

    def close(self, terms: Terms, now: int, price: float) -> None:
        held = self.purse.held.get(terms.symbol)
        if held is None:
            self.refused.append((now, "nothing to close"))
            return
        terms.sign = -held.sign
        whole = terms.portion <= 0 or terms.portion >= 1
        size = held.size if whole else whole_steps(held.size * terms.portion, self.rules.size_step)
        if size <= 0:
            self.refused.append((now, "size below the step"))
            return
        if not whole and size * price < self.rules.min_notional:
            raise UndecidedError("a part below the least notional")
        self.cancel_opposite(terms, now)
        self.reduce(now, terms, terms.sign, size, Hit(price, "decision"), terms.order_id)

    def cancel_opposite(self, terms: Terms, now: int) -> None:
        for order in list(self.pending):
            if isinstance(order, Bracket | Waiting) or order.terms.symbol != terms.symbol:
                continue
            closes = isinstance(order, Working) and order.purpose not in ("entry", "decision")
            if (-order.terms.sign if closes else order.terms.sign) == -terms.sign:
                self.drop(order, now, "opposite decision")

    def drop(self, order: Pending, now: int, reason: str) -> None:
        self.pending.remove(order)
        self.refused.append((now, reason))


def is_reducing(order: Pending) -> bool:
    return isinstance(order, Working) and order.purpose != "entry"


def is_worse(sign: int, price: float, limit: float) -> bool:
    return price > limit if sign > 0 else price < limit
