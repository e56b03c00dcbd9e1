"""What a simple program comes to on trade prints: entries at the closes of klines, exits print by print.

Plain loops over lists, written from the README's rules and apart from the engine. Where the engine has to guess which
of two prices of a kline came first, the prints tell. All else is as it is there: an exit inside a kline trades at its
trigger when the kline closes, one that the kline's first print lies beyond at that print when it opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: So many periods old may the last close be that an entry trades at.
STALE_PERIODS = 10


class Wish(NamedTuple):
    """An entry of direction `sign` with `portion` of the balance; exits in percent of the price, None: none."""

    sign: int
    portion: float
    target_percent: float | None
    loss_percent: float | None
    trail_percent: float | None


#: Asked at each tick without a position: time, price, balance.
Decide = Callable[[int, float, float], Wish | None]


class Candle(NamedTuple):
    """One kline with its prints."""

    start: int
    end: int
    prints: Sequence[float]


class Costs(NamedTuple):
    """Percent of the notional on each side."""

    fee: float
    slippage: float


@dataclass
class Held:
    """What is held: `best` is the best price since the entry."""

    sign: int
    size: float
    paid: float
    best: float
    target: float | None
    loss: float | None
    trail: float | None

    def stop(self) -> float | None:
        """The stop that the price comes to first."""
        levels = [] if self.loss is None else [self.loss]
        if self.trail is not None:
            levels.append(self.best * (1.0 - self.sign * self.trail / 100.0))
        if not levels:
            return None
        return max(levels) if self.sign == 1 else min(levels)

    def reached(self, price: float) -> float | None:
        """The trigger that a print touches, None when it touches none; the print counts as best price then."""
        stop = self.stop()
        if self.target is not None and (price >= self.target if self.sign == 1 else price <= self.target):
            return self.target
        if stop is not None and (price <= stop if self.sign == 1 else price >= stop):
            return stop
        self.best = max(self.best, price) if self.sign == 1 else min(self.best, price)
        return None


def candles(times: Sequence[int], prices: Sequence[float], period: int) -> list[Candle]:
    """Return the klines of some prints, those of minutes without one left out."""
    found: dict[int, list[float]] = {}
    for time, price in zip(times, prices, strict=True):
        found.setdefault(time // period * period, []).append(price)
    return [Candle(start, start + period, inside) for start, inside in sorted(found.items())]


class TickRun:
    """One account that starts with `balance`; `run` returns its net PnL."""

    def __init__(self, decide: Decide, costs: Costs, balance: float) -> None:
        self._decide, self._costs = decide, costs
        self._start = self._cash = balance
        self._held: Held | None = None
        self.exits = 0

    def run(self, klines: Sequence[Candle], ticks: Sequence[int], end: int) -> float:
        """Go through the klines up to the end, and be asked at each tick."""
        waiting, last = [kline for kline in klines if kline.start <= end], None
        for tick in [*ticks, end + 1]:
            while waiting and waiting[0].end <= tick and waiting[0].end <= end:
                last = waiting.pop(0)
                self._trade_through(last)
            if tick > end:
                break
            if waiting and waiting[0].start <= tick:
                self._open(waiting[0])
            if last is not None and self._held is None:
                is_fresh = tick - last.end <= STALE_PERIODS * (last.end - last.start)
                self._ask(tick, last.prints[-1], is_fresh)
                if waiting and waiting[0].start == tick:
                    self._open(waiting[0])
        if waiting and waiting[0].start <= end:
            self._open(waiting[0])
        held = self._held
        worth = 0.0 if held is None or last is None else held.sign * held.size * (last.prints[-1] - held.paid)
        return self._cash + worth - self._start

    def _ask(self, tick: int, price: float, is_fresh: bool) -> None:
        wish = self._decide(tick, price, self._cash)
        if wish is None or not is_fresh:
            return
        sign = wish.sign
        paid = price * (1.0 + sign * self._costs.slippage / 100.0)
        size = self._cash * wish.portion / paid
        self._cash -= size * paid * self._costs.fee / 100.0
        target = None if wish.target_percent is None else price * (1.0 + sign * wish.target_percent / 100.0)
        loss = None if wish.loss_percent is None else price * (1.0 - sign * wish.loss_percent / 100.0)
        self._held = Held(sign, size, paid, paid, target, loss, wish.trail_percent)

    def _open(self, kline: Candle) -> None:
        if self._held is not None:
            price = kline.prints[0]
            best = self._held.best
            if self._held.reached(price) is not None:
                self._leave(price)
            else:
                self._held.best = best

    def _trade_through(self, kline: Candle) -> None:
        self._open(kline)
        for price in kline.prints:
            if self._held is None:
                return
            trigger = self._held.reached(price)
            if trigger is not None:
                self._leave(trigger)

    def _leave(self, price: float) -> None:
        held = self._held
        assert held is not None
        got = price * (1.0 - held.sign * self._costs.slippage / 100.0)
        self._cash += held.sign * held.size * (got - held.paid) - held.size * got * self._costs.fee / 100.0
        self._held = None
        self.exits += 1
