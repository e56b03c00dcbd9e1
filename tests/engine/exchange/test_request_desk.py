"""Cancelling and amending what works, and what closes an entry by itself."""

import pytest

from engine import Decision
from tests.support.fills import fills_of
from tests.support.runs import buy, close, klines, market, run_script, sell

FLAT = (100.0,) * 3
DIP = (100, 100, 98, 100)
CANCELLED = "cancelled by a decision"


def bid(limit=99.0, coins=10.0, terms="Gtc", **fields):
    return buy(portion=0.0, size=coins, max_price=limit, time_in_force=terms, **fields)


def cancel(**named):
    return Decision("cancel", "X", **named)


def amend(tag="a", **changes):
    return Decision("amend", "X", tag=tag, **changes)


def told(decisions, *rows, minutes=6, **fields):
    fills, result = fills_of(decisions, minutes, market(X=klines(*rows)), **fields)
    return [each[:4] for each in fills], result.rejections


def by_id(position, what=cancel, **changes):
    """A request for the order that stands at a place among those that are open."""
    return lambda data: what(order_id=data.open_orders[position].order_id, **changes)


# --- cancel -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "left"),
    [(cancel(), []), (cancel(tag="a"), [98.0]), (by_id(0), [97.0, 98.0]), (by_id(2), [99.0, 97.0])],
)
def test_orders_are_cancelled_by_id_by_tag_or_all_of_the_symbol(request_, left):
    orders = [bid(99.0, tag="a"), bid(97.0, tag="a"), bid(98.0, tag="b")]
    script, _, result = run_script(market(X=klines(*FLAT)), {1: orders, 2: request_}, 4)
    assert [each.price for each in script.seen[3].open_orders] == left
    assert result.rejections[CANCELLED] == 3 - len(left)
    assert result.orders_submitted == 4


@pytest.mark.parametrize("request_", [cancel(), cancel(tag="b"), cancel(order_id=999), cancel(order_id=1)])
def test_nothing_to_cancel_is_counted_and_no_error(request_):
    found = told({1: buy(portion=0.0, size=10.0, tag="a", stop_loss_price=90.0), 2: request_}, *FLAT, 89.0)
    assert found == ([(1, "buy", 10.0, 100.0), (3, "sell", 10.0, 89.0)], {"nothing to cancel": 1})


def test_the_orders_of_other_symbols_stay():
    history = market(X=klines(*FLAT, DIP), Y=klines(*FLAT, DIP))
    other = Decision("buy", "Y", size=10.0, max_price=99.0, time_in_force="Gtc", tag="a")
    fills, result = fills_of({1: [bid(tag="a"), other], 2: cancel(tag="a")}, 5, history)
    assert len(fills) == 1
    assert result.rejections == {CANCELLED: 1}


def test_a_leg_of_an_exit_is_cancelled_by_its_own_id_and_its_twin_goes_on():
    entry = buy(portion=0.0, size=10.0, take_profit_price=110.0, stop_loss_price=90.0)
    rows = *FLAT, (100, 100, 89, 100), (100, 112, 100, 111)
    assert told({1: entry, 2: by_id(1)}, *rows)[0] == [(1, "buy", 10.0, 100.0), (5, "sell", 10.0, 110.0)]
    assert told({1: entry, 2: by_id(0)}, *rows)[0] == [(1, "buy", 10.0, 100.0), (4, "sell", 10.0, 90.0)]
    found = told({1: entry, 2: by_id(0), 3: by_id(0)}, *rows)
    assert found == ([(1, "buy", 10.0, 100.0)], {})


GAP = (85, 86, 84, 85)


def test_a_limit_stop_that_rests_is_cancelled_and_the_take_profit_goes_on():
    entry = buy(portion=0.0, size=10.0, take_profit_price=110.0, stop_loss_price=90.0)
    rows = 100.0, 100.0, GAP, 85.0, (85, 112, 85, 111)
    assert told({1: entry}, *rows, bracket_execution="limit")[0][1:] == [(5, "sell", 10.0, 90.0)]
    found = told({1: entry, 4: by_id(1)}, *rows, bracket_execution="limit")
    assert found == ([(1, "buy", 10.0, 100.0), (5, "sell", 10.0, 110.0)], {})


