"""What all orders of decisions have in common while they work: expiry, and their place among the others."""

import pytest

from engine import OrderRejected
from tests.support.fills import fills_of
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, run_script, wired

FLAT = (100.0,) * 3


def bid(limit=99.0, coins=10.0, **fields):
    return buy(portion=0.0, size=coins, max_price=limit, time_in_force="Gtc", **fields)


def told(decisions, *rows, minutes=6, **fields):
    fills, result = fills_of(decisions, minutes, market(X=klines(*rows)), **fields)
    return [each[:4] for each in fills], result.rejections


def test_what_is_left_is_cancelled_when_its_time_is_over():
    assert told({1: bid(expires_after_seconds=120)}, *FLAT, 100.0, (100, 100, 98, 99), 99.0) == ([], {"expired": 1})


def test_what_closes_at_the_instant_of_the_expiry_comes_first():
    found = told({1: bid(expires_after_seconds=120)}, 100.0, 100.0, (100, 100, 98, 99), 99.0)
    assert found == ([(3, "buy", 10.0, 99.0)], {})


def test_what_opens_at_the_instant_of_the_expiry_comes_too_late():
    stop = buy(portion=0.0, size=10.0, trigger_price=105.0, expires_after_seconds=120)
    assert told({1: stop}, *FLAT, 106.0, 106.0) == ([], {"expired": 1})
    assert told({1: stop}, 100.0, 100.0, 106.0, 106.0) == ([(2, "buy", 10.0, 106.0)], {})


def test_an_order_may_expire_between_two_klines():
    script = Script({1: bid(expires_after_seconds=44.5)})
    sim = wired(market(X=klines(*FLAT)), config(script, 3, scheduled_interval=1))
    rejected = []
    sim.bus.listen(OrderRejected, lambda each: rejected.append((each.timestamp - START, each.reason)))
    sim.run()
    assert rejected == [(MINUTE + 44_500, "expired")]
    shown = [round(minute * 60) for minute, data in script.seen.items() if len(data.open_orders) == 1]
    assert shown == list(range(61, 105))


def test_a_decision_at_the_instant_of_the_expiry_finds_the_order_gone():
    script, _, _ = run_script(market(X=klines(*FLAT)), {1: bid(expires_after_seconds=60)}, 3)
    assert script.seen[2].open_orders == []


def test_a_limit_that_rests_after_its_trigger_expires_when_the_order_would_have():
    """Triggered at minute 3, it rests; the two minutes and a half are those of the order, not of the rest."""
    stop = buy(portion=0.0, size=10.0, trigger_price=102.0, max_price=101.0, time_in_force="Gtc")
    rows = 100.0, 100.0, (100, 103, 100, 102), 102.0, (102, 102, 100, 101), 101.0
    assert told({1: stop}, *rows) == ([(5, "buy", 10.0, 101.0)], {})
    stop.expires_after_seconds = 150
    assert told({1: stop}, *rows) == ([], {"expired": 1})


@pytest.mark.parametrize("execution", ["open", "vwap"])
def test_an_order_that_waits_for_its_kline_expires_as_it_was_placed(execution):
    rows = 100.0, None, None, 100.0, (100, 100, 98, 99), 99.0
    order = bid(expires_after_seconds=60)
    assert told({1: order}, *rows, execution_price=execution) == ([], {"expired": 1})
    order.expires_after_seconds = 179
    assert told({1: order}, *rows, execution_price=execution) == ([], {"expired": 1})
    order.expires_after_seconds = 240
    assert told({1: order}, *rows, execution_price=execution) == ([(5, "buy", 10.0, 99.0)], {})


def test_what_a_volume_cap_leaves_expires_too():
    rows = [(*each, 4.0) for each in ((100, 100, 100, 100), (100, 100, 98, 100), (100, 100, 98, 100))]
    found = told({1: bid(expires_after_seconds=60)}, *rows, (100, 100, 98, 100, 4.0), volume_cap_percent=100.0)
    assert found == ([(2, "buy", 4.0, 99.0)], {"expired": 1})
    whole = buy(portion=0.0, size=10.0, expires_after_seconds=90)
    found = told({1: whole}, *rows, (100, 100, 98, 100, 4.0), volume_cap_percent=100.0)
    assert found == ([(1, "buy", 4.0, 100.0), (2, "buy", 4.0, 100)], {"expired": 1})


def test_an_expiry_at_the_end_of_the_run_is_one():
    assert told({1: bid(expires_after_seconds=120)}, *FLAT, minutes=3) == ([], {"expired": 1})
    assert told({1: bid(expires_after_seconds=120.001)}, *FLAT, minutes=3) == ([], {"end of run": 1})


def test_older_orders_come_first_at_one_close():
    decisions = {1: [bid(99.0, 60.0), bid(99.5, 60.0)]}  # 11,910 USD together
    fills, _ = told(decisions, 100.0, 100.0, (100, 100, 98, 99), 99.0)
    first, second = fills
    assert first == (3, "buy", 60.0, 99.0)
    assert second[2] == pytest.approx((10_000 - 60 * 99.0 + 60 * (99 - 99)) / 99.5)
