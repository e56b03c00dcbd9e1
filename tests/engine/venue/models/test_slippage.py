"""Slippage: impact by the share of volume, and half the spread."""

import math

import pytest

from engine import BookRows, FlowHistory, MarketOrder, SymbolHistory
from engine.venue.models import SpreadSlippage, VolumeShareSlippage
from tests.support.runs import MINUTE, START, klines, market

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
    assert model.fill_price(order(1.0, 1, 1, history)) == pytest.approx(100.2 * 1.01)
    assert model.fill_price(order(1.0, -1, 2, history)) == pytest.approx(99.8 * 0.99)
    assert model.fill_price(order(1.0, 1, 3, history)) == pytest.approx(101.0)
    assert model.fill_price(order(1.0, 1, 0, history)) == pytest.approx(101.0)
