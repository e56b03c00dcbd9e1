"""Flow metrics against slow versions of the contract's rules."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import PERIOD_MS, BookRows, FlowHistory, TimedValues, TradeRows
from engine.market.flow import FLOW_METRICS, flow_metric
from tests.oracles.flow_oracle import slow_flow
from tests.support.signal_markets import START, history_of, random_market, recorded

seeds = st.integers(0, 2**32)


def assert_same(where: str, ours: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        for key, value in theirs.items():
            assert_same(f"{where} {key}", ours[key], value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for one, other in zip(ours, theirs, strict=True):
            assert_same(where, one, other)
    elif isinstance(theirs, float):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9), (where, ours, theirs)
    else:
        assert ours == theirs, where


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_every_metric_is_that_of_the_slow_loop(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    flow = history_of(market).flow
    for _ in range(12):
        now = START + rng.randrange(-900_000, 9_000_000) // rng.choice([1, 15_000, 60_000]) * rng.choice([1, 15_000])
        for metric in FLOW_METRICS:
            for period in ("1m", "5m", "15m"):
                ours = flow_metric(flow, metric, PERIOD_MS[period], now)
                assert_same(f"{metric} {period} {now}", ours, slow_flow(market, metric, PERIOD_MS[period], now))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_questions_in_any_order_get_the_same_answers(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    times = [START + rng.randrange(0, 7_200_000) for _ in range(20)]
    asked = [(time, metric) for time in times for metric in FLOW_METRICS]
    first, second = history_of(market).flow, history_of(market).flow
    forward = {(t, m): flow_metric(first, m, 300_000, t) for t, m in sorted(asked)}
    rng.shuffle(asked)
    assert {(t, m): flow_metric(second, m, 300_000, t) for t, m in asked} == forward


def test_an_unknown_metric_has_no_answer() -> None:
    assert flow_metric(history_of(random_market(1)).flow, "CDV", 60_000, START) is None


def test_a_row_without_vwap_still_has_its_prices() -> None:
    nan = math.nan
    times = START + 60_000 * np.arange(3, dtype=np.int64)
    ones = np.ones(3)
    trades = TradeRows(times, ones, ones, ones, ones, np.array([nan, 5.0, nan]), np.array([10.0, 11.0, 12.0]), ones)
    flow = FlowHistory(trades)
    found = flow_metric(flow, "PRICE_CHANGE", 60_000, int(times[-1]))
    assert found is not None
    assert (found["start_price"], found["end_price"]) == (11.0, 12.0)


def test_open_interest_and_marks_may_stand_in_different_rows() -> None:
    flow = FlowHistory(
        mark_price=TimedValues(np.array([START + 5_000]), np.array([100.0])),
        open_interest=TimedValues(np.array([START, START + 61_000]), np.array([10.0, 10.125])),
    )
    assert flow_metric(flow, "OI", 60_000, START + 61_000) == {"current": 12.5, "last_5": [12.5]}


def test_tables_that_are_missing_or_empty_answer_nothing() -> None:
    none = np.empty(0)
    empty = FlowHistory(TradeRows(np.empty(0, np.int64), *[none] * 7), BookRows(np.empty(0, np.int64), *[none] * 3))
    for flow in (FlowHistory(), empty):
        assert [flow_metric(flow, metric, 60_000, START) for metric in FLOW_METRICS] == [{}] * 9
        assert recorded(flow) == []
