"""Time stops: the price and the instant of a close after so long a holding."""

import pytest

from tests.support.fills import fills_of_order
from tests.support.runs import MINUTE, START, buy, klines, market, run_script


def test_a_time_stop_closes_at_the_price_of_its_instant():
    done, result = fills_of_order(101.0, 102.0, 103.0, order=buy(max_holding_seconds=150), slippage_percent=1.0)
    assert done == [(3.5, 101.0 * 0.99, "time")]
    assert result.trades[0].exit_reason == "time"


def test_a_time_stop_without_a_price_waits_for_the_next_close():
    rows = [None] * 12 + [(110, 111, 109, 110)]
    done, _ = fills_of_order(*rows, minutes=20, order=buy(max_holding_seconds=720))
    assert done == [(15, 110.0, "time")]


def test_of_a_time_stop_and_a_stop_the_earlier_one_closes():
    done, _ = fills_of_order((100, 100, 94, 95), 95.0, 95.0, order=buy(max_holding_seconds=180, stop_loss_price=95.0))
    assert done == [(3, 95.0, "sl")]
    done, _ = fills_of_order(100.0, (100, 100, 94, 95), 95.0, order=buy(max_holding_seconds=60, stop_loss_price=95.0))
    assert done == [(2, 100.0, "time")]


def test_what_a_volume_cap_leaves_of_a_time_stop_goes_at_each_following_close():
    prices = [100.0, 100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0]
    rows = [(price,) * 4 + (500.0 if place < 2 else 10.0,) for place, price in enumerate(prices)]
    history, order = market(X=klines(*rows)), {1: buy(max_holding_seconds=120)}
    _, sim, result = run_script(history, order, 9, volume_cap_percent=100.0)
    exits = [((f.timestamp - START) / MINUTE, f.size, f.price) for f in sim.exchange.fills[1:]]
    assert exits == [(3 + k, 10.0, 101.0 + k) for k in range(5)]
    assert [trade.exit_reason for trade in result.trades] == ["time"] * 5


def test_a_time_stop_that_gets_no_volume_ends_with_the_data():
    rows = [(100.0, 100.0, 100.0, 100.0, 0.0 if place else 500.0) for place in range(6)]
    _, sim, result = run_script(market(X=klines(*rows)), {1: buy(max_holding_seconds=60)}, 20, volume_cap_percent=50.0)
    assert (len(sim.exchange.fills), result.error) == (1, None)
    assert result.open_positions[0]["size"] == 50.0


@pytest.mark.parametrize("last", [40, 25])
def test_a_time_stop_that_was_due_at_a_stale_price_closes_at_the_next_close_also_of_a_kline_under_way(last):
    rows = [100.0] * 5 + [None] * 19 + [100.0] * (last - 24)
    order = {4: buy(max_holding_seconds=20 * 60 + 30)}
    _, sim, _ = run_script(market(X=klines(*rows)), order, 40, price_stale_ms=5 * MINUTE)
    assert [((f.timestamp - START) / MINUTE, str(f.purpose)) for f in sim.exchange.fills[1:]] == [(25, "time")]


def test_what_an_order_enters_after_its_exit_was_triggered_has_one_exit_too():
    reaches, dips = (100.0, 103.0, 100.0, 100.0), (100.0, 100.0, 98.0, 100.0)
    kinds = [(100.0,) * 4, (100.0,) * 4, dips, reaches, dips, dips, *[(100.0,) * 4] * 6]
    volumes = [500.0, 500.0, 10.0, 4.0, 10.0, 10.0, *[500.0] * 6]
    history = market(X=klines(*[(*kind, volume) for kind, volume in zip(kinds, volumes, strict=True)]))
    order = buy(max_price=99.0, time_in_force="Gtc", take_profit_price=102.0, max_holding_seconds=240)
    _, sim, _ = run_script(history, {1: order}, 11, volume_cap_percent=100.0, fee_rate=0.0, maker_fee_rate=0.0)
    done = [((f.timestamp - START) / MINUTE, str(f.purpose), pytest.approx(f.size)) for f in sim.exchange.fills]
    entries = [(3, "entry", 10.0), (5, "entry", 10.0), (6, "entry", 10.0)]
    assert [each for each in done if each[1] == "entry"] == entries
    assert [each for each in done if each[1] != "entry"] == [(4, "tp", 4.0), (7, "tp", 6.0), (9, "time", 20.0)]
