"""Which limit orders rest, which take, and which are no limit at all."""

import pytest

from tests.support.fills import fills_of
from tests.support.runs import buy, close, sell

RESTING = [
    (None, buy(time_in_force="Gtc", max_price=90.0), "end of run"),
    (None, buy(time_in_force="Alo", max_price=90.0), "end of run"),
    (None, buy(time_in_force="Alo", max_price=500.0), "would take"),
    (None, buy(time_in_force="gtc", max_price=500.0), None),
    (None, buy(time_in_force="Gtc"), None),
    (None, buy(time_in_force="Gtc", min_price=90.0), None),
    (None, sell(time_in_force="Alo", min_price=120.0), "end of run"),
    (buy(), close(time_in_force="Gtc", min_price=120.0), "end of run"),
    (buy(), close(time_in_force="Gtc", max_price=120.0), None),
    (sell(), close(time_in_force="Gtc", max_price=90.0), "end of run"),
]


@pytest.mark.parametrize(("before", "decision", "unfilled"), RESTING)
def test_a_limit_rests_unless_it_takes_and_one_that_does_not_apply_is_no_limit(before, decision, unfilled):
    fills, result = fills_of({1: before, 3: decision}, 4)
    assert result.rejections == ({} if unfilled is None else {unfilled: 1})
    assert len(fills) == (before is not None) + (unfilled is None)
