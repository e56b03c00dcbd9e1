"""Orders: the price, the fee, the size, and the reasons for which a decision is refused."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from simpy import Environment

from engine import Decision, Fill, OrderRejected, OrderSubmitted, StrategyFailed
from tests.support.runs import (
    MINUTE,
    START,
    Script,
    buy,
    close,
    config,
    klines,
    market,
    run_script,
    sell,
    wired,
)

# Minute by minute: open, high, low, close. A price known at minute k is the close of row k - 1.
RISING = market(
    X=klines(
        (100, 101, 99, 100),
        (101, 104, 98, 102),
        (103, 106, 103, 105),
        (106, 111, 104, 110),
        (110, 120, 100, 115),
        116.0,
    )
)


def fills_of(decisions, minutes=6, history=RISING, **fields):
    """Run a script and return its fills as (minute, side, size, price, fee, purpose), and the result."""
    _, sim, result = run_script(history, decisions, minutes, **fields)
    fills = [
        ((fill.timestamp - START) / MINUTE, fill.side, fill.size, fill.price, fill.fee, fill.purpose)
        for fill in sim.exchange.fills
    ]
    return fills, result


def outline(fills):
    return [(minute, side, price) for minute, side, _, price, _, _ in fills]


@pytest.mark.parametrize(
    ("execution", "expected"),
    [
        ("close", [(1, "buy", 100.0), (3, "sell", 105.0)]),
        ("open", [(1, "buy", 101.0), (3, "sell", 106.0)]),
        ("vwap", [(2, "buy", (104 + 98 + 102) / 3), (4, "sell", (111 + 104 + 110) / 3)]),
    ],
)
def test_the_fill_price_follows_the_execution_mode(execution, expected):
    fills, result = fills_of({1: buy(), 3: close()}, execution_price=execution)
    assert outline(fills) == expected
    assert result.total_trades == 1


@pytest.mark.parametrize("side", ["long", "short"])
def test_slippage_is_against_the_trader_both_ways(side):
    first, signs = (buy, (1, -1)) if side == "long" else (sell, (-1, 1))
    fills, _ = fills_of({1: first(), 3: close()}, slippage_percent=1.0)
    assert [price for *_, price, _, _ in fills] == [100 * (1 + signs[0] / 100), 105 * (1 + signs[1] / 100)]


def test_a_fee_is_a_share_of_the_notional_of_each_fill():
    fills, result = fills_of({1: buy(), 3: close()}, fee_rate=0.1)
    (_, _, size, entry, entry_fee, _), (_, _, closed, out, exit_fee, _) = fills
    assert (size, entry, out, closed) == (5000 / 100, 100.0, 105.0, size)
    assert entry_fee == pytest.approx(0.1 / 100 * size * entry, rel=1e-15)
    assert exit_fee == pytest.approx(0.1 / 100 * size * out, rel=1e-15)
    assert result.fees_paid == pytest.approx(entry_fee + exit_fee, rel=1e-15)
    (trade,) = result.trades
    assert trade.fee == pytest.approx(entry_fee + exit_fee, rel=1e-15)
    assert trade.pnl == pytest.approx(size * 5 - trade.fee)
    assert trade.gross_pnl == pytest.approx(size * 5)
    assert trade.pnl_percent == pytest.approx(100 * trade.pnl / 5000)


@pytest.mark.parametrize(
    ("portion", "leverage", "fee_rate", "notional"),
    [
        (0.1, 1, 0.0, 1_000),
        (0.5, 2, 0.0, 10_000),
        (0.5, 2, 0.035, 10_000),
        (1.0, 1, 0.0, 10_000),
        (1.0, 10, 0.0, 100_000),
        (1.0, 1, 0.1, 10_000 / (1 + 0.001)),
        (1.0, 50, 0.035, 10_000 / (1 / 50 + 0.00035)),
        (0.999, 50, 0.1, 10_000 / (1 / 50 + 0.001)),
        (0.9, 50, 0.1, 450_000),
    ],
)
def test_the_notional_is_balance_times_portion_times_leverage_capped_by_margin_and_fee(
    portion, leverage, fee_rate, notional
):
    decision = buy(portion=portion, leverage=leverage)
    ((_, _, size, price, fee, _),), result = fills_of({1: decision}, 1, fee_rate=fee_rate)
    assert size * price == pytest.approx(notional, rel=1e-12)
    (position,) = result.open_positions
    assert position["margin"] == pytest.approx(notional / leverage, rel=1e-12)
    assert position["leverage"] == pytest.approx(leverage)
    assert position["margin"] + fee <= 10_000 * (1 + 1e-12)


def test_the_size_follows_from_the_slipped_price():
    ((_, _, size, price, _, _),), _ = fills_of({1: buy()}, 1, slippage_percent=2.0)
    assert (size, price) == (5000 / 102, 102.0)


def test_adding_averages_the_entry_by_size_and_adds_margins():
    script, _, result = run_script(
        RISING, {1: buy(portion=0.5, leverage=2), 3: buy(portion=0.5, leverage=4), 5: close()}, 6, fee_rate=0.1
    )
    at4 = script.seen[4].positions["X"]
    first = 10_000 / 100
    balance = 10_000 - 10.0 + first * 5 - 5_000  # equity at 105 less the margin in use
    second = balance * 0.5 * 4 / 105
    assert at4.size == pytest.approx(first + second)
    assert at4.entry_price == pytest.approx((first * 100 + second * 105) / (first + second))
    assert script.seen[4].used_margin == pytest.approx(5_000 + balance * 0.5)
    assert at4.leverage == pytest.approx(at4.size * at4.entry_price / script.seen[4].used_margin)
    (trade,) = result.trades
    assert (trade.timestamp, trade.size, trade.entry_price) == (START + MINUTE, at4.size, at4.entry_price)
    assert trade.fee == pytest.approx(0.001 * (first * 100 + second * 105 + at4.size * 115))


def test_a_position_that_was_added_to_keeps_the_reason_of_its_first_entry():
    _, result = fills_of({1: buy(reason="first"), 2: buy(portion=0.2, reason="second"), 3: close(reason="enough")})
    (trade,) = result.trades
    assert (trade.reason, trade.exit_decision_reason, trade.exit_reason) == ("first", "enough", "decision")
    assert (trade.trigger_type, trade.exit_trigger_type, trade.operation) == ("scheduled", "scheduled", "buy")


def test_a_partial_close_takes_its_share_of_fees_and_margin_and_leaves_the_entry_price():
    script, _, result = run_script(RISING, {1: buy(), 2: close(portion=0.25), 3: close()}, 6, fee_rate=0.1)
    before, after = script.seen[2].positions["X"], script.seen[3].positions["X"]
    assert after.size == pytest.approx(0.75 * before.size)
    assert after.entry_price == before.entry_price
    assert script.seen[3].used_margin == pytest.approx(0.75 * script.seen[2].used_margin)
    quarter, rest = result.trades
    assert (quarter.size, rest.size) == (pytest.approx(12.5), pytest.approx(37.5))
    assert quarter.fee == pytest.approx(0.001 * (12.5 * 100 + 12.5 * 102))
    assert rest.fee == pytest.approx(0.001 * (37.5 * 100 + 37.5 * 105))
    assert result.open_positions == []


@pytest.mark.parametrize("portion", [0, 0.0, 1, 1.0, 1.5, 99, np.float32(1.0), Fraction(3, 2)], ids=repr)
def test_closing_nothing_in_particular_or_everything_closes_all(portion):
    fills, result = fills_of({1: buy(), 3: close(portion=portion)})
    assert [size for _, _, size, *_ in fills] == [50.0, 50.0]
    assert result.open_positions == []


@pytest.mark.parametrize("portion", [1 - 1e-13, 0.5, 1e-9, 5e-324])
def test_closing_any_share_leaves_no_dust_and_no_error(portion):
    _, result = fills_of({1: buy(), 2: close(portion=portion), 3: close()}, fee_rate=0.1)
    assert result.open_positions == []
    assert result.success
    assert sum(trade.size for trade in result.trades) == pytest.approx(50.0)
    assert all(math.isfinite(trade.pnl_percent) for trade in result.trades)


@pytest.mark.parametrize("fee_rate", [0.0, 0.035, 0.1])
@pytest.mark.parametrize("leverage", [1, 3, 50])
def test_all_in_leaves_room_for_the_fee_and_nothing_more(fee_rate, leverage):
    _script, _, result = run_script(
        RISING, {1: buy(portion=1.0, leverage=leverage)}, 2, fee_rate=fee_rate, liquidation=False
    )
    result = result.open_positions[0]
    cash = 10_000 - result["entry_fees"]
    assert cash - result["margin"] == pytest.approx(0.0, abs=1e-8)


def test_a_reversal_is_two_fills_and_two_records_of_one_order():
    _, sim, result = run_script(RISING, {1: buy(reason="up"), 3: sell(reason="down"), 5: close()}, 6, fee_rate=0.1)
    order = [(fill.order_id, fill.side, fill.purpose) for fill in sim.exchange.fills]
    assert order == [(1, "buy", "entry"), (2, "sell", "decision"), (2, "sell", "entry"), (3, "buy", "decision")]
    long, short = result.trades
    cash = 10_000 - 5 + 50 * 5 - 50 * 105 * 0.001
    assert (long.side, long.exit_reason, long.exit_price) == ("long", "decision", 105.0)
    assert (long.equity_after, long.exit_decision_reason, long.reason) == (pytest.approx(cash), "down", "up")
    assert (short.side, short.reason, short.exit_price) == ("short", "down", 115.0)
    assert short.size == pytest.approx(cash * 0.5 / 105)
    assert result.orders_submitted == 3


def test_a_reversal_that_cannot_open_still_closes_and_says_why():
    history = market(X=klines(100.0, 100.0, 50.0, 50.0, 50.0))
    fills, result = fills_of({1: buy(portion=1.0, leverage=2), 3: sell()}, 4, history, fee_rate=0.1, liquidation=False)
    assert [(minute, side, purpose) for minute, side, *_, purpose in fills] == [
        (1, "buy", "entry"),
        (3, "sell", "decision"),
    ]
    assert result.rejections == {"no available balance": 1}
    assert result.total_trades == 1
    assert result.final_equity < 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"portion": 2.0}, "portion out of range"),
        ({"leverage": 51}, "leverage out of range"),
        ({"take_profit_price": 106.0}, "take profit on the wrong side"),
        ({"stop_loss_price": 104.0}, "stop loss on the wrong side"),
        ({"min_price": 105.01}, "limit not met"),
    ],
)
def test_a_reversal_is_refused_whole_when_its_opening_half_is_known_to_be_wrong(fields, reason):
    fills, result = fills_of({1: buy(), 3: sell(**fields)}, 4)
    assert len(fills) == 1
    assert result.rejections == {reason: 1}
    assert [position["side"] for position in result.open_positions] == ["long"]


LIMITS = [
    # decision at minute 3 (price 105), with slippage 1 %, and whether it fills
    ("a buy below its maximum", None, buy(max_price=106.06), True),
    ("a buy at its maximum", None, buy(max_price=105 * 1.01), True),
    ("a buy above its maximum", None, buy(max_price=106.04), False),
    ("a buy whose maximum only the slippage breaks", None, buy(max_price=105.5), False),
    ("a sale above its minimum", None, sell(min_price=103.94), True),
    ("a sale at its minimum", None, sell(min_price=105 * 0.99), True),
    ("a sale below its minimum", None, sell(min_price=103.96), False),
    ("the minimum of a buy does not matter", None, buy(min_price=500.0), True),
    ("the maximum of a sale does not matter", None, sell(max_price=1.0), True),
    ("closing a long above its minimum", buy(), close(min_price=103.9), True),
    ("closing a long below its minimum", buy(), close(min_price=104.5), False),
    ("closing a short below its maximum", sell(), close(max_price=106.1), True),
    ("closing a short above its maximum", sell(), close(max_price=105.9), False),
]


@pytest.mark.parametrize(("before", "decision", "fills"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_an_ioc_limit_holds_for_the_slipped_price_or_the_order_is_cancelled(before, decision, fills):
    done, result = fills_of({1: before, 3: decision}, 4, slippage_percent=1.0)
    assert len(done) - (before is not None) == int(fills)
    assert result.rejections == ({} if fills else {"limit not met": 1})


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


NAN, INF = float("nan"), float("inf")
BAD = [
    ("symbol not configured", buy("Y")),
    ("symbol not configured", buy("")),
    ("symbol not configured", buy(None)),
    ("symbol not configured", buy(["X"])),
    ("symbol not configured", close("Y")),
    *(("portion out of range", buy(portion=each)) for each in (0.0, 0.0999, 1.0001, -0.5, NAN, INF, "half", True)),
    *(("portion out of range", close(portion=each)) for each in (-0.1, NAN, None, "all", True, 10**400)),
    *(("leverage out of range", buy(leverage=each)) for each in (0, 51, -1, 2.5, NAN, INF, None, "10", True, 10**400)),
    *(
        ("price not finite or not positive", buy(**{name: value}))
        for name in ("take_profit_price", "stop_loss_price", "max_price", "min_price")
        for value in (0.0, -1.0, NAN, INF, "120", True, 10**400)
    ),
    ("take profit on the wrong side", buy(take_profit_price=100.0)),
    ("take profit on the wrong side", buy(take_profit_price=99.0)),
    ("take profit on the wrong side", sell(take_profit_price=101.0)),
    ("take profit on the wrong side", sell(take_profit_price=100.0)),
    ("stop loss on the wrong side", buy(stop_loss_price=100.0)),
    ("stop loss on the wrong side", buy(stop_loss_price=101.0)),
    ("stop loss on the wrong side", sell(stop_loss_price=99.0)),
    ("unknown time in force", buy(time_in_force="Day")),
    ("unknown time in force", buy(time_in_force=None)),
    ("unknown tp_execution or sl_execution", buy(tp_execution="stop")),
    ("unknown tp_execution or sl_execution", buy(sl_execution=None)),
    ("unknown operation", Decision("long", "X", target_portion_of_balance=0.5)),
    ("unknown operation", Decision(None, "X", target_portion_of_balance=0.5)),
    ("unknown operation", Decision(5, "X", target_portion_of_balance=0.5)),
    ("unknown operation", Decision("", "X")),
    ("nothing to close", close()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "decision"), BAD, ids=lambda value: value if isinstance(value, str) else repr(value)[9:80]
)
def test_a_bad_decision_is_refused_with_its_reason_and_the_run_goes_on(reason, decision):
    _, sim, result = run_script(RISING, {1: decision, 2: buy()}, 3)
    assert result.success
    assert result.rejections == {reason: 1}
    assert [(fill.timestamp - START) // MINUTE for fill in sim.exchange.fills] == [2]
    assert result.trigger_log[0]["order"]["status"] == "rejected"
    assert result.trigger_log[0]["order"]["reason"] == reason
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "decision",
    [
        buy(portion=np.float64(0.5), leverage=np.int64(2), take_profit_price=np.float32(150.0)),
        buy(portion=Fraction(1, 2), leverage=2.0, stop_loss_price=np.int32(50)),
        Decision("BUY", "X", target_portion_of_balance=0.5, leverage=2, time_in_force="IOC"),
        Decision(" Buy ", "X", target_portion_of_balance=0.5, leverage=2),
    ],
    ids=["numpy", "fraction", "upper case", "blanks"],
)
def test_numbers_of_any_kind_and_words_in_any_case_are_fine(decision):
    fills, result = fills_of({1: decision}, 2)
    assert [size for _, _, size, *_ in fills] == [100.0]
    json.dumps(result.to_dict(), allow_nan=False)


def test_hold_is_not_checked_and_nothing_is_submitted():
    holds = [Decision("hold", "NOPE", target_portion_of_balance=NAN), Decision("HOLD", None), None]
    _, result = fills_of({1 + place: hold for place, hold in enumerate(holds)}, 4)
    assert (result.orders_submitted, result.rejections) == (0, {})
    assert result.decisions == {"hold": 2, "none": 2}


HOLE = market(X=klines(100.0, *[None] * 15, 120.0, 120.0))


@pytest.mark.parametrize(
    ("minute", "stale_ms", "reason"),
    [
        (11, None, None),  # the close of minute 1 is exactly ten minutes old
        (12, None, "stale price"),
        (3, 2 * MINUTE, None),
        (4, 2 * MINUTE, "stale price"),
        (1, 0, None),
        (2, 0, "stale price"),
    ],
)
def test_a_close_is_good_to_trade_at_up_to_and_including_the_stale_limit(minute, stale_ms, reason):
    _, result = fills_of({minute: buy()}, 14, HOLE, price_stale_ms=stale_ms)
    assert result.rejections == ({} if reason is None else {reason: 1})


@pytest.mark.parametrize("decision", [close(), sell(), sell(portion=5.0)], ids=["close", "reverse", "bad"])
def test_a_stale_price_refuses_the_whole_decision_closing_included(decision):
    script, _, result = run_script(HOLE, {1: buy(), 13: decision}, 14)
    assert list(result.rejections.values()) == [1]
    assert [each["side"] for each in result.open_positions] == ["long"]
    assert script.seen[13].get_price("X") == 100.0


def test_before_the_first_close_there_is_no_price_to_trade_at():
    history = market(X=klines(*[None] * 5, 100.0, 100.0))
    script, _, result = run_script(history, {5: buy(), 6: buy()}, 7)
    assert script.seen[5].get_price("X") == 0.0
    assert result.rejections == {"stale price": 1}
    assert result.fills == 1


@pytest.mark.parametrize(("execution", "at", "price"), [("open", 16, 120.0), ("vwap", 17, 120.0)])
@pytest.mark.parametrize(("minute", "waits"), [(6, True), (5, False)])
def test_an_order_waits_for_its_kline_up_to_and_including_the_stale_limit(execution, at, price, minute, waits):
    fills, result = fills_of({minute: buy()}, 18, HOLE, execution_price=execution)
    assert outline(fills) == ([(at, "buy", price)] if waits else [])
    assert result.rejections == ({} if waits else {"no price": 1})


def test_an_order_that_finds_no_kline_is_refused_when_the_limit_is_over_not_before():
    _, sim, _ = run_script(HOLE, {}, 18, execution_price="open")
    script = Script({2: buy()})
    sim = wired(HOLE, config(script, 18, execution_price="open"))
    refused = []
    sim.bus.listen(
        OrderRejected, lambda message: refused.append(((message.timestamp - START) / MINUTE, message.reason))
    )
    sim.run()
    assert refused == [(12, "no price")]
    assert [len(script.seen[minute].open_orders) for minute in (2, 3, 11, 12, 13)] == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(("execution", "minutes"), [("open", 10), ("vwap", 16.5), ("vwap", 10)])
def test_what_still_waits_at_the_end_is_cancelled_and_counted(execution, minutes):
    _, result = fills_of({8: buy()}, minutes, HOLE, execution_price=execution)
    assert (result.fills, result.rejections) == (0, {"end of run": 1})


def test_what_is_due_exactly_at_the_end_is_filled():
    for execution, minutes in (("open", 16), ("vwap", 17)):
        _, result = fills_of({8: buy()}, minutes, HOLE, execution_price=execution)
        assert (result.fills, result.rejections) == (1, {})


def test_an_order_decided_at_the_end_fills_at_the_end():
    fills, result = fills_of({2: buy()}, 2)
    assert outline(fills) == [(2, "buy", 102.0)]
    assert result.total_trades == 0
    fills, _ = fills_of({2: buy()}, 2, execution_price="open")
    assert outline(fills) == [(2, "buy", 103.0)]


def test_with_open_an_order_is_sized_and_checked_at_the_fill():
    history = market(X=klines(100.0, None, None, (120, 120, 120, 120), 120.0, 120.0))
    fills, result = fills_of({1: buy(take_profit_price=115.0), 2: buy(portion=1.0)}, 5, history, execution_price="open")
    assert result.rejections == {"take profit on the wrong side": 1}
    assert fills == [(3, "buy", pytest.approx(10_000 / 120), 120.0, 0.0, "entry")]


def test_several_waiting_orders_fill_in_the_order_of_submission_each_on_the_changed_account():
    history = market(X=klines(100.0, None, None, 100.0, 100.0, 100.0))
    script, sim, _ = run_script(
        history, {1: buy(portion=0.5), 2: buy(portion=0.5), 3: close(portion=0.5)}, 5, execution_price="open"
    )
    assert [(fill.order_id, fill.size, fill.purpose) for fill in sim.exchange.fills] == [
        (1, 50.0, "entry"),
        (2, 25.0, "entry"),
        (3, 37.5, "decision"),
    ]
    assert [order.order_id for order in script.seen[3].open_orders] == []  # both filled before the decision of minute 3


def test_a_waiting_order_shows_as_open_and_is_not_part_of_the_margin():
    history = market(X=klines(100.0, None, None, 100.0, 100.0))
    script, _, _ = run_script(history, {1: buy(max_price=150.0)}, 4, execution_price="open")
    (order,) = script.seen[2].open_orders
    assert order._asdict() == {
        "order_id": 1, "symbol": "X", "side": "Buy", "direction": "Open Long", "order_type": "Limit", "size": 0.0,
        "price": 150.0, "trigger_price": None, "reduce_only": False, "timestamp": START + MINUTE,
    }  # fmt: skip
    assert (script.seen[2].used_margin, script.seen[2].available_balance) == (0.0, 10_000.0)
    assert script.seen[3].open_orders == []


def test_a_waiting_close_whose_position_is_gone_finds_nothing_to_close():
    history = market(X=klines(100.0, 100.0, None, None, 100.0, 100.0))
    _, result = fills_of({1: buy(), 2: close(), 3: close()}, 6, history, execution_price="open")
    assert result.rejections == {"nothing to close": 1}
    assert result.total_trades == 1


@pytest.mark.parametrize("execution", ["open", "vwap"])
def test_a_position_opened_before_the_first_close_is_worth_what_was_paid(execution):
    history = market(X=klines(None, None, (100, 110, 90, 105), 105.0, 105.0), Y=klines(*[50.0] * 6))
    asked = {minute: lambda data: None for minute in (2, 3)}
    script, _, result = run_script(history, {1: buy(), **asked}, 3, execution_price=execution, scheduled_interval=30)
    if execution == "open":  # filled at minute 2, before any close was known
        data = script.seen[2.5]
        assert data.positions["X"].unrealized_pnl == 0.0
        assert (data.total_equity, data.maintenance_margin) == (10_000.0, pytest.approx(50.0))
    assert result.final_equity == pytest.approx(
        10_000 + (50 * 5 if execution == "open" else 5000 / (305 / 3) * (105 - 305 / 3))
    )


def test_a_run_that_is_stopped_before_the_first_close_reports_the_position_at_what_was_paid():
    history = market(X=klines(None, None, (100, 110, 90, 105), 105.0))
    sim = wired(history, config(Script({1: buy()}), 4, execution_price="open"))

    def stopper(sim):
        yield sim.at(START + 2 * MINUTE + 30_000)
        sim.stop()

    sim.process(stopper)
    result = sim.run()
    (position,) = result.open_positions
    assert (position["mark_price"], position["unrealized_pnl"], result.final_equity) == (100.0, 0.0, 10_000.0)


def test_available_balance_may_be_negative_and_then_an_opening_is_refused_but_a_close_is_not():
    history = market(X=klines(100.0, 100.0, 80.0, 80.0, 80.0, 80.0))
    script, _, result = run_script(history, {1: buy(portion=1.0, leverage=2), 3: buy(), 4: close()}, 5)
    assert script.seen[3].available_balance == pytest.approx(6_000 - 10_000)
    assert result.rejections == {"no available balance": 1}
    assert result.final_equity == pytest.approx(6_000)


def test_a_decision_trades_the_symbol_that_it_names_whatever_triggered_it():
    history = market(X=klines(*[100.0] * 4), Y=klines(*[50.0] * 4))
    script, sim, _ = run_script(history, {1: buy("Y")}, 3)
    assert script.seen[1].trigger_symbol == "X"
    assert [(fill.symbol, fill.price) for fill in sim.exchange.fills] == [("Y", 50.0)]


def test_the_bus_tells_submission_fills_and_rejections_in_their_order():
    script = Script({1: buy(), 2: sell(), 3: buy("Y"), 4: close()})
    sim = wired(RISING, config(script, 5))
    told = []
    for kind in (OrderSubmitted, Fill, OrderRejected, StrategyFailed):
        sim.bus.listen(
            kind, lambda message: told.append(((message.timestamp - START) // MINUTE, type(message).__name__))
        )
    sim.run()
    assert told == [
        (1, "OrderSubmitted"), (1, "Fill"),
        (2, "OrderSubmitted"), (2, "Fill"), (2, "Fill"),
        (3, "OrderSubmitted"), (3, "OrderRejected"),
        (4, "OrderSubmitted"), (4, "Fill"),
    ]  # fmt: skip


def test_a_process_gets_the_result_of_what_it_submits():
    sim = wired(RISING, config(Script({}), 5))
    results = []

    def trader(sim):
        yield sim.at(START + MINUTE)
        results.append((yield sim.exchange.submit(buy())))
        results.append((yield sim.exchange.submit(buy("Y"))))
        results.append((yield sim.exchange.submit(close(), at_ms=START + 3 * MINUTE)))

    sim.process(trader)
    sim.run()
    assert [(each.status, each.reason, len(each.fills)) for each in results] == [
        ("filled", "", 1),
        ("rejected", "symbol not configured", 0),
        ("filled", "", 1),
    ]
    assert [fill.timestamp for each in results for fill in each.fills] == [START + MINUTE, START + 3 * MINUTE]


def test_an_outage_rejects_what_arrives_and_leaves_what_is_pending():
    script = Script({1: buy(stop_loss_price=90.0), 2: buy(), 4: close()})
    sim = wired(market(X=klines(100.0, 100.0, (100, 100, 85, 88), 88.0, 88.0)), config(script, 5))

    def outage(sim):
        yield sim.at(START + MINUTE + 1)
        sim.exchange.reject_orders("outage")
        yield sim.at(START + 3 * MINUTE + 1)
        sim.exchange.accept_orders()

    sim.process(outage)
    result = sim.run()
    assert result.rejections == {"nothing to close": 1, "outage": 1}
    assert [trade.exit_reason for trade in result.trades] == ["sl"]


def test_checks_of_ones_own_refuse_with_their_reason():
    script = Script({1: buy(), 2: buy(portion=0.9)})
    sim = wired(RISING, config(script, 5))
    sim.exchange.checks.append(lambda decision, now: "too big" if decision.target_portion_of_balance > 0.5 else None)
    assert sim.run().rejections == {"too big": 1}


def test_after_a_stop_nothing_fills_although_the_host_goes_on():
    env = Environment(START)
    script = Script({1: buy(stop_loss_price=90.0), 2: buy("Y")})
    history = market(X=klines(100.0, 100.0, 100.0, (100, 100, 80, 85), 85.0), Y=klines(50.0, 50.0, *[None] * 5, 50.0))
    sim = wired(history, config(script, 20, ("X", "Y")), env=env)
    refused = []

    def stopper(sim):
        yield sim.at(START + 2 * MINUTE + 1)
        sim.stop()

    def late(sim):
        yield sim.at(START + 3 * MINUTE)
        refused.append((yield sim.exchange.submit(buy())))

    sim.process(stopper)
    sim.process(late)
    sim.start()
    env.run(START + 20 * MINUTE)
    result = sim.result()
    assert result.end_time == START + 2 * MINUTE + 1
    assert [(fill.timestamp - START) // MINUTE for fill in sim.exchange.fills] == [1, 2]
    assert (result.total_trades, refused[0].status, refused[0].reason) == (0, "rejected", "end of run")
