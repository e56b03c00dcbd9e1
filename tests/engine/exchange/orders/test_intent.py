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
