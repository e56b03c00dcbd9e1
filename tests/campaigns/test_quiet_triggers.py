"""A trigger of which nothing comes takes at most 120 bytes in all of a run, whatever was asked and whatever woke it.

What is kept of triggers is what grows between the middle of a run and its end: columns of the market that are worked
out for the first query are no triggers', nor are the newest klines that a program has read, of which a number is kept
that is reached before the middle of four days. The small number of days is the default, soak the year.
"""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import nullcontext
from typing import Any

import pytest

from adapters import Sandbox, synthetic_klines
from engine import BacktestConfig, MarketHistory, RegimeInfo, Simulation, TriggerEvent
from engine.periods import DAY_MS, MINUTE_MS
from processes import ProgramBacktestEngine, TriggerTimes, trusted_executor
from processes.trigger_series import SymbolSeries, TriggerSeries
from tests.support.sandboxes import NO_JAIL

START = 1_704_067_200_000
MOST = 120
HEAD = "class A:\n    n = 0\n    def should_trade(self, data):\n        self.n += 1\n"
PROGRAMS = {
    "nothing": "        return None",
    "the same questions": '        data.get_price("BTC"), data.get_klines("BTC", "5m", 3)',
    "other questions each time": '        data.get_klines("BTC", "5m", self.n % 10), data.get_price(f"B{self.n}")',
    "an indicator that is too short": '        data.get_indicator("BTC", "MA500", "1d")',
    "more klines than are asked for again": '        data.get_klines("BTC", "1m", 1001 + self.n % 9)',
    "other reasons each time": '        return Decision("hold", "BTC", f"{self.n} is not what it takes to buy" * 5)',
}
SIZES = [pytest.param(4, id="small"), pytest.param(366, id="whole", marks=pytest.mark.soak)]
WAYS = ["trusted", pytest.param("jailed", marks=pytest.mark.skipif(NO_JAIL is not None, reason=str(NO_JAIL)))]


class Growth:
    """What a run has taken by the middle, and by its end, in bytes."""

    def __init__(self, triggers: int) -> None:
        self.marks = [triggers // 2, triggers - 300]
        self.seen: list[tuple[int, int]] = []

    def look(self, simulation: Simulation) -> None:
        count = len(simulation.trigger_log)
        if len(self.seen) < 2 and count >= self.marks[len(self.seen)]:
            gc.collect()
            self.seen.append((count, tracemalloc.get_traced_memory()[0]))

    @property
    def a_trigger(self) -> float:
        (first, before), (last, after) = self.seen
        return (after - before) / (last - first)


def growth(days: int, code: str, way: str, is_recorded: bool, *sources: Any, **fields: Any) -> float:
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, days * 1440, 7)})
    config = BacktestConfig(code=code, symbols=["BTC"], start_time=START, end_time=START + days * DAY_MS, **fields)
    found = Growth(days * 1440)
    with nullcontext() if way == "trusted" else Sandbox() as sandbox:
        executor_for = trusted_executor if sandbox is None else sandbox.executor
        engine = ProgramBacktestEngine(market, sources, executor_for=executor_for)
        tracemalloc.start()
        try:
            result = engine.run(config, found.look, record_queries=is_recorded)
        finally:
            tracemalloc.stop()
    assert result.quiet_triggers == result.total_triggers == days * 1440
    return found.a_trigger


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("days", SIZES)
def test_a_quiet_trigger_of_a_schedule_takes_at_most_120_bytes(days: int, program: str, way: str) -> None:
    code = HEAD + PROGRAMS[program]
    for is_recorded in (False, True):
        taken = growth(days, code, way, is_recorded, scheduled_interval="1m")
        print(f"{program}, {way}, {'with' if is_recorded else 'without'} questions: {taken:.1f} bytes a trigger")
        assert taken <= MOST


@pytest.mark.parametrize("days", SIZES)
def test_a_trigger_of_every_minute_that_is_known_before_takes_at_most_120_bytes(days: int) -> None:
    times = [START + minute * MINUTE_MS for minute in range(1, days * 1440 + 1)]
    taken = growth(days, HEAD + PROGRAMS["nothing"], "trusted", False, TriggerTimes("BTC", times))
    assert taken <= MOST


class Announcer:
    """Wakes the program every minute, with figures and a market regime of its own."""

    def __init__(self, days: int) -> None:
        self._times = range(START + MINUTE_MS, START + days * DAY_MS + 1, MINUTE_MS)

    def triggers(self, *_: Any) -> TriggerSeries:
        return TriggerSeries([SymbolSeries("BTC", self._times, self._trigger)])

    def _trigger(self, place: int) -> TriggerEvent:
        regime = RegimeInfo("trend", place / 7, "long", "as seen", {"z": place / 3})
        facts = {"signal_id": 3, "current_value": place / 11, "values": {"fast": place / 13, "slow": place / 17}}
        return TriggerEvent(self._times[place], "signal", "BTC", 1, "own", "AND", (facts,), regime)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("days", SIZES)
def test_a_trigger_that_a_source_tells_much_of_takes_at_most_120_bytes(days: int, way: str) -> None:
    taken = growth(days, HEAD + PROGRAMS["nothing"], way, False, Announcer(days))
    print(f"five figures and a regime, {way}: {taken:.1f} bytes a trigger")
    assert taken <= MOST