def test_a_limit_stop_that_rests_may_be_moved_and_gapped_through_again():
    entry = buy(portion=0.0, size=10.0, tag="a", stop_loss_price=90.0)
    rows = 100.0, 100.0, GAP, 85.0, (75, 76, 74, 75), (75, 82, 75, 82)
    found = told({1: entry, 3: amend(stop_loss_price=80.0)}, *rows, minutes=7, bracket_execution="limit")
    assert found == ([(1, "buy", 10.0, 100.0), (6, "sell", 10.0, 80.0)], {})


def test_exits_that_an_open_has_filled_in_part_are_moved_in_the_kline_that_goes_on():
    entry = buy(portion=0.0, size=10.0, tag="a", take_profit_price=110.0)
    rows = (*FLAT, 100, 100.0), (*FLAT, 100, 4.0), (115, 116, 114, 115, 100.0), (115, 116, 114, 115, 100.0)
    ways = {"bracket_execution": "limit", "volume_cap_percent": 100.0, "scheduled_interval": 30}
    fills, _ = told({1: entry, 2.5: amend(stop_loss_price=90.0)}, *rows, **ways)
    assert fills == [(1, "buy", 10.0, 100.0), (2, "sell", 4.0, 110.0), (3, "sell", 6.0, 110.0)]


def test_a_trailing_stop_that_is_cancelled_takes_the_time_stop_of_its_id_along():
    entry = buy(portion=0.0, size=10.0, trailing_stop_percent=5.0, max_holding_seconds=120.0)
    assert told({1: entry}, *FLAT, *FLAT)[0][1:] == [(3, "sell", 10.0, 100.0)]
    assert told({1: entry, 2: by_id(0)}, *FLAT, *FLAT) == ([(1, "buy", 10.0, 100.0)], {})


def test_a_leg_that_stays_is_watched_in_the_kline_that_goes_on():
    """The stop-loss is cancelled in the middle of a kline that reaches the take-profit, which has been there before."""
    entry = buy(portion=0.0, size=10.0, take_profit_price=110.0, stop_loss_price=90.0)
    decisions = {1: entry, 2.5: by_id(1)}
    fills, _ = told(decisions, 100.0, 100.0, (100, 111, 100, 105), 105.0, scheduled_interval=30)
    assert fills == [(1, "buy", 10.0, 100.0), (3, "sell", 10.0, 110.0)]


def test_decisions_of_one_list_see_what_the_ones_before_them_did():
    assert told({1: [bid(), cancel(), cancel(), bid(98.5)]}, 100.0, 100.0, DIP) == (
        [(3, "buy", 10.0, 98.5)],
        {CANCELLED: 1, "nothing to cancel": 1},
    )


# --- close with cancel_orders -------------------------------------------------------------------------------------


def test_a_close_with_cancel_orders_cancels_what_works_too():
    works = [bid(), buy(portion=0.0, size=1.0, trigger_price=105.0), buy(portion=0.0, size=5.0)]
    found = told({1: works, 2: close(cancel_orders=True)}, *FLAT, DIP, 106.0)
    assert found == ([(1, "buy", 5.0, 100.0), (2, "sell", 5.0, 100.0)], {CANCELLED: 2})


def test_without_a_position_it_cancels_and_is_carried_out():
    _, sim, result = run_script(market(X=klines(*FLAT)), {1: bid(), 2: close(cancel_orders=True)}, 3)
    assert result.rejections == {CANCELLED: 1}
    assert str(sim.exchange.lives.state(2)) == "carried out"
    assert told({1: bid(), 2: close()}, *FLAT, DIP) == ([(4, "buy", 10.0, 99.0)], {"nothing to close": 1})
    assert told({2: close(cancel_orders=True)}, *FLAT) == ([], {"nothing to close": 1})


