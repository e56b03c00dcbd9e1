"""Trailing stops, time stops, and the limits that an account sets itself."""

import pytest

from engine import Decision, RiskLimitHit
from tests.support.runs import (
    DAY,
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


def fills(*rows, minutes=8, order=None, **fields):
    history = market(X=klines(100.0, 100.0, *rows))
    _, sim, result = run_script(history, {1: order}, minutes, **fields)
    done = [((f.timestamp - START) / MINUTE, pytest.approx(f.price), f.purpose) for f in sim.exchange.fills[1:]]
    return done, result


TRAIL = {"trailing_stop_percent": 10.0}
# first the level of the klines before (90 % of their best price), or the open beyond it; else the one of its own high
TRAILING = [
    ("never reached", [(100, 105, 95, 105)], []),
    ("the level before", [(100, 120, 110, 120), (118, 118, 100, 101)], [(4, 108.0)]),
    ("from the entry on", [(100, 100, 89, 95)], [(3, 90.0)]),
    ("the open beyond it", [(100, 120, 110, 120), (105, 105, 100, 101)], [(3, 105.0)]),
    ("raised by the same kline", [(100, 120, 107, 115)], [(3, 108.0)]),
    ("the lower of two", [(100, 120, 89, 115)], [(3, 90.0)]),
    ("touched exactly", [(100, 100, 90, 95)], [(3, 90.0)]),
]


@pytest.mark.parametrize(("rows", "expected"), [row[1:] for row in TRAILING], ids=[row[0] for row in TRAILING])
def test_a_trailing_stop_follows_the_best_price(rows, expected):
    done, result = fills(*rows, order=buy(**TRAIL))
    assert done == [(at, price, "trailing") for at, price in expected]
    assert [trade.exit_reason for trade in result.trades] == ["trailing"] * len(expected)
    mirrored = [tuple(10_000 / each for each in (o, low, high, c)) for o, high, low, c in rows]
    short, _ = fills(*mirrored, order=sell(trailing_stop_percent=100 / 9))
    assert [at for at, *_ in short] == [at for at, _ in expected]


@pytest.mark.parametrize(
    ("rows", "fields", "expected"),
    [
        ([(100, 100, 85, 90)], {"stop_loss_price": 95.0}, (3, 95.0, "sl")),
        ([(100, 120, 110, 120), (118, 118, 90, 95)], {"stop_loss_price": 95.0}, (4, 108.0, "trailing")),
        ([(100, 120, 110, 120)], {"take_profit_price": 115.0}, (3, 115.0, "tp")),
        ([(100, 120, 89, 110)], {"take_profit_price": 115.0}, (3, 90.0, "trailing")),
    ],
)
def test_a_trailing_stop_beside_a_bracket(rows, fields, expected):
    done, result = fills(*rows, order=buy(**TRAIL, **fields))
    assert done == [expected]
    assert result.ambiguous_klines == (expected[2] == "trailing" and "take_profit_price" in fields)


def test_a_time_stop_closes_at_the_price_of_its_instant():
    done, result = fills(101.0, 102.0, 103.0, order=buy(max_holding_seconds=150), slippage_percent=1.0)
    assert done == [(3.5, 101.0 * 0.99, "time")]
    assert result.trades[0].exit_reason == "time"


def test_a_time_stop_without_a_price_waits_for_the_next_close():
    rows = [None] * 12 + [(110, 111, 109, 110)]
    done, _ = fills(*rows, minutes=20, order=buy(max_holding_seconds=720))
    assert done == [(15, 110.0, "time")]


def test_of_a_time_stop_and_a_stop_the_earlier_one_closes():
    done, _ = fills((100, 100, 94, 95), 95.0, 95.0, order=buy(max_holding_seconds=180, stop_loss_price=95.0))
    assert done == [(3, 95.0, "sl")]
    done, _ = fills(100.0, (100, 100, 94, 95), 95.0, order=buy(max_holding_seconds=60, stop_loss_price=95.0))
    assert done == [(2, 100.0, "time")]


def test_the_watchers_show_as_open_orders():
    script, _, _ = run_script(market(X=klines(*[100.0] * 6)), {1: buy(**TRAIL), 3: buy(max_holding_seconds=999)}, 5)
    assert [order.order_type for order in script.seen[4].open_orders] == ["Trailing Stop Market", "Time Stop Market"]


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


def test_the_contract_keeps_its_thirteen_keys_unless_an_extension_is_set():
    plain = Decision("buy", "X").to_dict()
    assert len(plain) == 13
    assert Decision("buy", "X", trailing_stop_percent=2.0).to_dict() == {**plain, "trailing_stop_percent": 2.0}
    assert Decision("buy", "X", max_holding_seconds=60) != Decision("buy", "X")


FLAT = market(X=klines(*[100.0] * 12), Y=klines(*[50.0] * 12))


@pytest.mark.parametrize(
    ("orders", "fields", "reason", "value"),
    [
        ({1: buy()}, {"max_position_usd": 4_000.0}, "position notional", 5_000.0),
        ({1: buy(), 2: buy(portion=0.2)}, {"max_position_usd": 5_500.0}, "position notional", 6_000.0),
        ({1: buy(stop_loss_price=90.0), 2: buy("Y")}, {"max_open_orders": 1}, "open orders", 1.0),
    ],
)
def test_a_limit_of_the_account_refuses_and_is_an_event(orders, fields, reason, value):
    sim = wired(FLAT, config(Script(orders), 10, ("X", "Y"), **fields))
    heard: list[RiskLimitHit] = []
    sim.bus.listen(RiskLimitHit, heard.append)
    result = sim.run()
    assert result.rejections == {f"risk limit: {reason}": 1}
    (hit,) = result.risk_limit_hits
    assert (hit["limit"], hit["value"]) == (f"risk limit: {reason}", pytest.approx(value))
    assert [each.limit for each in heard] == [hit["limit"]]


def test_after_a_stop_nothing_opens_until_it_has_cooled_down():
    history = market(X=klines(100.0, 100.0, (100, 100, 94, 95), *[95.0] * 9))
    orders = {1: buy(stop_loss_price=95.0), 4: buy(), 6: buy(), 7: close()}
    _, sim, result = run_script(history, orders, 10, stop_cooldown_seconds=120)
    assert [hit["value"] for hit in result.risk_limit_hits] == [60.0]
    assert [(fill.timestamp - START) / MINUTE for fill in sim.exchange.fills] == [1, 3, 6, 7]


def test_a_daily_loss_stops_openings_until_midnight_but_never_closings():
    history = market(X=klines(*[100.0] * 3, *[90.0] * 1_500))
    orders = {1: buy(), 5: buy(portion=0.1), 6: close(), 7: buy(), 1_445: buy()}
    _, sim, result = run_script(history, orders, 1_450, max_daily_loss_usd=400.0)
    assert [hit["value"] for hit in result.risk_limit_hits] == [pytest.approx(500.0)] * 2
    assert [(fill.timestamp - START) / MINUTE for fill in sim.exchange.fills] == [1, 6, 1_445]
    assert sim.start_ms + DAY > START
