"""What a configuration gets for each fault: ``faults=[perpsim.faults.outage(start=..., duration="2h")]``.

All of them take when it happens: `start` (the start of the run, if it is left out; several times as a list) and
`duration`; `every` so long, `times` in all; or `rate_per_day` by chance, from `seed`. `intensity` multiplies what it is
measured in, or its duration; 0 is nothing. What is wrong with it is told when a configuration gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypedDict, Unpack

from engine.faults import OWN, Fault
from engine.instants import TimeLike

#: A length of time: "2h", "90s", "500ms", or whole seconds.
Length = str | int | timedelta


class When(TypedDict, total=False):
    """When a fault happens, and how strong it is."""

    start: TimeLike | Sequence[TimeLike]
    duration: Length
    every: Length
    times: int
    rate_per_day: float
    seed: int
    intensity: float


class OfSymbols(When, total=False):
    """The same of some symbols alone."""

    symbols: Sequence[str]


def outage(**when: Unpack[When]) -> Fault:
    """The exchange accepts nothing and nothing fills, for an hour unless `duration` is given; positions stay."""
    return Fault("outage", when)


def cancel_only(**when: Unpack[OfSymbols]) -> Fault:
    """The exchange takes cancels and nothing else, for an hour; what is pending there goes on."""
    return Fault("cancel_only", when)


def rejects(percent: float = 20.0, **when: Unpack[OfSymbols]) -> Fault:
    """So many of 100 orders are refused, by chance."""
    return Fault("rejects", {"percent": percent, **when})


def latency(delay: Length = "5s", **when: Unpack[When]) -> Fault:
    """Orders take so much longer to the exchange."""
    return Fault("latency", {"delay": delay, **when})


def delayed_data(delay: Length = "1m", **when: Unpack[When]) -> Fault:
    """The program knows the market only as it was so long ago."""
    return Fault("delayed_data", {"delay": delay, **when})


def dropped_data(percent: float = 10.0, **when: Unpack[OfSymbols]) -> Fault:
    """So many of 100 rows never come to the program, by chance."""
    return Fault("dropped_data", {"percent": percent, **when})


def duplicated_data(percent: float = 10.0, **when: Unpack[OfSymbols]) -> Fault:
    """So many of 100 rows come to the program with the figures of the row before, by chance."""
    return Fault("duplicated_data", {"percent": percent, **when})


def frozen_data(**when: Unpack[When]) -> Fault:
    """The program knows the market only as it was at the beginning, for 30 minutes."""
    return Fault("frozen_data", when)


def stale_mark(**when: Unpack[OfSymbols]) -> Fault:
    """The mark price, which margin is judged at, does not move, for 30 minutes."""
    return Fault("stale_mark", when)


def flash_crash(percent: float = 10.0, direction: str = "down", **when: Unpack[OfSymbols]) -> Fault:
    """Prices go so far down (up, either by chance: both) and come back within 10 minutes; marks, longer klines and
    indicators follow.
    """
    return Fault("flash_crash", {"percent": percent, "direction": direction, **when})


def wick(percent: float = 5.0, direction: str = "both", **when: Unpack[OfSymbols]) -> Fault:
    """One kline reaches so far down, up, or (both) either by chance; its open and its close stay."""
    return Fault("wick", {"percent": percent, "direction": direction, **when})


def funding_spike(percent: float = 0.1, direction: str = "up", **when: Unpack[OfSymbols]) -> Fault:
    """Each settlement within 8 hours is at so much more, which longs pay (down: less, which shorts pay; either by
    chance: both), in percent of the notional.
    """
    return Fault("funding_spike", {"percent": percent, "direction": direction, **when})


def delisting(**when: Unpack[OfSymbols]) -> Fault:
    """Positions are closed and orders cancelled, nothing is taken any more, and the program gets no more data."""
    return Fault("delisting", when)


def spread(percent: float = 0.05, **when: Unpack[OfSymbols]) -> Fault:
    """What takes fills so much worse, in percent of the price."""
    return Fault("spread", {"percent": percent, **when})


def partial_volume(percent: float = 1.0, **when: Unpack[OfSymbols]) -> Fault:
    """At most so much of a kline's volume fills."""
    return Fault("partial_volume", {"percent": percent, **when})


def fees(percent: float = 0.05, **when: Unpack[OfSymbols]) -> Fault:
    """Fills cost so much more, in percent of their notional."""
    return Fault("fees", {"percent": percent, **when})


def missed_ticks(percent: float = 20.0, **when: Unpack[When]) -> Fault:
    """So many of 100 scheduled triggers do not come, by chance."""
    return Fault("missed_ticks", {"percent": percent, **when})


def late_signals(delay: Length = "30s", **when: Unpack[OfSymbols]) -> Fault:
    """Triggers of signals come so much later."""
    return Fault("late_signals", {"delay": delay, **when})


def clock_skew(skew: Length = "30s", **when: Unpack[When]) -> Fault:
    """The program's clock is so much fast, or slow: "-30s"."""
    return Fault("clock_skew", {"skew": skew, **when})


def slow_program(delay: Length = "10s", **when: Unpack[When]) -> Fault:
    """The program takes so long for an answer: its decision acts then, and triggers wait meanwhile."""
    return Fault("slow_program", {"delay": delay, **when})


def restart(**when: Unpack[When]) -> Fault:
    """The program is started anew without its state; it is away for `duration`, if that is given."""
    return Fault("restart", when)


def own(process: Callable[..., Any], name: str = OWN, **given: Any) -> Fault:
    """A fault of one's own: a generator function ``process(sim, fault)``, called for each of its spans. `given` are
    when it happens, `symbols`, and values of its own, which it finds in ``fault["name"]``.
    """
    return Fault(name, given, process)