def test_a_close_that_rests_is_not_among_those_that_it_cancels():
    rests = close(cancel_orders=True, min_price=105.0, time_in_force="Gtc")
    works = [bid(), buy(portion=0.0, size=5.0)]
    found = told({1: works, 2: rests}, *FLAT, (100, 106, 98, 100))
    assert found == ([(1, "buy", 5.0, 100.0), (4, "sell", 5.0, 105.0)], {CANCELLED: 1})


def test_a_close_that_is_refused_cancels_nothing():
    found = told({1: [bid(), buy(portion=0.0, size=5.0)], 2: close(cancel_orders=True, min_price=101.0)}, *FLAT, DIP)
    assert found == ([(1, "buy", 5.0, 100.0), (4, "buy", 10.0, 99.0)], {"limit not met": 1})


# --- amend: the place in the book ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 4.0}, (3, "buy", 4.0, 99.0)),
        ({"size": 10.0}, (3, "buy", 10.0, 99.0)),
        ({"stop_loss_price": 95.0}, (3, "buy", 10.0, 99.0)),
        ({"expires_after_seconds": 600}, (3, "buy", 10.0, 99.0)),
        ({"size": 11.0}, (4, "buy", 11.0, 99.0)),
        ({"max_price": 98.5}, (4, "buy", 10.0, 98.5)),
        ({"max_price": 98.5, "size": 4.0}, (4, "buy", 4.0, 98.5)),
    ],
)
def test_amended_in_the_running_kline_only_what_keeps_its_place_fills_in_it(changes, expected):
    decisions = {1: bid(tag="a"), 2.5: amend(**changes)}
    assert told(decisions, 100.0, 100.0, DIP, DIP, minutes=4, scheduled_interval=30) == ([expected], {})


def test_what_was_placed_in_the_running_kline_does_not_fill_in_it_by_being_amended():
    decisions = {2.25: bid(tag="a"), 2.5: amend(size=4.0)}
    assert told(decisions, 100.0, 100.0, DIP, DIP, scheduled_interval=15)[0] == [(4, "buy", 4.0, 99.0)]


@pytest.mark.parametrize(
    ("changes", "first"), [({"size": 4.0}, 99.0), ({"size": 11.0}, 98.9), ({"max_price": 99.0}, 98.9)]
)
def test_what_loses_its_place_comes_after_the_others(changes, first):
    decisions = {1: [bid(99.0, tag="a"), bid(98.9, tag="b")], 2: amend(**changes)}
    fills, _ = told(decisions, *FLAT, DIP)
    assert fills[0][3] == first
    assert len(fills) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 4.0}, (3, "buy", 4.0, 102.0)),
        ({"stop_loss_price": 95.0}, (3, "buy", 10.0, 102.0)),
        ({"trigger_price": 102.5}, (4, "buy", 10.0, 102.5)),
        ({"max_price": 102.0}, (4, "buy", 10.0, 102.0)),
        ({"size": 11.0}, (4, "buy", 11.0, 102.0)),
    ],
)
def test_a_trigger_order_keeps_or_loses_its_place_likewise(changes, expected):
    decisions = {1: buy(portion=0.0, size=10.0, trigger_price=102.0, tag="a"), 2.5: amend(**changes)}
    rows = 100.0, 100.0, (100, 103, 100, 100), (100, 103, 100, 100)
    assert told(decisions, *rows, minutes=4, scheduled_interval=30) == ([expected], {})


def test_a_new_trigger_is_placed_against_the_price_of_now_and_an_old_one_is_not():
    """At minute 2.5 the price is 103: above the trigger that was placed below it, in a kline not looked at."""
    stop = buy(portion=0.0, size=10.0, trigger_price=102.0, tag="a")
    rows = 100.0, (100, 104, 100, 103), (101, 101.5, 101, 101), (101, 101, 101, 101), (101, 103, 101, 103)
    at = {"scheduled_interval": 30}
    assert told({1.5: stop, 2.5: amend(stop_loss_price=99.0)}, *rows, **at)[0][0] == (5, "buy", 10.0, 102.0)
    # 100.5 is below the 103 of now: it waits for a fall
    fallen = (*rows[:4], (101, 101, 100, 101))
    assert told({1.5: stop, 2.5: amend(trigger_price=100.5)}, *fallen, **at)[0] == [(5, "buy", 10.0, 100.5)]


