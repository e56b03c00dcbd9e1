"""Groups: one order that fills or triggers cancels the others, a part of it cuts them down."""

import pytest

from engine import Instrument, OrderRejected, VenueRules
from tests.support.fills import fills_of
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, sell, wired

GROUP = {"another of its group filled": 1}


def bid(limit, coins=10.0, **fields):
    return buy(portion=0.0, size=coins, max_price=limit, time_in_force="Gtc", group="g", **fields)


def stop(trigger, coins=10.0, **fields):
    return buy(portion=0.0, size=coins, trigger_price=trigger, group="g", **fields)


def told(decisions, *rows, minutes=6, **fields):
    fills, result = fills_of(decisions, minutes, market(X=klines(*rows)), **fields)
    return [each[:4] for each in fills], result.rejections


RISES = 100.0, 100.0, (100, 103, 100, 102), (102, 102, 97, 98), 98.0
FALLS = 100.0, 100.0, (100, 100, 97, 98), (98, 103, 98, 102), 102.0


@pytest.mark.parametrize("orders", [(bid(98.0), stop(102.0)), (stop(102.0), bid(98.0))])
def test_of_a_limit_and_a_stop_entry_the_first_one_cancels_the_other(orders):
    assert told({1: list(orders)}, *RISES) == ([(3, "buy", 10.0, 102.0)], GROUP)
    assert told({1: list(orders)}, *FALLS) == ([(3, "buy", 10.0, 98.0)], GROUP)


@pytest.mark.parametrize("orders", [(bid(98.0), stop(102.0)), (stop(102.0), bid(98.0))])
def test_a_kline_that_reaches_both_fills_the_older_one_alone(orders):
    (fill,), rejections = told({1: list(orders)}, 100.0, 100.0, (100, 103, 97, 100), 100.0)
    assert fill == (3, "buy", 10.0, orders[0].max_price or 102.0)
    assert rejections == GROUP


def test_a_trigger_cancels_the_others_though_its_order_is_refused_then():
    orders = [stop(102.0, max_price=101.0), bid(98.0)]
    assert told({1: orders}, *RISES) == ([], {"limit not met": 1, **GROUP})


def test_a_trigger_cancels_the_others_and_its_limit_rests_alone():
    orders = [stop(102.0, max_price=101.0, time_in_force="Gtc"), bid(98.0)]
    assert told({1: orders}, *RISES) == ([(4, "buy", 10.0, 101.0)], GROUP)


def test_an_order_that_takes_at_once_cancels_the_others():
    market_order = buy(portion=0.0, size=1.0, group="g")
    found = told({1: [bid(98.0), bid(97.0), market_order]}, *RISES)
    assert found == ([(1, "buy", 1.0, 100.0)], {"another of its group filled": 2})


def test_an_order_that_is_refused_cancels_nothing():
    refused = [buy(portion=0.0, size=1000.0, group="g"), buy(portion=0.0, size=1.0, max_price=99.0, group="g")]
    found = told({1: [bid(98.0), *refused]}, *FALLS)
    assert found[0] == [(3, "buy", 10.0, 98.0)]
    assert found[1] == {"size above the available balance": 1, "limit not met": 1}


def test_an_order_that_expires_or_is_cancelled_leaves_the_others():
    assert told({1: [bid(99.9, expires_after_seconds=30), bid(98.0)]}, *FALLS) == (
        [(3, "buy", 10.0, 98.0)],
        {"expired": 1},
    )


def test_other_groups_and_orders_without_one_stay():
    others = [bid(98.5), bid(98.4)]
    others[0].group, others[1].group = "h", ""
    fills, rejections = told({1: [*others, bid(98.0), stop(102.0)]}, *FALLS)
    assert [price for *_, price in fills] == [98.5, 98.4, 98.0]
    assert rejections == GROUP


def test_a_fill_whose_size_no_division_gives_back_is_a_whole_one():
    """3 x 99.501 / 99.501 is not 3: what rounding leaves of an order is nothing that another one could wait for."""
    fills, rejections = told(
        {1: [bid(99.501, 3.0, leverage=3), bid(98.604, 3.0, leverage=10)]}, 100.0, 100.0, 99.0, 98.7
    )
    assert (fills, rejections) == ([(3, "buy", 3.0, 99.501)], GROUP)


def test_a_part_that_fills_leaves_the_others_the_share_that_is_left():
    """4 of 10 fill, so that 0.6 of 20 are left, and 0.6 of 5 of the stop; then 3 of 6, and half of that."""
    low = (100, 100, 98.5, 100)
    rows = (*(4 * (100.0,)), 4.0), (*(4 * (100.0,)), 4.0), (*low, 4.0), (*low, 3.0), (*low, 0.0)
    script = Script({1: [bid(99.0, 10.0, tag="a"), bid(98.0, 20.0, tag="b"), stop(105.0, 5.0, tag="c")]})
    sim = wired(market(X=klines(*rows)), config(script, 5, volume_cap_percent=100.0))
    cancelled = []
    sim.bus.listen(OrderRejected, lambda each: cancelled.append(each.reason))
    sim.run()
    seen = {minute: {each.tag: each.size for each in data.open_orders} for minute, data in script.seen.items()}
    assert seen[2] == {"a": 10.0, "b": 20.0, "c": 5.0}
    assert seen[3] == pytest.approx({"a": 6.0, "b": 12.0, "c": 3.0})
    assert seen[4] == pytest.approx({"a": 3.0, "b": 6.0, "c": 1.5})
    assert cancelled == ["end of run"] * 3
    fills = [((each.timestamp - START) / MINUTE, each.size, each.price) for each in sim.exchange.fills]
    assert fills == [(3, 4.0, 99.0), (4, 3.0, 99.0)]


