"""The triggers of a pool are instants until they are looked at, and then what they would have been at once."""

import numpy as np
import pytest

from engine.signals import detect
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
