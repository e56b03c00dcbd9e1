"""Signals against an independent judge on random rows, and on small timelines."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import PERIOD_MS, parse_condition
from engine.market.flow import FlowAtTimes
from engine.signals import detect
from engine.signals.check_points import CheckPoints
from tests.oracles.signal_oracle import METRICS as SLOW_METRICS
from tests.oracles.signal_oracle import SlowMarket, slow_triggers, undefined_share
from tests.support.signal_markets import METRICS, START, cut, history_of, pool_of, random_market
from tests.support.signal_triggers import assert_same_triggers, case, close, told

seeds = st.integers(0, 2**32)


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_triggers_are_those_of_the_slow_loop(seed: int) -> None:
    market, conditions, logic, start, end = case(seed)
    found = detect(pool_of(conditions, logic), history_of(market), start, end)
    assert all(start <= trigger.timestamp <= end for trigger in found.triggers)
    assert_same_triggers(
        [(t.timestamp, told(t)) for t in found.triggers], slow_triggers(conditions, logic, market, start, end)
    )
    if found.check_points:
        assert found.undefined / found.check_points == undefined_share(conditions, logic, market, start, end)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_pools_of_klines_alone_are_judged_at_closes(seed: int) -> None:
    market, conditions, logic, start, end = case(seed, "mi")
    found = detect(pool_of(conditions, logic), history_of(market), start, end)
    assert_same_triggers(
        [(t.timestamp, told(t)) for t in found.triggers], slow_triggers(conditions, logic, market, start, end)
    )


@settings(max_examples=100, deadline=None)
@given(seeds, st.floats(0, 1))
def test_cutting_the_data_leaves_all_earlier_triggers(seed: int, share: float) -> None:
    market, conditions, logic, start, end = case(seed)
    pool, until = pool_of(conditions, logic), start + int((end - start) * share)
    known = cut(market, until)
    if not known.minutes:
        return
    whole, part = detect(pool, history_of(market), start, end), detect(pool, history_of(known), start, until)
    assert [t for t in whole.triggers if t.timestamp <= until] == list(part.triggers)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_values_at_many_instants_are_those_at_each(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    flow = history_of(market).flow
    times = sorted({START + rng.randrange(-1_200_000, 9_000_000) for _ in range(25)})
    for metric in METRICS:
        for period in ("1m", "3m", "5m", "15m"):
            values = FlowAtTimes(flow, np.array(times)).values(metric, PERIOD_MS[period])
            slow = [SLOW_METRICS[metric](market, time, PERIOD_MS[period]) for time in times]
            for time, value, expected in zip(times, values.tolist(), slow, strict=True):
                assert math.isnan(value) if expected is None else close(value, expected), (metric, period, time)


# ------------------------------------------------------------------------------------------- small timelines


def steady(values: list[float], field: str = "open_interest", step: int = 60_000) -> SlowMarket:
    """A market in which one value stands at every minute and nothing else is known but klines."""
    market = SlowMarket(minutes=[(START - 600_000 + i * 60_000, 1.0, 1.0, 1.0, 1.0, 1.0) for i in range(60)])
    setattr(market, field, [(START + i * step, value) for i, value in enumerate(values)])
    return market


def times(found: Any) -> list[int]:
    return [(t.timestamp - START) // 1000 for t in found.triggers]


def test_a_pool_fires_at_each_edge_and_not_while_it_stays_true() -> None:
    market = steady([100, 100, 102, 104, 104, 106])
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START, START + 360_000)) == [120, 300]


def test_an_undefined_value_keeps_the_state_and_fires_nothing_when_it_ends() -> None:
    market = steady([100, 102, 104])
    market.open_interest += [(START + 1_800_000, 104.0), (START + 1_860_000, 106.0)]  # 28 minutes of nothing before
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START, START + 2_400_000)) == [60]


def test_true_at_the_first_check_point_is_an_edge() -> None:
    market = steady([100, 102, 104, 106])
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START + 121_000, START + 240_000)) == [135]


def test_without_a_previous_value_to_divide_by_nothing_is_compared() -> None:
    market = steady([0.0, 5.0])
    for metric, operator in (("oi_delta", "<"), ("oi_delta", ">"), ("oi", "abs_lt")):
        pool = pool_of([{"metric": metric, "operator": operator, "threshold": 1e9, "time_window": "1m"}])
        found = detect(pool, history_of(market), START, START + 90_000)
        assert ([*found.triggers], found.undefined) == ([], found.check_points)


@pytest.mark.parametrize(
    ("logic", "members", "fires"),
    [
        ("OR", "TU", True), ("OR", "FU", False), ("OR", "UU", False), ("OR", "FF", False), ("OR", "TF", True),
        ("AND", "TU", False), ("AND", "FU", False), ("AND", "TT", True), ("AND", "TF", False), ("AND", "UU", False),
    ],
)  # fmt: skip
def test_pools_follow_three_valued_logic(logic: str, members: str, fires: bool) -> None:
    condition = {
        "T": {"metric": "funding", "operator": ">=", "threshold": 0, "time_window": "1m"},
        "F": {"metric": "funding", "operator": "<", "threshold": 0, "time_window": "1m"},
        "U": {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"},
    }
    market = steady([1e-5], "funding")
    found = detect(pool_of([condition[m] for m in members], logic), history_of(market), START, START + 15_000)
    assert bool(found.triggers) is fires
    undecided = {"OR": "T" not in members and "U" in members, "AND": "F" not in members and "U" in members}[logic]
    assert (found.undefined == found.check_points) is undecided


def test_a_kline_pool_is_first_judged_at_a_close_and_a_mixed_one_on_the_grid() -> None:
    market = steady([1e-5], "funding")
    always = {"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "5m"}
    never = {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"}
    market.minutes = [(START - 3_600_000 + i * 60_000, 1.0, 1.0, 1.0, 1.0, 1.0) for i in range(120)]
    assert times(detect(pool_of([always]), history_of(market), START + 1, START + 900_000)) == [300]
    assert times(detect(pool_of([always, never]), history_of(market), START + 1, START + 900_000)) == [15]


def test_a_macd_event_holds_until_the_next_kline_closes() -> None:
    rng = random.Random(3)
    market = SlowMarket()
    last = 100.0
    for i in range(120):
        last += rng.gauss(0, 1)
        market.minutes.append((START + i * 60_000, last, last, last, last, 1.0))
    macd = {"metric": "macd", "event_types": ["golden_cross"], "time_window": "1m"}
    history = history_of(market)
    events = detect(pool_of([macd]), history, START, START + 7_200_000).triggers
    market.funding = [(START, 1e-5)] + [(t.timestamp + 45_000, 1e-5) for t in events]
    funded = {"metric": "funding", "operator": ">=", "threshold": 0, "time_window": "1d"}
    both = detect(pool_of([macd, funded], "AND"), history_of(market), START, START + 7_200_000).triggers
    assert len(events) > 2
    assert [t.timestamp for t in both] == [t.timestamp for t in events]
    states = parse_condition(macd).states
    for each in events:
        points = CheckPoints(history, each.timestamp + np.array([-1, 0, 59_999, 60_000]))
        assert states(points).tolist() == [0, 1, 1, 0]


def test_facts_have_every_key_of_the_contract() -> None:
    market = random_market(11, hours=2)
    market.trades = [(START + i * 15_000, 5.0 + i % 7, 1.0, 101.0, 100.0) for i in range(40)]
    plain = {"metric": "cvd", "operator": "gt", "threshold": 1, "time_window": "1m"}
    taker = {"metric": "taker_volume", "time_window": "1m"}
    (first, *_) = detect(pool_of([plain, taker], "AND"), history_of(market), START, START + 600_000).triggers
    common = "signal_id signal_name description metric operator threshold current_value value condition_met"
    common += " time_window exchange"
    more = "direction buy sell total ratio log_ratio ratio_threshold volume volume_threshold"
    assert set(first.triggered_signals[0]) == set(common.split())
    assert set(first.triggered_signals[1]) == {*common.split(), *more.split()}
    assert json.loads(json.dumps(first.triggered_signals)) == list(first.triggered_signals)
