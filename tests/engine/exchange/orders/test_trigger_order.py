"""Orders that wait for a trigger: when they trade, at what price, and as what."""

import pytest

from tests.support.fills import fills_of, outline
from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script, sell

# Minute by minute; what is decided at minute 1 is decided at 100, and the kline of minute 1 is flat.
UP = (100.0, 100.0, (100, 103, 99, 102), (102, 102, 100, 101), 101.0, 101.0)
DOWN = (100.0, 100.0, (100, 101, 97, 99), 99.0, 99.0, 99.0)


def entering(*rows, order, minutes=6, **fields):
    """Return the fills of one order that is given at minute 1, as (minute, side, size, price), and the rejections."""
    fills, result = fills_of({1: order}, minutes, market(X=klines(*rows)), **fields)
    return [(minute, side, size, price) for minute, side, size, price, *_ in fills], result.rejections


def exact(coins=10.0, order=buy, **fields):
    return order(portion=0.0, size=coins, **fields)


@pytest.mark.parametrize(
    ("rows", "order", "expected"),
    [
        (UP, exact(trigger_price=102.0), (3, "buy", 10.0, 102.0)),
        (UP, exact(order=sell, trigger_price=102.0), (3, "sell", 10.0, 102.0)),
        (UP, exact(trigger_price=103.0), (3, "buy", 10.0, 103.0)),
        (DOWN, exact(order=sell, trigger_price=98.0), (3, "sell", 10.0, 98.0)),
        (DOWN, exact(trigger_price=98.0), (3, "buy", 10.0, 98.0)),
        (DOWN, exact(trigger_price=97.0), (3, "buy", 10.0, 97.0)),
    ],
)
def test_a_trigger_above_the_price_waits_for_a_rise_and_one_below_for_a_fall(rows, order, expected):
    assert entering(*rows, order=order) == ([expected], {})


@pytest.mark.parametrize("trigger", [103.5, 96.5])
def test_a_trigger_that_nothing_reaches_waits_to_the_end(trigger):
    assert entering(*UP, order=exact(trigger_price=trigger)) == ([], {"end of run": 1})


def test_a_kline_that_opens_beyond_the_trigger_trades_at_its_open_when_it_opens():
    order = exact(trigger_price=102.0)
    assert entering(100.0, 100.0, (105, 107, 101, 103), 103.0, order=order)[0] == [(2, "buy", 10.0, 105.0)]
    # the one that opens at the very instant at which the order is placed, too
    assert entering(100.0, (105, 107, 101, 103), 103.0, order=order)[0] == [(1, "buy", 10.0, 105.0)]


def test_a_kline_that_opened_before_the_order_was_placed_is_not_looked_at():
    rows = 100.0, (100, 103, 97, 100), 100.0, (100, 102, 100, 101), 101.0
    fills, _ = fills_of({1.5: exact(trigger_price=102.0)}, 5, market(X=klines(*rows)), scheduled_interval=30)
    assert outline(fills) == [(4, "buy", 102.0)]


def test_a_triggered_order_pays_slippage_and_the_taker_fee():
    fills, _ = fills_of(
        {1: exact(trigger_price=102.0)},
        6,
        market(X=klines(*UP)),
        slippage_percent=1.0,
        fee_rate=0.1,
        maker_fee_rate=0.0,
    )
    ((_, _, size, price, fee, _),) = fills
    assert (size, price, fee) == (10.0, 102.0 * 1.01, pytest.approx(10.0 * 103.02 * 0.001))


@pytest.mark.parametrize(
    ("fields", "slippage", "expected", "rejections"),
    [
        ({"max_price": 102.0}, 0.0, [(3, "buy", 10.0, 102.0)], {}),
        ({"max_price": 101.9}, 0.0, [], {"limit not met": 1}),
        ({"max_price": 103.0}, 1.0, [], {"limit not met": 1}),  # 102 x 1.01 = 103.02
        ({"max_price": 103.0, "time_in_force": "Gtc"}, 0.0, [(3, "buy", 10.0, 102.0)], {}),
        ({"max_price": 100.5, "time_in_force": "Gtc"}, 0.0, [(4, "buy", 10.0, 100.5)], {}),  # rests from minute 3 on
        ({"max_price": 102.0, "time_in_force": "Alo"}, 0.0, [], {"would take": 1}),
        ({"max_price": 100.5, "post_only": True}, 0.0, [(4, "buy", 10.0, 100.5)], {}),
    ],
)
def test_with_a_limit_it_is_judged_at_the_price_of_its_trigger(fields, slippage, expected, rejections):
    order = exact(trigger_price=102.0, **fields)
    assert entering(*UP, order=order, slippage_percent=slippage) == (expected, rejections)


def test_a_limit_that_rests_after_a_trigger_pays_the_maker_fee():
    order = exact(trigger_price=102.0, max_price=100.5, time_in_force="Gtc")
    fills, _ = fills_of({1: order}, 6, market(X=klines(*UP)), fee_rate=0.1, maker_fee_rate=0.01)
    assert [fee for *_, fee, _ in fills] == [pytest.approx(1005.0 * 0.0001)]


