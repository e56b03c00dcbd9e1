"""A metric of one's own: one record, which programs, signals over a range and signals row by row read alike."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from engine import ConfigurationError, IncrementalDetector, parse_condition
from engine.market.flow import (
    FLOW_METRICS,
    LAST,
    SIGNAL_METRICS,
    SUM,
    FlowAtTimes,
    FlowRowByRow,
    Kept,
    Metric,
    flow_metric,
    register_metric,
)
from tests.oracles.signal_oracle import SlowMarket, buckets_of
from tests.support.signal_markets import START, history_of, pool_of, random_market

GROWTH = Metric(
    "BUY_GROWTH",
    "buy_growth",
    "trades",
    (Kept("buy_notional", SUM),),
    figure=lambda divide: lambda old, new: divide(new - old, old) * 100.0,
    against_previous=True,
    buckets=6,
)
INTERVALS = (60_000, 180_000, 900_000)


@pytest.fixture(autouse=True)
def growth() -> Iterator[None]:
    """Register the metric for one test."""
    register_metric(GROWTH)
    yield
    del FLOW_METRICS["BUY_GROWTH"], SIGNAL_METRICS["buy_growth"]


def bought(market: SlowMarket, interval: int, now: int) -> list[float]:
    """What was bought in each bucket of the window, row after row."""
    return [sum(row[1] for row in bucket) for bucket in buckets_of(market.trades, now, interval)]


@pytest.mark.parametrize("seed", range(40))
def test_its_three_readers_agree_with_a_slow_loop(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    flow = history_of(market).flow
    times = sorted({START + rng.randrange(-1_200_000, 9_000_000) for _ in range(60)})
    at_times = {interval: FlowAtTimes(flow, np.array(times)).values("buy_growth", interval) for interval in INTERVALS}
    by_row = FlowRowByRow([("buy_growth", interval) for interval in INTERVALS])
    rows = iter([*market.trades, (math.inf,)])
    row = next(rows)
    for place, now in enumerate(times):
        while row[0] <= now:
            by_row.add("trades", *row[:3])
            row = next(rows)
        by_row.now_ms = now
        for interval in INTERVALS:
            sums = bought(market, interval, now)
            for_signals = [(new - old) / old * 100 if old else math.nan for old, new in pairwise(sums)]
            last = pytest.approx(for_signals[-1] if for_signals else math.nan, nan_ok=True, rel=1e-9)
            assert at_times[interval][place] == last
            assert by_row.values("buy_growth", interval)[0] == last
            figures = [0.0 if math.isnan(each) else each for each in for_signals[-5:]]
            answer = {"current": figures[-1], "last_5": figures} if figures else {}
            found = flow_metric(flow, "BUY_GROWTH", interval, now)
            assert found == {name: pytest.approx(value, rel=1e-9) for name, value in answer.items()}


def test_a_condition_compares_it() -> None:
    condition = parse_condition({"metric": "buy_growth", "operator": ">", "threshold": 50, "time_window": "1m"})
    assert condition.describe() == "buy_growth > 50 on 1m"


def test_a_name_that_is_taken_is_refused() -> None:
    other = Metric("SPREAD", "funding_rate", "book", (Kept("spread", LAST),), figure=lambda _: lambda spread: spread)
    with pytest.raises(ConfigurationError, match="there is a flow metric 'funding_rate' already"):
        register_metric(other)
    assert "SPREAD" not in FLOW_METRICS


def test_one_of_columns_that_are_not_given_row_by_row_is_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    coins = Metric("COINS", "coins", "trades", (Kept("buy_volume", SUM),), figure=lambda _: lambda coins: coins)
    monkeypatch.setitem(SIGNAL_METRICS, "coins", coins)
    pool = pool_of([{"metric": "coins", "operator": ">", "threshold": 0}])
    with pytest.raises(ConfigurationError, match="metric coins needs buy_volume, which is not given row by row"):
        IncrementalDetector(pool, "BTC")
