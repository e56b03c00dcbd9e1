"""The judgement of a decision: what is refused, and with which reason."""

import json
from fractions import Fraction

import numpy as np
import pytest

from engine import Decision
from tests.support.fills import RISING, fills_of
from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script, sell

NAN, INF = float("nan"), float("inf")

BAD = [
    ("symbol not configured", buy("Y")),
    ("symbol not configured", buy("")),
    ("symbol not configured", buy(None)),
    ("symbol not configured", buy(["X"])),
    ("symbol not configured", close("Y")),
    *(("portion out of range", buy(portion=each)) for each in (0.0, 1.0001, -0.5, NAN, INF, "half", True)),
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


@pytest.mark.parametrize(
    ("fields", "decision", "reason"),
    [
        ({}, buy(portion=1e-6), None),
        ({}, buy(portion=0.0999), None),
        ({"profile": "live"}, buy(portion=0.0999), "portion out of range"),
        ({"profile": "live"}, buy(portion=0.1), None),
        ({"profile": "live"}, sell(portion=0.0999), "portion out of range"),
        ({"profile": "live"}, buy(leverage=10), None),
        ({"profile": "live"}, buy(leverage=11), "leverage out of range"),
        ({"profile": "live", "max_leverage": 20}, buy(leverage=11), None),
        ({"max_leverage": 3}, buy(leverage=4), "leverage out of range"),
        ({"max_leverage": 3, "venue": "hyperliquid"}, buy(leverage=4), "leverage out of range"),
    ],
)
def test_the_least_portion_and_the_most_leverage_are_those_of_the_configuration(fields, decision, reason):
    script, sim, result = run_script(RISING, {1: decision}, 2, **fields)
    assert result.rejections == ({} if reason is None else {reason: 1})
    assert script.seen[1].max_leverage == sim.config.max_leverage


def test_a_part_of_a_position_may_be_closed_however_small_it_is():
    fills, result = fills_of({1: buy(), 2: close(portion=0.01)}, 3, profile="live", strategy_lifetime="run")
    assert (result.rejections, len(fills)) == ({}, 2)


def test_the_most_leverage_changes_no_maintenance_margin():
    script, _, _ = run_script(RISING, {1: buy(leverage=2)}, 3, max_leverage=2)
    same, _, _ = run_script(RISING, {1: buy(leverage=2)}, 3)
    assert script.seen[2].maintenance_margin == same.seen[2].maintenance_margin > 0.0
    assert script.seen[2].positions["X"].liquidation_price == same.seen[2].positions["X"].liquidation_price


def test_hold_is_not_checked_and_nothing_is_submitted():
    holds = [Decision("hold", "NOPE", target_portion_of_balance=NAN), Decision("HOLD", None), None]
    _, result = fills_of({1 + place: hold for place, hold in enumerate(holds)}, 4)
    assert (result.orders_submitted, result.rejections) == (0, {})
    assert result.decisions == {"hold": 2, "none": 2}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trailing_stop_percent": 0.0}, "trailing stop out of range"),
        ({"trailing_stop_percent": 100.0}, "trailing stop out of range"),
        ({"trailing_stop_percent": "5"}, "trailing stop out of range"),
        ({"max_holding_seconds": 0}, "holding time out of range"),
        ({"max_holding_seconds": float("nan")}, "holding time out of range"),
        ({"max_holding_seconds": 1e11}, "holding time out of range"),
    ],
)
def test_odd_values_are_rejected(fields, reason):
    _, _, result = run_script(market(X=klines(*[100.0] * 6)), {1: buy(**fields)}, 4)
    assert result.rejections == {reason: 1}


def exact(order=buy, **fields):
    """An order with no share of the balance."""
    return order(portion=0.0, **fields)


