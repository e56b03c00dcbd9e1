"""The judgement of a decision to cancel or to amend: what is refused, and with which reason."""

import json

import numpy as np
import pytest

from engine import Decision
from tests.support.fills import fills_of
from tests.support.runs import buy, klines, market, run_script

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
ROWS = 100.0, 100.0, 100.0, (100, 100, 98, 100)


def cancel(**fields):
    return Decision("cancel", **{"symbol": "X", **fields})


def amend(**fields):
    return Decision("amend", **{"symbol": "X", "tag": "a", **fields})


PRICES = ("max_price", "min_price", "trigger_price", "take_profit_price", "stop_loss_price")
BAD = [
    *(("symbol not configured", cancel(symbol=each)) for each in ("Y", "", None, 5, ["X"])),
    ("symbol not configured", amend(symbol="Y", size=1.0)),
    *(("tag or group is no short text", cancel(tag=each)) for each in (None, 5, "a" * 201, ["a"])),
    ("tag or group is no short text", amend(tag=b"a", size=1.0)),
    *(("order id is no whole number", cancel(order_id=each)) for each in (1.5, "1", NAN, INF, True, HUGE, [1])),
    ("order id is no whole number", amend(order_id="1", size=1.0)),
    ("no order id and no tag", amend(tag="", size=1.0)),
    *(
        ("price not finite or not positive", amend(**{name: value}))
        for name in PRICES
        for value in (0.0, -1.0, NAN, INF, "99", True, HUGE)
    ),
    *(("size, notional or risk out of range", amend(size=each)) for each in (0.0, -1.0, NAN, INF, "5", True, HUGE)),
    *(("trailing stop out of range", amend(trailing_stop_percent=each)) for each in (0, 100, -1, NAN, "5", True)),
    *(("expiry out of range", amend(expires_after_seconds=each)) for each in (0, -1, NAN, 1e11, "5", True, HUGE)),
    ("nothing that can be amended", amend()),
    ("nothing that can be amended", amend(reason="why", leverage=5, target_portion_of_balance=0.5)),
]


@pytest.mark.parametrize(
    ("reason", "decision"), BAD, ids=lambda value: value if isinstance(value, str) else repr(value)[9:80]
)
def test_a_bad_request_is_refused_with_its_reason_and_changes_nothing(reason, decision):
    bid = buy(portion=0.0, size=10.0, max_price=99.0, time_in_force="Gtc", tag="a")
    script, sim, result = run_script(market(X=klines(*ROWS)), {1: bid, 2: decision}, 4)
    assert result.success
    assert result.rejections == {reason: 1}
    assert [(fill.size, fill.price) for fill in sim.exchange.fills] == [(10.0, 99.0)]
    assert [(each.kind, each.reason) for each in script.seen[3].events] == [("rejection", reason)]
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "decision",
    [
        Decision("AMEND", "X", tag="a", size=np.float32(4.0)),
        Decision(" Amend ", "X", order_id=np.int64(1), size=np.int8(4)),
        Decision("amend", "X", order_id=1.0, tag="a", size=4),
    ],
    ids=["upper case", "numpy", "both names"],
)
def test_numbers_of_any_kind_and_words_in_any_case_are_fine(decision):
    bid = buy(portion=0.0, size=10.0, max_price=99.0, time_in_force="Gtc", tag="a")
    fills, result = fills_of({1: bid, 2: decision}, 4, market(X=klines(*ROWS)))
    assert [(size, price) for _, _, size, price, *_ in fills] == [(4.0, 99.0)]
    json.dumps(result.to_dict(), allow_nan=False)


def test_an_id_and_a_tag_that_do_not_belong_together_mean_nothing():
    bid = buy(portion=0.0, size=10.0, max_price=99.0, time_in_force="Gtc", tag="a")
    fills, result = fills_of({1: bid, 2: cancel(order_id=1, tag="b")}, 4, market(X=klines(*ROWS)))
    assert len(fills) == 1
    assert result.rejections == {"nothing to cancel": 1}
