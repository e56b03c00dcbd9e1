"""A venue in plain loops that faults disturb, and the rows of a market that they change: from their README alone.

`disturbed(record, troubles)` says what is recorded of a symbol then, row by row; `Disturbed(rules, records, troubles)`
walks through that market as `Venue` does through a calm one. Nothing here draws lots: when a crash turns and which way
it goes, which the engine's seeded chance decides, is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .venue_account import Deal
from .venue_market import Bar, Record, Row, UndecidedError, settlement_of
from .venue_orders import Rules
from .venue_reference import Program, Venue


@dataclass(frozen=True)
class Trouble:
    """A span of a fault: on from `begin` on and before `end`; `size` is percent or ms, `sign` -1 down or +1 up."""

    kind: str
    begin: int
    end: int
    size: float = 0.0
    sign: int = -1
    turn: int = 0
    symbols: tuple[str, ...] = ()

    def is_on(self, now: int, symbol: str = "") -> bool:
        return self.begin <= now < self.end and self.concerns(symbol)

    def concerns(self, symbol: str) -> bool:
        return not self.symbols or not symbol or symbol in self.symbols

    def crash_factor(self, now: float) -> float:
        """How a crash has moved the price: straight to its turn, and straight back to its end."""
        if not self.begin <= now <= self.end:
            return 1.0
        way = (now - self.begin) / (self.turn - self.begin) if now <= self.turn else None
        share = (self.end - now) / (self.end - self.turn) if way is None else way
        return 1 + self.sign * self.size / 100 * share


# -------------------------------------------------------------------- what is recorded


def disturbed(record: Record, troubles: list[Trouble], mark_stale_ms: int = 60_000) -> Record:
    """The record of one symbol in a market of these troubles (those that concern it)."""
    found = record
    for trouble in troubles:
        if trouble.kind == "flash_crash":
            found = _crashed(found, trouble)
        elif trouble.kind == "wick":
            found = _spiked(found, trouble)
        elif trouble.kind == "funding_spike":
            found = replace(found, rates=[(at, _dearer(at, rate, trouble)) for at, rate in found.rates])
        elif trouble.kind == "stale_mark":
            found = _stale(found, trouble, mark_stale_ms)
    return found


def _dearer(stamp: int, rate: float, trouble: Trouble) -> float:
    return rate + trouble.sign * trouble.size / 100 if trouble.is_on(settlement_of(stamp)) else rate


def _crashed(record: Record, trouble: Trouble) -> Record:
    factor = trouble.crash_factor

    def reach(begin: int, end: int) -> list[float]:
        points = [begin, end, *(t for t in (trouble.turn,) if begin < t < end)]
        points += [t for t in (trouble.begin, trouble.end) if begin < t < end]
        return [factor(t) for t in points]

    def bar(each: Bar) -> Bar:
        most = reach(each.open_ms, each.close_ms)
        first, last = each.open * factor(each.open_ms), each.close * factor(each.close_ms)
        return replace(
            each,
            open=first,
            close=last,
            high=max(each.high * max(most), first, last),
            low=min(each.low * min(most), first, last),
        )

    def row(each: Row) -> Row:
        most = reach(each.open_ms, each.close_ms)
        mean = each.vwap * factor(each.close_ms)
        return replace(each, high=each.high * max(most), low=each.low * min(most), vwap=mean)

    return replace(
        record,
        bars=[bar(each) for each in record.bars],
        rows=[row(each) for each in record.rows],
        marks=[(at, price * factor(at)) for at, price in record.marks],
        mark_bars=[bar(each) for each in record.mark_bars],
    )


def _spiked(record: Record, trouble: Trouble) -> Record:
    """The kline under way at that instant reaches farther; so do its marks."""
    factor = 1 + trouble.sign * trouble.size / 100

    def bar(each: Any) -> Any:
        if not each.open_ms <= (trouble.turn or trouble.begin) < each.close_ms:
            return each
        if trouble.sign < 0:
            return replace(each, low=each.low * factor)
        return replace(each, high=each.high * factor)

    return replace(
        record,
        bars=[bar(each) for each in record.bars],
        rows=[bar(each) for each in record.rows],
        mark_bars=[bar(each) for each in record.mark_bars],
    )


def _stale(record: Record, trouble: Trouble, mark_stale_ms: int) -> Record:
    """Within the span no mark is recorded but what it was when that began; of a mark kline that is under way at an end
    of it the other end counts. Where no mark klines are recorded there is one for each traded kline.
    """
    held = record.margin_price(trouble.begin, mark_stale_ms)
    if held is None:
        return record

    def ends(each: Bar) -> tuple[float, float]:
        if record.mark_bars or not record.marks:
            return each.open, each.close
        first, last = (record.margin_price(at, mark_stale_ms) for at in (each.open_ms, each.close_ms))
        return (held if first is None else first), (held if last is None else last)

    def bar(each: Bar) -> Bar:
        first, last = ends(each)
        first = held if each.open_ms >= trouble.begin else first
        last = held if each.close_ms <= trouble.end else last
        return Bar(each.open_ms, first, max(first, last, held), min(first, last, held), last)

    inside = [
        bar(each) for each in record.mark_bars or record.bars
        if each.open_ms < trouble.end and each.close_ms > trouble.begin
    ]  # fmt: skip
    others = [each for each in record.mark_bars if each.open_ms not in {each.open_ms for each in inside}]
    return replace(
        record,
        marks=[(at, price) for at, price in record.marks if not trouble.begin < at < trouble.end],
        mark_bars=sorted([*inside, *others], key=lambda each: each.open_ms),
    )


# -------------------------------------------------------------------- what happens in it


class Disturbed(Venue):
    """One run in trouble."""

    def __init__(self, rules: Rules, records: dict[str, Record], troubles: list[Trouble]) -> None:
        pauses = [(each.begin, each.end) for each in troubles if each.kind == "outage"]
        changed = {
            symbol: disturbed(record, [each for each in troubles if each.concerns(symbol)], rules.mark_stale_ms)
            for symbol, record in records.items()
        }
        super().__init__(replace(rules, pauses=[*rules.pauses, *pauses]), changed)
        self.troubles = troubles
        self.unmarked = {name for name, each in records.items() if not each.marks and not each.mark_bars}
        self.under_way: list[tuple[int, dict[str, Any]]] = []
        self.ticks: list[int] = []
        self.free_ms = self.now = rules.start_ms

    def of(self, kind: str, symbol: str = "") -> list[Trouble]:
        return [each for each in self.troubles if each.kind == kind and each.is_on(self.now, symbol)]

    # ---------------------------------------------------------------- time

    def fixed_instants(self) -> Iterator[int]:
        yield from super().fixed_instants()
        for trouble in self.troubles:
            yield from (trouble.begin, trouble.end)

    def due_instants(self) -> Iterator[int]:
        yield from super().due_instants()
        yield from (at for at, _ in self.under_way)
        if self.ticks:
            yield self.free_ms

    def at(self, now: int, program: Program) -> None:
        """Once per instant; what is decided or arrives then comes after what the market does, as any decision."""
        self.now = now
        super().at(now, program)
        for trouble in self.troubles:
            if trouble.kind == "delisting" and trouble.begin == now:
                self.delist(trouble)
        deals, orders = len(self.purse.deals), self.count
        self.answer(now, program)
        self.arrive(now)
        if self.count > orders and not self.paused(now):
            if len(self.purse.deals) > deals and any(self.fatal_prices(now, group) for group in self.groups()):
                raise UndecidedError("liquidated by the open of the instant of its entry")
            self.open_klines(now)

    def run(self, program: Program) -> Disturbed:
        super().run(program)
        self.refused += [(self.rules.end_ms, "end of run") for _ in self.under_way]
        return self

    def delist(self, trouble: Trouble) -> None:
        """Orders are cancelled, positions closed at the price of the moment with slippage and fee."""
        for symbol in self.rules.symbols:
            if not trouble.concerns(symbol):
                continue
            held = self.purse.held.get(symbol)
            self.pending = [order for order in self.pending if order.terms.symbol != symbol]
            if held is not None:
                price = self.trade_price(symbol, self.now)
                if price is None:
                    raise UndecidedError("a delisting at a stale price")
                fill = self.slipped(symbol, price, -held.sign)
                fee = held.size * fill * self.fee(symbol) / 100
                side = "sell" if held.sign > 0 else "buy"
                self.leave(Deal(self.now, symbol, side, held.size, fill, fee, "decision"))

    # ---------------------------------------------------------------- prices, fees, volumes

    def margin_price(self, symbol: str, now: int) -> float:
        """A mark that stands still counts at any age; no longer than it does so where none is recorded."""
        record = self.records[symbol]
        for trouble in self.of("stale_mark", symbol):
            held = record.margin_price(trouble.begin, self.rules.mark_stale_ms)
            if held is not None:
                return held
        bar = record.last_bar(now)
        still = [each.close_ms for each in record.mark_bars if each.close_ms <= now]
        if symbol in self.unmarked and bar is not None and still and bar.close_ms > still[-1]:
            return bar.close
        return super().margin_price(symbol, now)

    def judged_bars(self, symbol: str) -> list[Bar]:
        record = self.records[symbol]
        if symbol not in self.unmarked:
            return record.mark_bars if record.marks else super().judged_bars(symbol)
        stale = {each.open_ms for each in record.mark_bars}
        return [*record.mark_bars, *(each for each in record.bars if each.open_ms not in stale)]

    def slipped(self, symbol: str, price: float, sign: int) -> float:
        worse = super().slipped(symbol, price, sign)
        for trouble in self.of("spread", symbol):
            worse *= 1 + sign * trouble.size / 100
        return worse

    def fee(self, symbol: str, is_maker: bool = False) -> float:
        return super().fee(symbol, is_maker) + sum(trouble.size for trouble in self.of("fees", symbol))

    def cap(self, symbol: str) -> float | None:
        caps = [trouble.size for trouble in self.of("partial_volume", symbol)]
        own = super().cap(symbol)
        return min([*caps, *([] if own is None else [own])], default=None)

    # ---------------------------------------------------------------- the program

    def known_ms(self, now: int) -> int:
        """Up to when the program knows the market."""
        known = now
        for trouble in self.troubles:
            if trouble.is_on(now) and trouble.kind == "delayed_data":
                known = min(known, now - round(trouble.size))
            if trouble.is_on(now) and trouble.kind == "frozen_data":
                known = min(known, trouble.begin)
        return known

    def decide(self, now: int, program: Program) -> None:
        """A tick is due: it waits its turn."""
        if not any(trouble.size == 100 for trouble in self.of("missed_ticks")):
            self.ticks.append(now)

    def answer(self, now: int, program: Program) -> None:
        """The program is asked about one tick after another; it is busy for as long as it is slow."""
        while self.ticks and self.free_ms <= now:
            self.ticks.pop(0)
            known = self.known_ms(now)
            skew = sum(round(trouble.size) for trouble in self.of("clock_skew"))

            def price_of(symbol: str, known: int = known) -> float:
                return self.price(symbol, known) or 0.0

            def side_of(symbol: str) -> int:
                return self.purse.held[symbol].sign if symbol in self.purse.held else 0

            index = (now + skew - self.rules.start_ms) // self.rules.every_ms
            decision = program(index, price_of, side_of)
            slow = sum(round(trouble.size) for trouble in self.of("slow_program"))
            self.free_ms = now + slow
            if decision is not None:
                self.send(now + slow, decision)
                self.arrive(now)

    def send(self, acts: int, decision: dict[str, Any]) -> None:
        late = [trouble.size for trouble in self.troubles if trouble.kind == "latency" and trouble.is_on(acts)]
        self.under_way.append((acts + round(sum(late)), decision))

    def arrive(self, now: int) -> None:
        """What is under way to the exchange and has come there."""
        for order in [each for each in self.under_way if each[0] <= now]:
            self.under_way.remove(order)
            symbol = order[1]["symbol"]
            refusing = ("cancel_only", "rejects", "delisting")
            if any(self.of(kind, symbol) for kind in refusing):
                self.refused.append((now, "refused by a fault"))
            else:
                self.submit(now, order[1])
