"""Trials in the first part of their range."""

from __future__ import annotations

import pytest

from adapters.searches.pruning import FEWEST_KNOWN, FirstParts, first_part
from adapters.studies import parse_metric
from adapters.trials import Job, Trial
from engine import BacktestConfig

START, DAY = 1_704_067_200_000, 86_400_000


class Idle:
    def should_trade(self, data):
        return None


def job(days=10, **fields):
    return Job(
        BacktestConfig(strategy=Idle, symbols=["BTC"], start_time=START, end_time=START + days * DAY, **fields), {}
    )


@pytest.mark.parametrize(
    ("fields", "share", "end"),
    [
        ({}, 0.3, START + 3 * DAY),
        ({}, 0.33333, START + (DAY * 10 * 33_333 // 100_000) // 60_000 * 60_000),
        ({"base_period": "1d"}, 0.39, START + 3 * DAY),
        ({"start_time": START + 5 * DAY}, 0.4, START + 7 * DAY),
    ],
)
def test_it_is_the_same_run_with_an_earlier_end_at_the_close_of_a_kline(fields, share, end):
    trial = Trial(7, fields, {"threshold": 3}, "ground")
    assert first_part(job(), trial, share) == Trial(7, {**fields, "end_time": end}, {"threshold": 3}, "ground")


def test_what_is_too_short_or_not_valid_has_none():
    assert first_part(job(base_period="1d"), Trial(0), 0.05) is None
    assert first_part(job(), Trial(0, {"fee_rate": -5.0}), 0.5) is None


def parts_of(metric, quantile, values):
    parts = FirstParts(parse_metric(metric), quantile)
    for number, value in enumerate(values):
        parts.add(number, value)
    return parts


def test_worse_than_the_median_of_those_before_is_worse():
    parts = parts_of("sharpe_ratio", 0.5, range(FEWEST_KNOWN))
    assert parts.is_worse(99, 4.4)
    assert not parts.is_worse(99, 4.5)


def test_of_a_metric_of_which_less_is_better_more_is_worse():
    parts = parts_of("max_drawdown_percent", 0.5, range(FEWEST_KNOWN))
    assert parts.is_worse(99, 4.6)
    assert not parts.is_worse(99, 4.5)


def test_another_quantile_is_taken_where_it_is_given():
    parts = parts_of("sharpe_ratio", 0.2, range(11))
    assert parts.is_worse(99, 1.9)
    assert not parts.is_worse(99, 2.0)


def test_only_trials_before_it_count_and_of_few_none_is_judged():
    parts = parts_of("sharpe_ratio", 0.5, [5.0] * FEWEST_KNOWN)
    assert parts.is_worse(FEWEST_KNOWN, 1.0)
    assert not parts.is_worse(FEWEST_KNOWN - 1, 1.0)