def test_parts_of_two_orders_of_one_kline_cut_each_other_down():
    """The older one takes 2 of its 4; of the 8 of the younger one 4 are left, and 2 more coins are to be had."""
    rows = [(*(4 * (100.0,)), 4.0), (*(4 * (100.0,)), 4.0), (100, 100, 97, 100, 2.0), (100, 100, 97, 100, 4.0)]
    orders = [bid(99.0, 4.0), bid(98.0, 8.0)]
    fills, rejections = told({1: orders}, *rows, (100, 100, 99.5, 100, 4.0), volume_cap_percent=100.0)
    assert fills == [(3, "buy", 2.0, 99.0), (4, "buy", 2.0, 99.0)]
    assert rejections == GROUP


def test_what_waits_for_its_trigger_is_cut_down_in_its_own_measure():
    """4 of 10 coins fill: 0.6 of 1,050 USD, and of half of the balance, are left to those that wait."""
    rows = [(*(4 * (100.0,)), 4.0), (*(4 * (100.0,)), 4.0), (100, 100, 98.5, 100, 4.0), (105, 105, 105, 105, 1000.0)]
    dollars = buy(portion=0.0, notional=1050.0, trigger_price=105.0, group="g")
    fills, _ = told({1: [bid(99.0, 10.0), dollars]}, *rows, 105.0, volume_cap_percent=100.0)
    assert fills[0] == (3, "buy", 4.0, 99.0)
    # what fills at an open shares the volume of the kline before, which is spent; the rest works on at the next close
    assert sum(size for _, _, size, _ in fills[1:]) == pytest.approx(6.0)
    share = buy(portion=0.5, trigger_price=105.0, group="g")
    fills, _ = told({1: [bid(99.0, 10.0), share]}, *rows, 105.0, volume_cap_percent=100.0)
    balance = 10_000 + 4 * (105.0 - 99.0) - 4 * 99.0
    assert sum(size for _, _, size, _ in fills[1:]) == pytest.approx(0.3 * balance / 105.0, rel=1e-2)


def test_the_share_that_is_left_is_in_whole_steps_and_less_than_one_is_none():
    """9 of 10 coins fill: of the 25 of a limit 2 are left, of the 5 that were to close nothing."""
    rules = VenueRules(instruments={"X": Instrument("X", size_step="1")})
    rows = (*(4 * (100.0,)), 100.0), (*(4 * (100.0,)), 100.0), (100, 100, 98.5, 100, 9.0), (100, 103, 97, 100, 100.0)
    out = sell(portion=0.0, size=5.0, min_price=102.0, time_in_force="Gtc", reduce_only=True, group="g")
    first = buy(portion=0.0, size=5.0)
    script = Script({1: [first, bid(99.0, 10.0), bid(98.0, 25.0, leverage=5), out]})
    sim = wired(market(X=klines(*rows)), config(script, 4, volume_cap_percent=100.0), rules=rules)
    result = sim.run()
    assert [(each.side, each.size, each.price) for each in script.seen[3].open_orders] == [
        ("Buy", 1.0, 99.0),
        ("Buy", 2.0, 98.0),
    ]
    assert [(each.size, each.price) for each in sim.exchange.fills] == [(5.0, 100.0), (9.0, 99.0), (1.0, 99.0)]
    assert result.rejections == {"another of its group filled": 2}


def test_what_only_reduces_and_cannot_open_the_rest_is_a_part_too():
    """All other money stands in Y, which falls: 5 of 20 coins close the short, 0.75 of 8 stay."""
    history = market(X=klines(100.0, 100.0, 100.0, (100, 100, 98.5, 98.5)), Y=klines(100.0, 100.0, 90.0, 90.0))
    first = sell(portion=0.0, size=5.0)
    script = Script({1: [first, bid(99.0, 20.0), bid(98.0, 8.0), buy("Y", portion=1.0)]})
    sim = wired(history, config(script, 5, ("X", "Y"), liquidation=False))
    result = sim.run()
    assert [(each.price, each.size) for each in script.seen[5].open_orders] == [(98.0, 6.0)]
    assert [(each.symbol, each.size) for each in sim.exchange.fills] == [("X", 5.0), ("Y", 95.0), ("X", 5.0)]
    assert result.rejections == {"no available balance": 1, "end of run": 1}


def test_a_group_reaches_across_symbols():
    history = market(X=klines(*FALLS), Y=klines(*FALLS))
    other = sell("Y", portion=0.0, size=1.0, trigger_price=95.0, group="g")
    fills, result = fills_of({1: [other, bid(98.0)]}, 6, history)
    assert len(fills) == 1
    assert result.rejections == GROUP


@pytest.mark.parametrize("orders", [(bid(98.0), stop(102.0)), (stop(102.0), bid(98.0))])
def test_a_kline_that_reaches_both_is_said_to_be_in_no_range(orders):
    _, result = fills_of({1: list(orders)}, 6, market(X=klines(100.0, 100.0, (100, 103, 97, 100), 100.0)))
    said = "1 kline touched two orders of one group: the older one filled; what the other way round"
    assert any(text.startswith(said) for text in result.warnings)
    assert (result.ambiguous_klines, result.pnl_low, result.undefined["pnl_width"]) == (0, None, "no rule to vary")


@pytest.mark.parametrize("rows", [RISES, FALLS])
def test_klines_that_reach_one_after_the_other_are_not(rows):
    _, result = fills_of({1: [bid(98.0), stop(102.0)]}, 6, market(X=klines(*rows)))
    assert not any("of one group" in text for text in result.warnings)
    assert result.pnl_width == 0.0