# --- amend: what is refused, and what takes -----------------------------------------------------------------------


def test_a_limit_that_the_price_meets_takes_at_once():
    fills, result = fills_of(
        {1: bid(tag="a"), 2: amend(max_price=100.5)},
        4,
        market(X=klines(*FLAT, 100.0)),
        fee_rate=0.1,
        maker_fee_rate=0.0,
        slippage_percent=0.1,
    )
    assert [each[:4] for each in fills] == [(2, "buy", 10.0, pytest.approx(100.1))]
    assert fills[0][4] == pytest.approx(1.001)
    assert result.rejections == {}


def test_one_that_slippage_takes_beyond_its_limit_rests():
    decisions = {1: bid(tag="a"), 2: amend(max_price=100.05)}
    assert told(decisions, *FLAT, (100, 100, 99, 100), slippage_percent=0.1)[0] == [(3, "buy", 10.0, 100.05)]


def test_one_that_may_not_take_stays_as_it_was():
    decisions = {1: bid(terms="Alo", tag="a"), 2: amend(max_price=100.0)}
    assert told(decisions, *FLAT, DIP) == ([(4, "buy", 10.0, 99.0)], {"would take": 1})
    decisions = {1: bid(post_only=True, tag="a"), 2: amend(max_price=100.0, size=3.0)}
    assert told(decisions, *FLAT, DIP) == ([(4, "buy", 10.0, 99.0)], {"would take": 1})


def test_the_bracket_of_one_that_takes_is_judged_at_the_price_it_gets():
    """The limit of 105 is a bound: 101 is above the 100 that is paid."""
    decisions = {1: bid(tag="a"), 2: amend(max_price=105.0, stop_loss_price=101.0)}
    assert told(decisions, *FLAT, DIP) == ([(4, "buy", 10.0, 99.0)], {"stop loss on the wrong side": 1})
    decisions = {1: bid(tag="a"), 2: amend(max_price=105.0, take_profit_price=103.0)}
    assert told(decisions, *FLAT, (100, 104, 100, 100))[0] == [(2, "buy", 10.0, 100.0), (4, "sell", 10.0, 103.0)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"size": 200.0}, "size above the available balance"),
        ({"stop_loss_price": 99.0}, "stop loss on the wrong side"),
        ({"take_profit_price": 98.0}, "take profit on the wrong side"),
        ({"trigger_price": 101.0}, "nothing that can be amended"),
        ({"min_price": 101.0}, "nothing that can be amended"),
    ],
)
def test_what_cannot_be_changes_nothing(changes, reason):
    decisions = {1: bid(tag="a"), 2: amend(**{"expires_after_seconds": 60, **changes})}
    assert told(decisions, *FLAT, 100.0, DIP) == ([(5, "buy", 10.0, 99.0)], {reason: 1})


@pytest.mark.parametrize("changes", [{"size": 4.0}, {"expires_after_seconds": 500}, {"stop_loss_price": 95.0}])
def test_an_order_that_asks_for_no_more_is_amended_whatever_the_balance(changes):
    """All of the balance stands in the position; a resting order uses none of it."""
    decisions = {1: [bid(tag="a"), buy(portion=1.0)], 2: amend(**changes)}
    assert told(decisions, *FLAT, 100.0)[1] == {"end of run": 1}


def test_all_that_a_tag_names_is_amended_or_nothing():
    orders = [bid(99.0, tag="a"), bid(98.5, terms="Alo", tag="a")]
    fills, rejections = told({1: orders, 2: amend(max_price=100.0)}, *FLAT, DIP)
    assert [price for *_, price in fills] == [99.0, 98.5]
    assert rejections == {"would take": 1}
    fills, rejections = told({1: orders, 2: amend(max_price=98.2)}, *FLAT, DIP)
    assert [price for *_, price in fills] == [98.2, 98.2]


