"""Triggers of types "order" and "timer": what happens to the account, and the clock, wake the program."""

import numpy as np
import pytest

from engine import ConfigurationError, Decision, TriggerEvent
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, run_script, sell, wired

RISES = 100.0, 100.0, (100, 106, 100, 104), 104.0, (104, 104, 94, 95), 95.0, 95.0, 95.0


def exact(order=buy, **fields):
    return order(portion=0.0, **{"size": 10.0, **fields})


def woken(decisions, wake_on=("fill",), rows=RISES, minutes=7, **fields):
    """Return (minute, type, symbol) of every trigger of a run with a tick every two minutes, and its result."""
    history = rows if not isinstance(rows, tuple) else market(X=klines(*rows))
    script = Script(decisions)
    fields = {"scheduled_interval": 120, "wake_on": wake_on, **fields}
    sim = wired(history, config(script, minutes, tuple(history.symbols), **fields))
    heard = []
    sim.bus.listen(TriggerEvent, heard.append)
    result = sim.run()
    assert result.error is None
    found = [((each.timestamp - START) / MINUTE, each.trigger_type, each.symbol) for each in heard]
    assert (result.order_triggers, result.timer_triggers) == tuple(
        sum(kind == which for _, kind, _ in found) for which in ("order", "timer")
    )
    return [each for each in found if each[1] != "scheduled"], result


# --- wake_on ------------------------------------------------------------------------------------------------------


def test_nobody_is_woken_by_what_is_not_asked_for():
    decisions = {2: exact(take_profit_price=105.0)}
    assert woken(decisions, wake_on=())[0] == []
    assert woken(decisions, wake_on=["cancel", "rejection", "liquidation", "funding"])[0] == []


def test_a_fill_wakes_at_its_instant_and_the_fill_of_the_decision_itself_does_not():
    """Bought at the tick of minute 2; the take-profit fills when the kline closes, between two ticks."""
    assert woken({2: exact(take_profit_price=105.0)})[0] == [(3, "order", "X")]


def test_the_woken_program_may_trade_and_is_not_woken_by_that():
    found, result = woken({2: exact(take_profit_price=105.0), 3: [exact(), exact(sell), exact()]})
    assert found == [(3, "order", "X")]
    assert result.fills == 5
    assert result.total_triggers == result.scheduled_triggers + 1


def test_at_an_instant_with_a_tick_the_program_is_woken_once_for_each():
    """The exit fills at minute 4, where there is a tick: first what has happened, then what is scheduled."""
    script, sim, _ = run_script(
        market(X=klines(*RISES[:3], (104, 112, 104, 110), 110.0)),
        {2: exact(take_profit_price=110.0)},
        5,
        scheduled_interval=120,
        wake_on=["fill"],
    )
    types = [each.trigger.trigger_type for each in sim.trigger_log]
    assert types == ["scheduled", "order", "scheduled"]
    assert script.seen[4].events == []  # they were told at the first of the two


def test_an_exit_at_an_open_wakes_at_the_open():
    rows = 100.0, 100.0, 100.0, 107.0, 107.0
    assert woken({2: exact(take_profit_price=105.0)}, rows=rows, minutes=4)[0] == [(3, "order", "X")]


def test_several_fills_of_an_instant_wake_once_for_each_symbol():
    decisions = {2: [exact(take_profit_price=105.0), exact(take_profit_price=104.5)]}
    assert woken(decisions)[0] == [(3, "order", "X")]
    history = market(X=klines(*RISES), Y=klines(*RISES))
    both = [exact(take_profit_price=105.0), Decision("buy", "Y", size=10.0, take_profit_price=105.0)]
    assert woken({2: both}, rows=history)[0] == [(3, "order", "X"), (3, "order", "Y")]


@pytest.mark.parametrize(
    ("kind", "decision", "minute"),
    [
        ("cancel", exact(max_price=90.0, time_in_force="Gtc", expires_after_seconds=40), 2 + 40 / 60),
        ("rejection", exact(trigger_price=105.0, max_price=104.0), 3),
        ("cancel", [exact(take_profit_price=105.0), close(min_price=120.0, time_in_force="Gtc")], 3),
        ("fill", exact(trigger_price=105.0), 3),
    ],
)
def test_cancels_rejections_and_triggers_wake_too(kind, decision, minute):
    """An expiry, a limit that is not met at a trigger, a close whose position is gone, a stop entry."""
    assert woken({2: decision}, wake_on=[kind])[0] == [(pytest.approx(minute), "order", "X")]
    others = [each for each in ("cancel", "rejection") if each != kind]
    assert woken({2: decision}, wake_on=others)[0] == []


