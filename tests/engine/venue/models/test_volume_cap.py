"""The share of a kline's volume that an order may take."""

import pytest

from tests.support.runs import buy, klines, market, run_script

STEADY = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 10.0)] * 200))


def test_a_volume_cap_cuts_a_market_order_and_lets_a_limit_order_go_on():
    _, sim, result = run_script(STEADY, {1: buy(portion=1.0)}, 4, volume_cap_percent=10.0)
    assert [fill.size for fill in sim.exchange.fills] == [1.0]
    assert result.rejections == {"volume cap": 1}
    rows = [(100.0, 101.0, 99.0, 100.0, 10.0)] * 12
    limit = buy(portion=0.05 * 8, time_in_force="Gtc", max_price=99.5)
    _, sim, result = run_script(market(X=klines(*rows)), {1: limit}, 11, volume_cap_percent=100.0)
    assert [round(fill.size, 9) for fill in sim.exchange.fills] == [10.0, 10.0, 10.0, 10.0, round(4_000 / 99.5 - 40, 9)]
    assert result.rejections == {}


def test_a_capped_stop_goes_on_in_the_next_klines():
    rows = (
        [(100.0, 100.0, 100.0, 100.0, 1_000.0)] * 3 + [(100.0, 100.0, 90.0, 90.0, 20.0)] + [(90.0,) * 4 + (20.0,)] * 4
    )
    orders = {1: buy(stop_loss_price=95.0)}
    _, sim, _ = run_script(market(X=klines(*rows)), orders, 7, volume_cap_percent=100.0)
    stops = [(fill.price, fill.size) for fill in sim.exchange.fills[1:]]
    assert stops == [(95.0, 20.0), (90.0, 20.0), (90.0, pytest.approx(10.0))]