def test_the_time_of_an_amended_order_begins_anew():
    decisions = {1: bid(tag="a", expires_after_seconds=90), 2: amend(expires_after_seconds=90)}
    assert told(decisions, *FLAT, DIP, minutes=4) == ([], {"expired": 1})  # at 3.5
    decisions[2] = amend(expires_after_seconds=120)
    assert told(decisions, *FLAT, DIP, minutes=4) == ([(4, "buy", 10.0, 99.0)], {})


@pytest.mark.parametrize(
    "request_", [amend(size=5.0), amend("b", size=5.0), Decision("amend", "X", order_id=77, size=1.0)]
)
def test_nothing_to_amend_is_counted(request_):
    assert told({1: request_}, *FLAT) == ([], {"nothing to amend": 1})


def test_an_amended_size_of_a_share_is_in_coins():
    decisions = {1: buy(max_price=99.0, time_in_force="Gtc", tag="a"), 2: amend(size=4.0)}
    assert told(decisions, *FLAT, DIP)[0] == [(4, "buy", 4.0, 99.0)]
    decisions = {1: buy(trigger_price=102.0, tag="a"), 2: amend(size=4.0)}
    assert told(decisions, *FLAT, (100, 103, 100, 100))[0] == [(4, "buy", 4.0, 102.0)]


# --- amend: the exits of an entry ---------------------------------------------------------------------------------


def entered(side=buy, **exits):
    return side(portion=0.0, size=10.0, tag="a", **exits)


def test_the_exits_of_an_entry_are_amended_by_its_tag():
    rows = *FLAT, (100, 100, 94, 95), (95, 95, 90, 90)
    assert told({1: entered(stop_loss_price=90.0), 2: amend(stop_loss_price=95.0)}, *rows) == (
        [(1, "buy", 10.0, 100.0), (4, "sell", 10.0, 95.0)],
        {},
    )


def test_exits_may_come_later_than_their_entry():
    found = told({1: entered(), 2: amend(stop_loss_price=95.0)}, *FLAT, (100, 100, 94, 95))
    assert found == ([(1, "buy", 10.0, 100.0), (4, "sell", 10.0, 95.0)], {})
    found = told({1: entered(), 2: close(), 3: amend(stop_loss_price=95.0)}, *FLAT, 100.0, 94.0)
    assert found[1] == {"nothing to amend": 1}


@pytest.mark.parametrize("side", [buy, sell])
def test_new_triggers_must_be_on_the_right_side_of_the_price_of_now(side):
    sign = 1 if side is buy else -1
    first = entered(side, stop_loss_price=100 - 10 * sign)
    for wrong, reason in [
        ({"stop_loss_price": 100.0}, "stop loss on the wrong side"),
        ({"stop_loss_price": 100.0 + sign}, "stop loss on the wrong side"),
        ({"take_profit_price": 100.0}, "take profit on the wrong side"),
        ({"take_profit_price": 100.0 - sign, "stop_loss_price": 100 - 2.0 * sign}, "take profit on the wrong side"),
    ]:
        fills, rejections = told({1: first, 2: amend(**wrong)}, *FLAT, 100.0 - 20 * sign)
        assert [price for *_, price in fills] == [100.0, 100.0 - 20 * sign]
        assert rejections == {reason: 1}


def test_a_trigger_that_stays_may_be_where_the_price_has_gone():
    """Entered in the middle of a kline that closes beyond the stop-loss: it fills at the next open."""
    rows = 100.0, (100, 100, 94, 94), None, (93, 93, 92, 93)
    decisions = {1.5: entered(stop_loss_price=95.0), 2: amend(take_profit_price=110.0)}
    found = told(decisions, *rows, scheduled_interval=30)
    assert found == ([(1.5, "buy", 10.0, 100.0), (3, "sell", 10.0, 93.0)], {})


