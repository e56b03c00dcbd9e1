"""Klines before the first ones: as many as there are before the start, and nothing else is another."""

from __future__ import annotations

import numpy as np

from adapters.certificates.reruns import LongerPast
from tests.support.noise_runs import MINUTE, START, noise_market


def test_klines_before_the_start_are_doubled_and_go_on_where_they_begin():
    market = noise_market()
    longer = LongerPast(START).applied(market)
    for symbol, history in market.symbols.items():
        recorded, made = history.base.columns, longer.symbols[symbol].base.columns
        count = history.base.first_opening(START)
        assert len(made) == len(recorded) + count == len(recorded) + 2 * 1440
        assert made.open_ms[count - 1] == recorded.open_ms[0] - MINUTE
        assert made.close[count - 1] == recorded.open[0]
        assert set(np.diff(made.open_ms).tolist()) == {MINUTE}
        assert (made.low <= np.minimum(made.open, made.close)).all()
        assert (made.high >= np.maximum(made.open, made.close)).all()
        for one, two in zip(made.figures, recorded.figures, strict=True):
            assert (one[count:] == two).all()


def test_without_klines_before_the_start_nothing_is_made():
    market = noise_market()
    columns = market.symbols["BTC"].base.columns
    assert LongerPast(int(columns.open_ms[0])).doubled(columns) is columns
