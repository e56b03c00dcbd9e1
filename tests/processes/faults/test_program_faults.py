"""What reaches the program, when, and what it knows then."""

from __future__ import annotations

from itertools import pairwise

import pytest

from processes import ProgramBacktestEngine, TriggerTimes, trusted_executor
from tests.processes.faults.test_exchange_faults import FLAT, at, scripted
from tests.support.runs import MINUTE, START, Script, buy, close, config, market, walk, wired

HISTORY = market(X=walk(120))
CLOSES = HISTORY.symbols["X"].base.columns.close


class Notes:
    """Writes down when it was asked, by what, and what it knew."""

    def __init__(self, decisions=None):
        self.asked = []
        self.decisions = decisions or {}

    def should_trade(self, data):
        minute = (data.timestamp - START) / MINUTE
        known = data.get_klines("X", "1m", 1)
        self.asked.append((minute, data.trigger_type, known[-1].timestamp if known else None, data.get_price("X")))
        return self.decisions.get(minute)


def notes(*faults, minutes=30.0, signals=(), decisions=None, **fields):
    program = Notes(decisions)
    sim = wired(HISTORY, config(program, minutes, faults=list(faults), **fields), signals)
    return program.asked, sim.run(), sim


def known_at(asked):
    """Return by minute how many klines the program knew."""
    return {minute: (stamp * 1_000 - START) / MINUTE + 1 for minute, _, stamp, _ in asked if stamp is not None}


def test_data_is_as_it_was_so_long_ago_and_the_market_goes_on():
    asked, result, sim = notes(at(10, 10, "delayed_data", delay="4m"), decisions={12: buy()})
    known = known_at(asked)
    assert [known[minute] for minute in (9, 10, 14, 19, 20)] == [9, 6, 10, 15, 20]
    assert {minute: price for minute, *_, price in asked}[14] == CLOSES[9]
    assert sim.exchange.fills[0].price == CLOSES[11]
    assert "fault delayed_data: once, 10m in all; triggers with old data: 10" in result.warnings


def test_data_that_stands_still_is_all_there_again_at_the_end():
    asked, result, _ = notes(at(10, 10, "frozen_data"))
    known = known_at(asked)
    assert [known[minute] for minute in (9, 10, 14, 19, 20)] == [9, 10, 10, 10, 20]
    assert "fault frozen_data: once, 10m in all; triggers with old data: 9" in result.warnings


def test_of_several_the_oldest_counts():
    asked, *_ = notes(at(10, 10, "frozen_data"), at(5, 20, "delayed_data", delay="4m"))
    known = known_at(asked)
    assert [known[minute] for minute in (9, 12, 16, 19, 20)] == [5, 8, 10, 10, 16]


def test_positions_are_those_of_now_at_the_prices_that_are_known():
    script = Script({1: buy()})
    wired(HISTORY, config(script, 30, faults=[at(10, 10, "frozen_data")])).run()
    (size,) = {data.positions["X"].size for minute, data in script.seen.items() if minute > 1}
    found = {minute: data.positions["X"].unrealized_pnl for minute, data in script.seen.items() if minute > 1}
    assert found[15] == pytest.approx(size * (CLOSES[9] - CLOSES[0]))
    assert found[25] == pytest.approx(size * (CLOSES[24] - CLOSES[0]))


@pytest.mark.parametrize("percent", [30.0, 100.0])
def test_chance_takes_ticks_away_and_leaves_signals(percent):
    signals = [TriggerTimes("X", range(START + 30_000, START + 30 * MINUTE, 5 * MINUTE))]
    asked, result, _ = notes(at(5, 20, "missed_ticks", percent=percent), signals=signals)
    ticks = [minute for minute, kind, *_ in asked if kind == "scheduled"]
    missed = [minute for minute in range(1, 31) if minute not in ticks]
    assert all(5 <= minute < 25 for minute in missed)
    assert len(missed) == 20 if percent == 100.0 else 2 < len(missed) < 12
    assert sum(kind == "signal" for _, kind, *_ in asked) == 6
    assert f"fault missed_ticks: once, 20m in all; ticks missed: {len(missed)}" in result.warnings


def test_signals_come_later_with_what_is_known_then():
    signals = [TriggerTimes("X", [START + minute * MINUTE + 1 for minute in (3, 8, 14)])]
    asked, result, _ = notes(at(5, 5, "late_signals", delay="3m"), signals=signals, scheduled_interval=None)
    assert [(round(minute), (stamp * 1_000 - START) / MINUTE + 1) for minute, _, stamp, _ in asked] == [
        (3, 3),
        (11, 11),
        (14, 14),
    ]
    assert "fault late_signals: once, 5m in all; signals late: 1" in result.warnings


def test_of_two_delays_the_longer_one_counts():
    signals = [TriggerTimes("X", [START + 8 * MINUTE])]
    faults = [at(5, 5, "late_signals", delay="3m"), at(5, 9, "late_signals", delay="2m")]
    asked, *_ = notes(*faults, signals=signals, scheduled_interval=None)
    assert [minute for minute, *_ in asked] == [11]


def test_a_signal_that_would_come_after_the_end_never_comes():
    signals = [TriggerTimes("X", [START + 5 * MINUTE, START + 28 * MINUTE])]
    asked, *_ = notes(at(6, 60, "late_signals", delay="3m"), signals=signals, scheduled_interval=None)
    assert [minute for minute, *_ in asked] == [5]