def test_what_the_decision_is_refused_for_wakes_nobody():
    decisions = {2: [exact(size=1e6), Decision("cancel", "X"), exact(max_price=90.0, time_in_force="Gtc")]}
    cancelled = {**decisions, 4: Decision("cancel", "X")}
    assert woken(cancelled, wake_on=["rejection", "cancel"])[0] == []


def test_a_liquidation_wakes():
    rows = 100.0, 100.0, (100, 100, 80, 85), 85.0, 85.0
    found, result = woken({2: exact(size=900.0, leverage=10)}, wake_on=["liquidation"], rows=rows, minutes=4)
    assert len(result.liquidations) == 1
    assert found == [(3, "order", "X")]


def test_an_order_that_was_under_way_wakes_a_millisecond_later():
    """It arrives when the decisions of its instant are over."""
    found, _ = woken({2: exact()}, order_latency_ms=700)
    assert found == [((2 * MINUTE + 701) / MINUTE, "order", "X")]
    assert woken({2: exact()}, order_latency_ms=700, wake_on=[])[0] == []


def test_nothing_wakes_after_the_end():
    found, _ = woken({2: exact()}, order_latency_ms=60_000, minutes=3)  # arrives at the end itself
    assert found == []
    assert woken({2: exact(take_profit_price=105.0)}, minutes=3)[0] == [(3, "order", "X")]


def test_the_schedule_after_triggers_counts_these_too():
    found, result = woken({2: exact(take_profit_price=105.0)}, schedule_mode="after_trigger", minutes=6)
    assert found == [(3, "order", "X")]
    assert result.total_triggers == 3  # at minutes 2, 3 and 5


@pytest.mark.parametrize("kinds", [["fills"], ["fill", "timer"], "fill", 5, [5]])
def test_another_kind_is_an_error_of_the_configuration(kinds):
    with pytest.raises(ConfigurationError, match="wake_on"):
        config(Script({}), 5, wake_on=kinds)


# --- wake_at ------------------------------------------------------------------------------------------------------


def asking(*minutes, at=2):
    """A program that asks at a minute to be woken at others."""

    def ask(data):
        for minute in minutes:
            data.wake_at(START + round(minute * MINUTE))

    return {at: ask}


def test_a_time_wakes_once_however_often_it_is_asked_for():
    assert woken(asking(2.5, 2.5, 5, 3.25))[0] == [(2.5, "timer", ""), (3.25, "timer", ""), (5, "timer", "")]


def test_a_timer_at_a_tick_comes_after_it():
    script, sim, _ = run_script(market(X=klines(*RISES)), asking(4), 5, scheduled_interval=120)
    assert [each.trigger.trigger_type for each in sim.trigger_log] == ["scheduled", "scheduled", "timer"]
    assert script.seen[4].trigger_type == "timer"
    assert script.seen[4].trigger_symbol == ""


def test_a_time_that_is_not_after_now_is_counted_and_one_after_the_end_does_nothing():
    found, result = woken(asking(2, 1.99, 0, 7.001, 7, 1000))
    assert found == [(7, "timer", "")]
    assert result.late_wakes == 3


def test_a_timer_may_ask_for_the_next_one():
    def again(data):
        data.wake_at(data.timestamp + 30_000)

    decisions = {minute / 2: again for minute in range(4, 8)}
    assert [minute for minute, *_ in woken(decisions)[0]] == [2.5, 3, 3.5, 4]


@pytest.mark.parametrize("value", ["x", None, 1.5, True, float("nan")])
def test_what_is_no_whole_number_is_an_error_of_the_program(value):
    _, _, result = run_script(market(X=klines(*RISES)), {2: lambda data: data.wake_at(value)}, 4)
    assert "wake_at takes a time in ms as a whole number" in result.error


def test_whole_numbers_of_any_size_and_kind_are_fine():
    times = np.int64(START + 3 * MINUTE - 1), 10**30, -(10**30)
    found, result = woken({2: lambda data: [data.wake_at(each) for each in times] and None})
    assert (found, result.late_wakes) == ([((3 * MINUTE - 1) / MINUTE, "timer", "")], 1)


def test_nobody_asks_for_more_than_a_thousand_at_once():
    def many(data):
        for each in range(1001):
            data.wake_at(data.timestamp + 1 + each)

    _, _, result = run_script(market(X=klines(*RISES)), {2: many}, 4)
    assert "more than 1,000 times" in result.error
