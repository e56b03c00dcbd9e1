"""Slippage by the share of volume and by the spread, and the share of a kline that an order may take."""

import math

import pytest

from engine import BookRows, FlowHistory, MarketOrder, SymbolHistory
from engine.venue.models import SpreadSlippage, VolumeShareSlippage
from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script

STEADY = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 10.0)] * 200))


def order(size, sign=1, minute=100, history=STEADY.symbols["X"]):
    return MarketOrder("X", sign, size, 100.0, START + minute * MINUTE, history)


def test_impact_grows_with_the_square_root_of_the_share_of_volume():
    model = VolumeShareSlippage(impact_percent=2.0, percent=0.1)
    assert model.fill_price(order(6.0)) == pytest.approx(100 * (1 + (0.1 + 2 * math.sqrt(6 / 600)) / 100))
    assert model.fill_price(order(6.0, -1)) == pytest.approx(100 * (1 - (0.1 + 2 * math.sqrt(6 / 600)) / 100))
    assert model.fill_price(order(6.0, minute=10)) == pytest.approx(100 * (1 + (0.1 + 2 * math.sqrt(6 / 100)) / 100))
    assert model.fill_price(order(6.0, minute=0)) == pytest.approx(102.1)  # nothing was traded yet


def test_half_the_spread_of_a_fresh_snapshot():
    book = BookRows([START + MINUTE], [1.0], [1.0], [0.4])
    history = SymbolHistory("X", klines(*[100.0] * 5), flow=FlowHistory(book=book))
    model = SpreadSlippage(percent=1.0)
    assert model.fill_price(order(1.0, 1, 1, history)) == pytest.approx(100.2)
    assert model.fill_price(order(1.0, -1, 2, history)) == pytest.approx(99.8)
    assert model.fill_price(order(1.0, 1, 3, history)) == pytest.approx(101.0)
    assert model.fill_price(order(1.0, 1, 0, history)) == pytest.approx(101.0)


def test_a_spread_that_is_not_recorded_is_a_warning():
    _, _, result = run_script(STEADY, {1: buy(), 2: close()}, 4, slippage_model="spread")
    assert "X: no spread is recorded at 2 fills: those that took paid slippage_percent" in result.warnings
    _, _, result = run_script(STEADY, {1: buy()}, 4)
    assert not [warning for warning in result.warnings if "spread" in warning]


def test_a_volume_cap_lets_a_market_order_work_on_and_a_limit_order_rest():
    _, sim, result = run_script(STEADY, {1: buy(portion=1.0)}, 4, volume_cap_percent=10.0)
    fills = [((fill.timestamp - START) // MINUTE, fill.size) for fill in sim.exchange.fills]
    assert fills == [(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)]
    assert result.rejections == {"end of run": 1}
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