def test_a_trigger_at_the_price_of_now_trades_at_once():
    assert entering(*UP, order=exact(trigger_price=100.0)) == ([(1, "buy", 10.0, 100.0)], {})


@pytest.mark.parametrize(
    ("fields", "coins"),
    [
        ({"size": 7.5}, 7.5),
        ({"notional": 1020.0}, 10.0),
        ({"risk_percent": 1.0, "stop_loss_price": 98.0}, 25.0),  # 100 USD over 4 USD a coin
    ],
)
def test_its_size_is_worked_out_when_it_triggers(fields, coins):
    ((_, _, size, price),), _ = entering(*UP, order=buy(portion=0.0, leverage=3, trigger_price=102.0, **fields))
    assert (size, price) == (pytest.approx(coins, rel=1e-12), 102.0)


def test_what_is_not_affordable_is_refused_when_it_triggers():
    found = entering(*UP, order=exact(100.0, trigger_price=102.0))  # 10,200 USD of 10,000
    assert found == ([], {"size above the available balance": 1})


def test_its_bracket_is_judged_where_it_trades_and_watched_from_then_on():
    wrong = exact(trigger_price=102.0, stop_loss_price=102.0)
    assert entering(*UP, order=wrong) == ([], {"stop loss on the wrong side": 1})
    # the kline that triggers reaches 99 too, and nobody knows in which order
    right = exact(trigger_price=102.0, stop_loss_price=100.5)
    assert entering(*UP, order=right)[0] == [(3, "buy", 10.0, 102.0), (4, "sell", 10.0, 100.5)]


def test_a_decision_the_other_way_neither_cancels_it_nor_is_it_cancelled_by_it():
    rows = market(X=klines(*UP))
    fills, result = fills_of({1: [exact(trigger_price=102.0), sell(portion=0.1)], 2: close()}, 6, rows)
    assert outline(fills) == [(1, "sell", 100.0), (2, "buy", 100.0), (3, "buy", 102.0)]
    assert result.rejections == {}


def test_a_reduce_only_trigger_closes_no_more_than_there_is():
    stop = exact(20.0, order=sell, trigger_price=98.0, reduce_only=True)
    fills, result = fills_of({1: [exact(), stop]}, 6, market(X=klines(*DOWN)))
    assert [each[:4] for each in fills] == [(1, "buy", 10.0, 100.0), (3, "sell", 10.0, 98.0)]
    assert result.rejections == {}
    fills, result = fills_of({1: [exact(), stop], 2: close()}, 6, market(X=klines(*DOWN)))
    assert result.rejections == {"position gone": 1}


def test_a_reduce_only_trigger_may_come_before_its_position_and_outlives_the_one_the_other_way():
    stop = exact(20.0, order=sell, trigger_price=98.0, reduce_only=True)
    short = exact(5.0, order=sell)
    fills, result = fills_of({1: [short, stop, close(), exact()]}, 6, market(X=klines(*DOWN)))
    assert [each[:4] for each in fills][-2:] == [(1, "buy", 10.0, 100.0), (3, "sell", 10.0, 98.0)]
    assert result.rejections == {}
    assert entering(*DOWN, order=stop) == ([], {"nothing to close": 1})


@pytest.mark.parametrize(
    ("order", "kind", "side", "price"),
    [
        (exact(trigger_price=110.0, tag="t"), "Stop Market", "Buy", None),
        (exact(trigger_price=90.0, tag="t"), "Take Profit Market", "Buy", None),
        (exact(order=sell, trigger_price=90.0, min_price=89.0, tag="t"), "Stop Limit", "Sell", 89.0),
        (exact(order=sell, trigger_price=110.0, min_price=89.0, tag="t"), "Take Profit Limit", "Sell", 89.0),
    ],
)
def test_a_program_sees_it_waiting(order, kind, side, price):
    script, _, _ = run_script(market(X=klines(*UP)), {1: order}, 3)
    (seen,) = script.seen[2].open_orders
    assert (seen.order_type, seen.side, seen.price, seen.trigger_price) == (kind, side, price, order.trigger_price)
    assert (seen.size, seen.tag, seen.timestamp, seen.reduce_only) == (10.0, "t", START + MINUTE, False)


def test_a_trigger_without_a_usable_price_is_refused():
    rows = 100.0, *[None] * 15, 100.0
    fills, result = fills_of({14: exact(trigger_price=102.0)}, 16, market(X=klines(*rows)))
    assert (fills, result.rejections) == ([], {"stale price": 1})


@pytest.mark.parametrize("execution", ["open", "vwap"])
def test_it_does_not_wait_for_another_kline_whatever_the_execution(execution):
    assert entering(*UP, order=exact(trigger_price=102.0), execution_price=execution)[0] == [(3, "buy", 10.0, 102.0)]