def test_the_clock_of_the_program_is_wrong_and_its_data_are_not():
    asked, result, _ = notes(at(10, 10, "clock_skew", skew="-90s"))
    assert asked[9][:2] == (8.5, "scheduled")
    assert (asked[9][2] * 1_000 - START) / MINUTE + 1 == 10
    assert [asked[8][0], asked[19][0]] == [9, 20]
    assert "fault clock_skew: once, 10m in all; triggers at a wrong time: 10" in result.warnings


def test_a_fast_clock_shows_nothing_of_the_future():
    asked, *_ = notes(at(10, 10, "clock_skew", skew="1h"))
    assert max(stamp for *_, stamp, _ in asked) == START // 1_000 + 29 * 60
    assert asked[9][0] == 70
    assert (asked[9][2] * 1_000 - START) / MINUTE + 1 == 10


CLOCKS = """
import time
from datetime import datetime


class Clocks:
    def should_trade(self, data):
        shown = (time.time() * 1000, datetime.now().timestamp() * 1000, data.timestamp)
        log(*[round(each - {start}) for each in shown])
        data.wake_at(data.timestamp + 20_000)
"""


def test_every_clock_of_the_program_is_wrong_and_its_alarm_rings_after_as_long():
    settings = config(CLOCKS.replace("{start}", str(START)), 12, faults=[at(5, 20, "clock_skew", skew="40s")])
    result = ProgramBacktestEngine(HISTORY, executor_for=trusted_executor).run(settings)
    lines = {entry["timestamp"]: entry["logs"] for entry in result.trigger_log if entry["trigger_type"] == "scheduled"}
    assert lines[START + 4 * MINUTE] == ("240000 240000 240000",) or lines[START + 4 * MINUTE] == [
        "240000 240000 240000"
    ]
    assert [*lines[START + 8 * MINUTE]] == ["520000 520000 520000"]
    timers = [entry["timestamp"] for entry in result.trigger_log if entry["trigger_type"] == "timer"]
    assert START + 8 * MINUTE + 20_000 in timers


def test_a_slow_programs_decision_acts_later_and_triggers_wait():
    asked, result, sim = notes(at(5, 10, "slow_program", delay="100s"), decisions={5: buy(), 20: close()})
    within = [minute for minute, *_ in asked if 5 <= minute < 15]
    assert within[:2] == [5, 5 + 100 / 60]
    steps = [later - earlier for earlier, later in pairwise(within)]
    assert [step for step in steps if step] == pytest.approx([100 / 60] * 5)
    assert [(each.timestamp - START) / MINUTE for each in sim.exchange.fills] == [5 + 100 / 60, 20]
    assert any("triggers kept waiting" in text for text in result.warnings)


def test_the_decision_of_a_slow_program_meets_the_market_of_its_end():
    sim, result, _ = scripted(FLAT, {5: buy(), 30: close()}, 40, at(5, 10, "slow_program", delay="50s"))
    assert [(each.timestamp - START) / MINUTE for each in sim.exchange.fills] == [5 + 50 / 60, 30]
    assert any("decisions delayed: 1" in text for text in result.warnings)


class Counts:
    def init(self, params):
        self.count = params.get("from", 0)

    def should_trade(self, data):
        self.count += 1
        data.record("count", float(self.count))


@pytest.mark.parametrize("given", [Counts, Counts()], ids=["class", "object"])
def test_a_program_that_is_started_anew_has_lost_its_state(given):
    settings = config(given, 30, params={"from": 100}, faults=[at(10, 5, "restart"), at(20, 0, "restart")])
    result = ProgramBacktestEngine(HISTORY).run(settings)
    counts = result.records["count"].to_dict()
    by_minute = {
        (at_ms - START) / MINUTE: value for at_ms, value in zip(counts["timestamp"], counts["value"], strict=True)
    }
    assert [by_minute[minute] for minute in (1, 9, 15, 19, 20, 30)] == [101, 109, 101, 105, 101, 111]
    assert not any(10 <= minute < 15 for minute in by_minute)
    assert "fault restart: once, 5m in all; triggers missed: 5, starts anew: 1" in result.warnings
    assert "fault restart 2: once; starts anew: 1" in result.warnings


def test_one_that_cannot_be_started_again_ends_the_run():
    class Once:
        made = 0

        def __init__(self):
            Once.made += 1
            if Once.made > 1:
                raise RuntimeError("only once")

        def should_trade(self, data):
            return None

    result = ProgramBacktestEngine(HISTORY).run(config(Once, 30, faults=[at(10, 0, "restart")]))
    assert result.error == (
        "the strategy could not be started anew at 2024-01-01 00:10:00 UTC by fault restart: RuntimeError: only once"
    )


def test_what_has_waited_for_a_slow_program_is_answered_one_after_another_and_nothing_overtakes_it():
    asked, *_ = notes(at(5, 10, "slow_program", delay="150s"), decisions={})
    minutes = [each for each, *_ in asked if each >= 5]
    assert minutes[:5] == [5.0, 7.5, 10.0, 12.5, 15.0]
    waited = [15.0] * (minutes.count(15.0))
    assert len(waited) == 7  # the ticks of 9 to 15: its answers take no time any more
    assert minutes[4 + len(waited) :][:3] == [16.0, 17.0, 18.0]
