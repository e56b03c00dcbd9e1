"""Quiet triggers are kept as numbers, and tell the same as a full record."""

import gc
import tracemalloc

import pytest

from engine import Decision, RegimeInfo, TriggerEvent
from engine.account import AccountState
from engine.contract import decision_values
from engine.kernel import ScheduledTick
from engine.triggers import RepeatableFacts, TriggerRecord, TriggerRecords

MINUTE = 60_000
STATE = AccountState(10_000.0, {})
OTHER = AccountState(9_000.0, {})


def quiet(minute, decision=None, state=STATE, **fields):
    trigger = TriggerEvent(minute * MINUTE, **{"trigger_type": "scheduled", **fields})
    values = None if decision is None else decision_values(decision)
    return TriggerRecord(trigger, values, None, state, state, (), (), None)


def fired(minute, *facts, **fields):
    pool = {"trigger_type": "signal", "symbol": "Y", "pool_id": 3, "pool_name": "sevens", "pool_logic": "AND"}
    return quiet(minute, **{**pool, "triggered_signals": facts, **fields})


def seen(value, **more):
    return {"signal_id": 7, "threshold": -0.0, "current_value": value, "value": value, "condition_met": True, **more}


def hold(reason, **fields):
    return Decision("hold", "X", reason, **fields)


VARIED = [
    quiet(1),
    quiet(2, hold("wait")),
    quiet(3, hold("wait"), OTHER),
    quiet(4, hold("other")),
    quiet(5, hold(7)),
    quiet(6, hold(7.0)),
    quiet(7, hold("wait", take_profit_price=1)),
    quiet(8, hold("wait", take_profit_price=1.0)),
    quiet(9, hold("wait", take_profit_price=-0.0)),
    quiet(10, hold("wait", take_profit_price=0.0)),
    quiet(11, hold("wait", leverage=True)),
    quiet(12, hold(["a", "list"])),
    quiet(13, symbol="Y"),
    quiet(14, trigger_type="timer", symbol="Y"),
    quiet(15, trigger_type="signal", symbol="Y", pool_id=3, pool_name="sevens"),
    quiet(16)._replace(logs=("said",)),
    quiet(17)._replace(error="ValueError: no"),
    quiet(18)._replace(after=OTHER),
    quiet(19)._replace(queries=({"method": "get_price"},)),
    quiet(20, Decision(" HOLD ", "X")),
    fired(21),
    fired(22, seen(1.5)),
    fired(23, seen(-0.0), seen(float("inf"), values={"macd": 0.1, "event_types": ["up", "down", 1]})),
    fired(24, seen(1)),
    fired(25, seen(True)),
    fired(26, seen(2.5), pool_id=None, pool_logic="OR"),
    fired(27, seen("text"), pool_name="other"),
    fired(28, {}),
    fired(29, seen(object)),
    fired(30, {1: 2.0}),
    fired(31, triggered_signals=[seen(1.5)]),
    fired(32, seen(1.5), market_regime=RegimeInfo()),
    fired(33, seen(1.5))._replace(logs=("said",)),
    fired(34, seen(1.5), pool_id=4),
    fired(35, market_regime=RegimeInfo("trend", 0.5, "up", "why", {"z": 0.1, "n": 3})),
    fired(36, [seen(1.5)], market_regime=RegimeInfo("trend", 0.5)),
    fired(37, seen(1.5), market_regime=RegimeInfo(indicators={"object": object})),
]


def records(kept):
    log = TriggerRecords()
    for each in kept:
        log.append(each)
    return log


def test_every_record_comes_back_as_it_was_to_the_type_and_sign_of_its_values():
    log = records(VARIED)
    assert [repr(each) for each in log] == [repr(each) for each in VARIED]
    assert (len(log), log[-1], log[3:5]) == (len(VARIED), VARIED[-1], VARIED[3:5])
    assert all(log[place].before is each.before for place, each in enumerate(VARIED))
    with pytest.raises(IndexError):
        log[len(VARIED)]


def test_only_what_came_of_a_trigger_makes_it_eventful_and_not_what_was_asked():
    assert [record.trigger.timestamp // MINUTE for _, record in records(VARIED).eventful()] == [16, 17, 18, 33]
    assert [place for place, _ in records(VARIED).eventful()] == [15, 16, 17, 32]


@pytest.mark.parametrize("start", [0, 1, 15, 16, 18, 32, 33, len(VARIED)])
def test_those_from_a_place_on_are_told_without_the_ones_before(start):
    log = records([VARIED[0]] * 3 + VARIED)  # the first take one row
    assert [place for place, _ in log.eventful(start)] == [place for place, _ in log.eventful() if place >= start]


def test_records_are_counted_by_type_and_operation():
    counts = {}
    for record, count in records(VARIED * 3).counted():
        key = record.trigger.trigger_type, record.decision and str(record.decision[0]).strip().lower()
        counts[key] = counts.get(key, 0) + count
    assert counts == {
        ("scheduled", None): 18, ("scheduled", "hold"): 36, ("timer", None): 3, ("signal", None): 54,
    }  # fmt: skip
    assert list(TriggerRecords().counted()) == list(TriggerRecords().eventful()) == []


class Maker:
    def facts_at(self, place):
        return tuple(seen(place / 7 + k, buy=place / (3 + k), **TAKERS) for k in range(12))


MAKER = Maker()
TAKERS = {"direction": "buy", "ratio_threshold": 1.5, "volume_threshold": 1e5}
QUIET = {
    "no answer": quiet,
    "the same reason": lambda n: quiet(n, hold("wait")),
    "a new reason": lambda n: quiet(n, hold(f"RSI {n / 7:.4f}")),
    "a signal": lambda n: fired(n, seen(n / 7)),
    "four signals of takers": lambda n: fired(
        n, *[seen(n / 7 + k, buy=n / 3, sell=n / 9, total=n / 11, log_ratio=n / 13, **TAKERS) for k in range(4)]
    ),
    "another mix of signals each time": lambda n: fired(
        n, *[seen(n / 7, signal_id=k) for k in range(18) if n >> k & 1]
    ),
    "a count": lambda n: fired(n, seen(n)),
    "a pool of its own": lambda n: fired(n, seen(n / 7), pool_name=f"pool {n}"),
    "a long reason": lambda n: quiet(n, hold(f"{n} is not what it takes to buy now, and nothing else is. " * 9)),
    "facts that are made again": lambda n: fired(n, triggered_signals=RepeatableFacts.of(MAKER, n)),
}


@pytest.mark.parametrize("kind", QUIET)
def test_a_quiet_trigger_takes_at_most_120_bytes(kind):
    known, count, make = 2_048, 2_048, QUIET[kind]
    tracemalloc.start()
    try:
        log = records(make(minute) for minute in range(known))  # what is known again is bounded
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for minute in range(known, known + count):
            log.append(make(minute))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(log) == known + count
    assert repr(log[count // 2]) == repr(make(count // 2))
    assert taken / count <= 120


def test_ticks_are_kept_as_the_triggers_that_they_stand_for():
    others = {3: TriggerEvent(3, "scheduled"), 5: TriggerEvent(5, "timer"), 6: TriggerEvent(6, "scheduled", "X")}
    handled = [others.get(at) or ScheduledTick(at) for at in range(1, 10)]
    log = TriggerRecords()
    for trigger in handled:
        assert log.add_quiet(trigger, OTHER if trigger.timestamp == 8 else STATE)
    assert [record.trigger for record in log] == handled
    assert [record.before is OTHER for record in log] == [at == 8 for at in range(1, 10)]
