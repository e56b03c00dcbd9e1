"""Suggested thresholds fire as often as they say."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from engine import ConfigurationError, parse_condition, suggest_threshold
from engine.signals import detect
from tests.support.signal_markets import START, history_of, pool_of, random_market

DAY = 86_400_000

MACD = '{"metric": "macd", "event_types": ["golden_cross"], "time_window": "1h"}'


@pytest.mark.parametrize(
    "condition",
    [
        {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"},
        {"metric": "cvd", "operator": "lt", "threshold": 0, "time_window": "1m"},
        {"metric": "depth_ratio", "operator": "abs_gt", "threshold": 0, "time_window": "1m"},
        {"metric": "volatility", "operator": "abs_lt", "threshold": 0, "time_window": "1m"},
        {"metric": "taker_volume", "direction": "sell", "time_window": "1m"},
        {"metric": "indicator:RSI14", "operator": "<=", "threshold": 0, "time_window": "1m"},
    ],
)
def test_a_suggested_threshold_fires_as_often_as_it_says(condition: dict[str, Any]) -> None:
    rng, market = random.Random(1), random_market(24, hours=12)
    times = range(START, START + DAY // 2, 15_000)
    market.book = [(time, rng.random(), rng.random()) for time in times]
    market.trades = [(time, rng.random(), rng.random(), 100 + rng.random(), 99 + rng.random()) for time in times]
    history, end = history_of(market), START + DAY // 2
    best = suggest_threshold(parse_condition(condition), history, START, end, 20.0)
    found = detect(
        pool_of([{**condition, "threshold": best.threshold, "ratio_threshold": best.threshold}]), history, START, end
    )
    assert len(found.triggers) / 0.5 == best.per_day
    assert best.per_day == pytest.approx(20.0, abs=4.0)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (json.loads(MACD), "it has no threshold to suggest"),
        ({"metric": "cvd", "operator": "==", "threshold": 0}, "== has no threshold to suggest"),
        ({"metric": "oi", "operator": ">", "threshold": 0}, "it is nowhere defined in the range"),
    ],
)
def test_some_conditions_have_no_suggestion(condition: dict[str, Any], text: str) -> None:
    market = random_market(24, minutes_before=6_000)
    market.open_interest = []
    with pytest.raises(ConfigurationError, match=text):
        suggest_threshold(parse_condition(condition), history_of(market), START, START + DAY, 1.0)
