"""The triggers of a pool are instants until they are looked at, and then what they would have been at once."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

from engine import MarketHistory
from engine.signals import PoolTriggers, detect
from engine.signals.check_points import CheckPoints
from engine.signals.pool_triggers import facts
from tests.support.signal_markets import history_of, pool_of
from tests.support.signal_triggers import case


@pytest.mark.parametrize("seed", range(12))
def test_what_signals_saw_at_an_instant_does_not_depend_on_the_other_instants(seed: int) -> None:
    market, conditions, logic, start, end = case(seed)
    pool, history = pool_of(conditions, logic), history_of(market)
    found = detect(pool, history, start, end).triggers
    for place in (*range(len(found)), *reversed(range(len(found)))):
        points = CheckPoints(history, np.array([found.times_ms[place]]))
        members = [signal.condition.states(points) for signal in pool.signals]
        assert repr(found[place].triggered_signals) == repr(facts(pool, points, members, 0)) != "()"
        assert found[place].timestamp == points.times_ms[0]


def test_triggers_are_a_sequence() -> None:
    market, conditions, logic, start, end = case(6)
    found = detect(pool_of(conditions, logic), history_of(market), start, end).triggers
    assert len(found) > 1
    assert [*found][-1:] == found[-1:] == [found[-1]]
    with pytest.raises(IndexError):
        found[len(found)]


def seen_and_history() -> tuple[PoolTriggers, MarketHistory, list[str]]:
    market, conditions, logic, start, end = case(6)
    history = MarketHistory([history_of(market)])
    (symbol,) = history.symbols.values()
    found = detect(pool_of(conditions, logic), symbol, start, end).triggers
    return found, history, [repr(each) for each in found]


def test_triggers_that_outlive_their_market_have_kept_what_was_seen() -> None:
    found, history, expected = seen_and_history()
    found.outlive(history)
    there = [weakref.ref(each) for each in (history, *history.symbols.values())]
    del history
    gc.collect()
    assert [each() for each in there] == [None, None]
    assert [repr(each) for each in found] == expected
    found.let_go()
    assert [repr(each) for each in found] == expected


def test_what_nobody_reads_does_not_wait_for_the_end_of_its_market() -> None:
    found, history, _ = seen_and_history()
    found.outlive(history)
    reference = weakref.ref(found)
    del found
    gc.collect()
    assert reference() is None
    assert len(history.symbols) == 1


def test_copies_and_pickles_have_what_was_seen_and_no_history() -> None:
    found, history, expected = seen_and_history()
    for copied in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert [repr(each) for each in copied] == expected
    base = next(iter(history.symbols.values())).base
    assert len(pickle.dumps(found)) < len(expected) * 1_000 + 8 * len(base.columns)
    copied = pickle.loads(pickle.dumps(found))
    reference = weakref.ref(history)
    del history, found, base
    gc.collect()
    assert reference() is None
    assert [repr(each) for each in pickle.loads(pickle.dumps(copied))] == expected