SIZES = ("size", "notional", "risk_percent")
BAD_EXTENSIONS = [
    *(
        ("size, notional or risk out of range", exact(**{name: value, "stop_loss_price": 90.0}))
        for name in SIZES
        for value in (0.0, -1.0, NAN, INF, "5", True, 10**400, [1], 1e-400)
    ),
    ("size, notional or risk out of range", exact(risk_percent=100.1, stop_loss_price=90.0)),
    *(
        ("more than one size", exact(**{one: 1.0, other: 1.0, "stop_loss_price": 90.0}))
        for one, other in (SIZES[:2], SIZES[1:], SIZES[::2])
    ),
    *(("more than one size", buy(portion=0.1, stop_loss_price=90.0, **{name: 1.0})) for name in SIZES),
    ("more than one size", buy(portion=NAN, size=1.0)),
    ("more than one size", close(portion=0.5, size=1.0)),
    ("risk without a stop loss", exact(risk_percent=1.0)),
    ("stop loss on the wrong side", exact(risk_percent=1.0, stop_loss_price=100.0)),
    ("stop loss on the wrong side", exact(sell, risk_percent=1.0, stop_loss_price=99.0)),
    *(("leverage out of range", exact(size=1.0, leverage=each)) for each in (0, 51, 2.5, NAN, None)),
    *(
        ("price not finite or not positive", exact(size=1.0, trigger_price=each))
        for each in (0.0, -1.0, NAN, INF, "120", True, 10**400)
    ),
    *(("tag or group is no short text", exact(size=1.0, tag=each)) for each in (None, 5, "a" * 201, b"a", ["a"])),
    *(("tag or group is no short text", exact(size=1.0, group=each)) for each in (None, 5, "a" * 201, b"a", ["a"])),
    *(
        ("expiry out of range", exact(size=1.0, expires_after_seconds=each))
        for each in (0, -1.0, NAN, INF, 1e11, "5", True, 10**400)
    ),
    *(
        ("reduce_only, post_only or cancel_orders is neither True nor False", exact(size=1.0, **{name: value}))
        for name in ("reduce_only", "post_only", "cancel_orders")
        for value in (None, 1, 0, "yes", np.True_)
    ),
    ("post only without a limit", exact(size=1.0, post_only=True)),
    ("post only without a limit", exact(size=1.0, post_only=True, min_price=90.0)),
    ("nothing to close", exact(size=1.0, reduce_only=True)),
    ("nothing to close", close(size=1.0)),
    ("size above the available balance", exact(size=100.01)),
    ("size above the available balance", exact(notional=10_001.0)),
]


