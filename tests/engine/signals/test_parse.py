"""Conditions from plain values: every spelling, and what is wrong with a malformed one."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine import ConfigurationError, parse_condition
from tests.support.signal_markets import ALIASES, METRICS, OPERATORS

GOOD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({**GOOD, "metric": "cdv"}, "there is no metric 'cdv'"),
        ({**GOOD, "metric": None}, "metric is missing"),
        ({**GOOD, "metric": 5}, "metric 5 is no name"),
        ({**GOOD, "operator": "=>"}, "operator '=>' is not one of"),
        ({**GOOD, "operator": None}, "operator None"),
        ({"metric": "cvd", "operator": ">"}, "threshold is missing"),
        ({**GOOD, "threshold": "high"}, "threshold 'high' is no finite number"),
        ({**GOOD, "threshold": True}, "threshold True is no finite number"),
        ({**GOOD, "threshold": math.nan}, "threshold nan is no finite number"),
        ({**GOOD, "threshold": [1]}, r"threshold \[1\] is no finite number"),
        ({**GOOD, "threshold": 10**400}, "threshold 1000"),
        ({**GOOD, "time_window": "7m"}, "time_window '7m' is not one of"),
        ({**GOOD, "time_window": 5}, "time_window 5 is not one of"),
        ({"metric": "taker_volume", "direction": "up"}, "direction 'up' is not one of"),
        ({"metric": "taker_volume", "ratio_threshold": "x"}, "ratio_threshold 'x' is no finite number"),
        ({"metric": "taker_volume", "volume_threshold": -1}, "volume_threshold -1 is below 0"),
        ({"metric": "macd"}, "event_types is missing"),
        ({"metric": "macd", "event_types": []}, "event_types is empty"),
        ({"metric": "macd", "event_types": "golden_cross"}, "event_types 'golden_cross' is no list"),
        ({"metric": "macd", "event_types": ["gold"]}, "event type 'gold' is not one of"),
        ({**GOOD, "metric": "indicator:FOO9"}, "there is no indicator 'FOO9'"),
        ({**GOOD, "metric": "indicator:BOLL", "output": "top"}, "BOLL has no output 'top'"),
        ("{not json", "the condition is no JSON"),
        ("[1]", r"the condition \[1\] is no object"),
    ],
)
def test_a_malformed_condition_says_what_is_wrong(condition: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        parse_condition(condition)


def test_all_problems_of_a_condition_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_condition({"metric": "x", "operator": "?", "threshold": "y", "time_window": "z"})
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("spelling", [*METRICS, *ALIASES, "CVD", " Oi_Delta "])
def test_every_metric_has_its_spellings(spelling: str) -> None:
    assert parse_condition({**GOOD, "metric": spelling}).time_window == "5m"


@pytest.mark.parametrize("operator", [*OPERATORS, "GT", "Less_Than"])
def test_every_operator_has_its_spellings(operator: str) -> None:
    parse_condition({**GOOD, "operator": operator})


def test_the_default_window_is_five_minutes() -> None:
    assert parse_condition({"metric": "cvd", "operator": ">", "threshold": 1}).time_window == "5m"