def test_amended_in_the_running_kline_they_are_watched_from_the_next():
    decisions = {1: entered(stop_loss_price=90.0), 2.5: amend(stop_loss_price=95.0)}
    rows = 100.0, 100.0, (100, 100, 94, 100), (100, 100, 94, 100)
    found = told(decisions, *rows, scheduled_interval=30)
    assert found[0] == [(1, "buy", 10.0, 100.0), (4, "sell", 10.0, 95.0)]
    # the one that opens at that instant counts, and its open too
    decisions = {1: entered(stop_loss_price=90.0), 2: amend(stop_loss_price=95.0)}
    assert told(decisions, 100.0, 100.0, (93, 94, 93, 94))[0][1] == (2, "sell", 10.0, 93.0)


def test_a_leg_that_is_not_amended_is_watched_in_the_running_kline():
    """A stop-loss that is moved every half minute leaves the take-profit where it was, and seen."""
    entry = entered(take_profit_price=110.0, stop_loss_price=90.0)
    moves = {2.25: amend(stop_loss_price=91.0), 2.5: amend(stop_loss_price=92.0), 2.75: amend(stop_loss_price=93.0)}
    fast = {"scheduled_interval": 15}
    rises, falls = (100, 111, 100, 105), (100, 100, 89, 95)
    assert told({1: entry, **moves}, 100.0, 100.0, rises, **fast)[0][1:] == [(3, "sell", 10.0, 110.0)]
    # the new stop-loss is not seen in that kline, and neither is the old one; nor is a take-profit that is new as well
    assert told({1: entry, **moves}, 100.0, 100.0, falls, (95, 95, 92, 95), **fast)[0][1:] == [(4, "sell", 10.0, 93.0)]
    moves[2.5] = amend(take_profit_price=109.0)
    assert told({1: entry, **moves}, 100.0, 100.0, rises, 105.0, **fast)[0][1:] == []


def test_a_trailing_stop_goes_on_beside_an_amended_take_profit():
    """It follows the best price up to the new take-profit: 5 percent below 120."""
    entry = entered(take_profit_price=110.0, trailing_stop_percent=5.0)
    rows = 100.0, 100.0, (100, 105, 100, 105), (105, 120, 104, 118), (118, 118, 113, 115)
    fills, _ = told({1: entry, 3: amend(take_profit_price=130.0)}, *rows)
    assert fills[1:] == [(4, "sell", 10.0, 114.0)]


def test_a_leg_is_amended_by_its_own_id():
    entry = entered(take_profit_price=110.0, stop_loss_price=90.0)
    moved = by_id(1, lambda **of: Decision("amend", "X", **of), trigger_price=95.0)
    assert told({1: entry, 2: moved}, *FLAT, (100, 100, 94, 100))[0][1] == (4, "sell", 10.0, 95.0)


def test_a_trailing_stop_of_ones_own_making():
    def trail(data):
        return amend(stop_loss_price=data.get_price("X") - 2.0)

    rows = 100.0, 100.0, 103.0, 106.0, (106, 106, 103, 105), 105.0
    decisions = {1: entered(stop_loss_price=98.0), 2: trail, 3: trail, 4: trail}
    assert told(decisions, *rows)[0] == [(1, "buy", 10.0, 100.0), (5, "sell", 10.0, 104.0)]


def test_requests_take_part_in_the_latency():
    decisions = {1: bid(), 2: cancel()}  # both arrive half a minute later, the second one before the kline closes
    assert told(decisions, 100.0, 100.0, DIP, DIP, order_latency_ms=30_000) == ([], {CANCELLED: 1})
    late = {1: bid(), 3: cancel()}
    found = told(late, 100.0, 100.0, 100.0, DIP, order_latency_ms=60_000)
    assert found == ([(4, "buy", 10.0, 99.0)], {"nothing to cancel": 1})


def test_a_request_that_is_done_is_carried_out():
    _, sim, _ = run_script(market(X=klines(*FLAT)), {1: bid(tag="a"), 2: amend(size=4.0), 3: cancel(tag="a")}, 4)
    assert [str(sim.exchange.lives.state(each)) for each in (1, 2, 3)] == ["cancelled", "carried out", "carried out"]