@pytest.mark.parametrize(
    ("reason", "decision"), BAD_EXTENSIONS, ids=lambda value: value if isinstance(value, str) else repr(value)[9:80]
)
def test_a_bad_order_is_refused_with_its_reason_and_the_run_goes_on(reason, decision):
    script, sim, result = run_script(RISING, {1: decision, 2: buy()}, 3)
    assert result.success
    assert result.rejections == {reason: 1}
    assert [(fill.timestamp - START) // MINUTE for fill in sim.exchange.fills] == [2]
    assert [(each.kind, each.reason) for each in script.seen[2].events] == [("rejection", reason)]
    json.dumps(result.to_dict(), allow_nan=False)


# --- how much is traded: what is given is traded, and what is held the other way is reduced by it -----------------


def told(*orders, **fields):
    """Return the fills of orders given one after another at a price of 100, as (side, size, purpose), and why not."""
    fills, result = fills_of({1: list(orders)}, 2, market(X=klines(100.0, 100.0)), **fields)
    return [(side, size, str(purpose)) for _, side, size, _, _, purpose in fills], result.rejections


@pytest.mark.parametrize(
    "fields", [{"size": 7.5}, {"notional": 750.0}, {"risk_percent": 0.75, "stop_loss_price": 90.0}]
)
@pytest.mark.parametrize("number", [float, np.float64, np.float32, Fraction])
def test_a_size_in_coins_in_usd_or_by_the_risk(fields, number):
    (((side, size, purpose),), rejections) = told(exact(**{name: number(each) for name, each in fields.items()}))
    assert (side, size, purpose, rejections) == ("buy", pytest.approx(7.5, rel=1e-12), "entry", {})


def test_usd_and_risk_are_those_at_the_slipped_price_and_the_risk_is_without_fees():
    """1,010 USD at 101 are 10 coins; 1 % of 10,000 over 101 - 91 are 10 coins too."""
    costs = {"slippage_percent": 1.0, "fee_rate": 0.1}
    assert told(exact(notional=1010.0), **costs)[0] == [("buy", pytest.approx(10.0, rel=1e-12), "entry")]
    risk = exact(risk_percent=1.0, stop_loss_price=91.0)
    assert told(risk, **costs)[0] == [("buy", pytest.approx(10.0, rel=1e-12), "entry")]


def test_usd_of_an_order_that_rests_are_those_at_its_limit():
    order = exact(notional=990.0, max_price=99.0, time_in_force="Gtc")
    fills, _ = fills_of({1: order}, 3, market(X=klines(100.0, 100.0, (100, 100, 98, 98))), slippage_percent=1.0)
    assert [(size, price) for _, _, size, price, *_ in fills] == [(pytest.approx(10.0, rel=1e-12), 99.0)]


def test_a_risk_is_capped_by_what_is_affordable_and_a_size_is_refused():
    """Margin and fee of 10,000 USD: at a leverage of 2 and 0.1 % they pay for 10,000 / 0.501 USD."""
    affordable = 10_000 / (0.5 + 0.001) / 100
    risk = exact(risk_percent=50.0, stop_loss_price=99.0, leverage=2)
    assert told(risk, fee_rate=0.1)[0] == [("buy", pytest.approx(affordable, rel=1e-12), "entry")]
    assert told(exact(size=affordable * (1 - 1e-9), leverage=2), fee_rate=0.1)[1] == {}
    too_much = {"size above the available balance": 1}
    assert told(exact(size=affordable * (1 + 1e-9), leverage=2), fee_rate=0.1) == ([], too_much)


def test_a_size_reduces_what_is_held_the_other_way_and_only_what_it_is_more_opens():
    first = exact(size=10.0)
    assert told(first, exact(sell, size=4.0))[0][1:] == [("sell", 4.0, "decision")]
    assert told(first, exact(sell, size=10.0))[0][1:] == [("sell", 10.0, "decision")]
    assert told(first, exact(sell, notional=2500.0))[0][1:] == [("sell", 10.0, "decision"), ("sell", 15.0, "entry")]
    assert told(first, sell(portion=0.1))[0][1:] == [("sell", 10.0, "decision"), ("sell", 10.0, "entry")]
    risk = exact(sell, risk_percent=1.0, stop_loss_price=104.0)
    assert told(first, risk)[0][1:] == [("sell", 10.0, "decision"), ("sell", 25.0, "entry")]


def test_only_what_opens_must_be_affordable_and_has_a_bracket():
    """All 100 coins are held at a leverage of 1: 200 sold leave 100, 201 do not go."""
    whole, too_much = exact(size=100.0), {"size above the available balance": 1}
    assert told(whole, exact(sell, size=200.0))[0][1:] == [("sell", 100.0, "decision"), ("sell", 100.0, "entry")]
    assert told(whole, exact(sell, size=201.0)) == ([("buy", 100.0, "entry")], too_much)
    rows = market(X=klines(100.0, 100.0, 100.0, 100.0))
    reduces, more = (exact(sell, size=each, stop_loss_price=110.0) for each in (40.0, 130.0))
    script, _, _ = run_script(rows, {1: [whole, reduces]}, 3)
    assert script.seen[2].open_orders == []
    script, _, _ = run_script(rows, {1: [whole, more]}, 3)
    assert [(each.size, each.trigger_price) for each in script.seen[2].open_orders] == [(30.0, 110.0)]


def test_a_size_is_traded_to_the_last_digit():
    """3 x 99.501 / 99.501 is not 3."""
    order = exact(size=3.0, max_price=99.501, time_in_force="Gtc")
    fills, _ = fills_of({1: order}, 3, market(X=klines(100.0, 100.0, 99.0)))
    assert [size for _, _, size, *_ in fills] == [3.0]
    fills, _ = fills_of({1: exact(size=3.0)}, 3, market(X=klines(99.501, 99.501, 99.0)))
    assert [size for _, _, size, *_ in fills] == [3.0]


def test_reduce_only_closes_at_most_what_is_held_the_other_way():
    first = exact(size=10.0)
    assert told(first, exact(sell, size=25.0, reduce_only=True))[0][1:] == [("sell", 10.0, "decision")]
    assert told(first, exact(sell, size=2.5, reduce_only=True))[0][1:] == [("sell", 2.5, "decision")]
    assert told(first, exact(size=2.5, reduce_only=True))[1] == {"nothing to close": 1}


def test_a_close_may_name_its_size():
    first = exact(size=10.0)
    assert told(first, close(size=4.0))[0][1:] == [("sell", 4.0, "decision")]
    assert told(first, close(notional=400.0))[0][1:] == [("sell", 4.0, "decision")]
    assert told(first, close(size=40.0))[0][1:] == [("sell", 10.0, "decision")]


def test_orders_with_more_to_say_than_the_platforms_are_not_cancelled_by_the_other_way_and_cancel_none():
    def works(**fields):
        return {"max_price": 90.0, "time_in_force": "Gtc", **fields}

    plain = buy(portion=0.1, **works())
    others = [
        exact(size=1.0, **works()),
        exact(notional=90.0, **works()),
        buy(portion=0.1, **works(tag="t")),
        buy(portion=0.1, **works(group="g")),
        buy(portion=0.1, trigger_price=95.0),
    ]
    assert told(plain, *others, sell(portion=0.1))[1] == {"opposite decision": 1, "end of run": 5}
    for each in (exact(sell, size=1.0), sell(portion=0.1, tag="t"), sell(portion=0.1, group="h")):
        assert told(plain, each)[1] == {"end of run": 1}
    assert told(plain, sell(portion=0.1, expires_after_seconds=60))[1] == {"opposite decision": 1}


def test_post_only_is_alo():
    assert told(exact(size=1.0, post_only=True, max_price=100.0))[1] == {"would take": 1}
    assert told(exact(size=1.0, post_only=True, max_price=99.0))[1] == {"end of run": 1}


def test_decisions_of_a_list_are_handled_in_turn_and_a_rejection_stops_nothing():
    """Half of 10,000 and half of what is left; between them one that is refused."""
    orders = [buy(portion=0.5), exact(size=1e9), buy(portion=0.5), None, Decision("hold", "X")]
    fills, result = fills_of({1: [each for each in orders if each is not None]}, 2)
    assert [size for _, _, size, *_ in fills] == [50.0, 25.0]
    assert result.rejections == {"size above the available balance": 1}
    assert result.total_triggers == 2
    assert result.orders_submitted == 3
