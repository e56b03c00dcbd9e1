"""Statistics of hand-made curves, of published return series, and what they must not depend on."""

import json
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS
from engine.result.statistics import (
    Drawdown,
    TradeStatistics,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    max_drawdown,
    sharpe_ratio,
    sortino_ratio,
    trade_statistics,
)

MIDNIGHT = 19_900 * DAY_MS


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def returns_of(points: dict[float, float]) -> list[float]:
    """Daily returns of equity at hours since a midnight."""
    timestamps = np.array([MIDNIGHT + round(hour * HOUR_MS) for hour in points], dtype=np.int64)
    return daily_returns(timestamps, column(*points.values())).tolist()


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, []),
        ({5: 100}, []),
        ({0: 100, 24: 110}, [0.10]),
        ({0: 100, 24: 110, 48: 99}, [0.10, -0.10]),
        ({6: 100, 18: 120}, [0.20]),  # within one day
        ({6: 100, 24: 110, 30: 99}, [0.10, -0.10]),  # part-days at both ends
        ({0: 100, 12: 500, 24: 110, 36: 1, 48: 121}, [0.10, 0.10]),  # what lies between marks does not count
        ({6: 100, 24: 100, 48: 100, 72: 100}, [0.0, 0.0, 0.0]),
        ({6: 100, 23: 110, 49: 121}, [0.10, 0.0, 0.10]),  # no point at the midnights: the newest one before each
        ({0: 100, 24: 0, 48: 50, 72: 60}, [-1.0]),  # ruin
        ({0: 100, 24: 50, 48: -25, 72: -50}, [-0.5, -1.5]),
        ({0: 0, 24: 10, 48: 20}, []),
    ],
)
def test_returns_run_between_midnights(points, expected):
    assert returns_of(points) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("returns", "sharpe", "sortino"),
    [
        ([], None, None),
        ([0.1], None, None),
        ([0.0, 0.0, 0.0], None, None),
        ([0.01] * 30, None, None),
        ([-0.01] * 30, None, -sqrt(365)),
        ([0.01, 0.03], 0.02 / sqrt(0.0002) * sqrt(365), None),
        ([-0.02, 0.04], 0.01 / sqrt(0.0018) * sqrt(365), 0.01 / sqrt(0.0002) * sqrt(365)),
        ([-1.0, 1.0], 0.0, 0.0),
    ],
)
def test_sharpe_and_sortino(returns, sharpe, sortino):
    assert sharpe_ratio(column(*returns)) == pytest.approx(sharpe)
    assert sortino_ratio(column(*returns)) == pytest.approx(sortino)


@pytest.mark.parametrize("growth", [1.01, 1.000001, 1.5, 0.99, 1.0])
def test_equal_returns_have_no_deviation_even_after_rounding(growth):
    equity = np.cumprod(np.full(40, growth)) * 10_000.0
    returns = daily_returns(MIDNIGHT + np.arange(40) * DAY_MS, equity)
    assert sharpe_ratio(returns) is None
    assert (sortino_ratio(returns) is None) == (growth >= 1.0)


def test_rounding_below_zero_is_no_downside():
    assert sortino_ratio(column(0.01, -1e-16, 0.02)) is None


@pytest.mark.parametrize(
    ("equity", "expected"),
    [
        ([], Drawdown()),
        ([100], Drawdown()),
        ([100, 100, 100], Drawdown()),
        ([100, 110, 120], Drawdown()),
        ([100, 90], Drawdown(10, 0, 1, 10, 0, 1)),  # one loss first
        ([100, 50, 1000, 900], Drawdown(100, 2, 3, 50, 0, 1)),  # each its own maximum
        ([100, 120, 120, 90, 100, 130], Drawdown(30, 2, 3, 25, 2, 3)),  # the peak is where equity leaves it
        ([100, 60, 0], Drawdown(100, 0, 2, 100, 0, 2)),
        ([100, -50], Drawdown(150, 0, 1, 150, 0, 1)),
        ([-10, -20, -5], Drawdown(10, 0, 1)),  # no percent of a peak below zero
        ([0, -20], Drawdown(20, 0, 1)),
    ],
)
def test_drawdown(equity, expected):
    assert max_drawdown(column(*equity)) == expected


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60))
def test_drawdown_is_the_worst_pair_of_points(equity):
    found = max_drawdown(column(*equity))
    pairs = [(i, j) for j in range(len(equity)) for i in range(j + 1)]
    assert found.usd == max(equity[i] - equity[j] for i, j in pairs)
    assert found.percent == pytest.approx(max(100 * (1 - equity[j] / equity[i]) for i, j in pairs), abs=1e-12)
    if found.usd_peak is not None and found.usd_trough is not None:
        assert equity[found.usd_peak] - equity[found.usd_trough] == found.usd
        assert equity[found.usd_peak] == max(equity[: found.usd_trough + 1])


@pytest.mark.parametrize(
    ("first", "last", "years", "expected"),
    [
        (100.0, 110.0, 1.0, 0.10),
        (100.0, 121.0, 2.0, 0.10),
        (100.0, 110.0, 0.2, 1.1**5 - 1),
        (100.0, 100.0, 1.0, 0.0),
        (100.0, 0.0, 1.0, -1.0),
        (100.0, -10.0, 1.0, -1.0),
        (0.0, 10.0, 1.0, None),
        (100.0, 110.0, 0.0, None),
        (100.0, 110.0, 1 / 525_600, None),  # beyond any float
        (100.0, 90.0, 1 / 525_600, -1.0),
    ],
)
def test_annual_return_is_compound_growth(first, last, years, expected):
    assert annual_return(first, last, years) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("annual", "percent", "expected"), [(0.1, 20.0, 0.5), (-1.0, 100.0, -1.0), (0.1, 0.0, None), (None, 20.0, None)]
)
def test_calmar_needs_a_drawdown(annual, percent, expected):
    assert calmar_ratio(annual, percent) == expected


def test_volatility_is_0_when_nothing_moves_and_none_when_nothing_can():
    assert annual_volatility(column(0.0, 0.0)) == 0.0
    assert annual_volatility(column(-0.02, 0.04)) == pytest.approx(sqrt(0.0018 * 365))
    assert annual_volatility(column(0.1)) is None
    assert annual_volatility(column()) is None


@pytest.mark.parametrize(
    ("pnl", "expected"),
    [
        ([], TradeStatistics(0, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        ([0.0], TradeStatistics(1, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        ([10.0, 30.0], TradeStatistics(2, 2, 0, 100.0, None, 40.0, 0.0, 20.0, 0.0, 30.0, 0.0)),
        ([-10.0, -30.0], TradeStatistics(2, 0, 2, 0.0, 0.0, 0.0, -40.0, 0.0, -20.0, 0.0, -30.0)),
        ([-10.0, 30.0, 0.0, 20.0], TradeStatistics(4, 2, 1, 50.0, 5.0, 50.0, -10.0, 25.0, -10.0, 30.0, -10.0)),
    ],
)
def test_trade_statistics(pnl, expected):
    assert trade_statistics(pnl) == trade_statistics(column(*pnl)) == expected


@given(
    st.integers(0, DAY_MS // MINUTE_MS - 1),
    st.integers(2, 5),
    st.lists(st.integers(0, 5 * 1_440), max_size=30),
    st.integers(0, 2**32),
)
def test_statistics_do_not_depend_on_the_points_between_the_marks(start_minute, days, extra, seed):
    """A curve at every whole minute, and one of its ends, midnights and any other points, say the same of its days."""
    minutes = np.arange(start_minute, start_minute + days * 1_440 - 17)
    equity = 10_000.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 1e-3, len(minutes))))
    timestamps = MIDNIGHT + minutes * MINUTE_MS
    kept = minutes % 1_440 == 0
    kept[[0, -1, *(row for row in extra if row < len(minutes))]] = True
    full, sampled = daily_returns(timestamps, equity), daily_returns(timestamps[kept], equity[kept])
    assert full.tobytes() == sampled.tobytes()
    assert len(full) == days + (start_minute > 18)  # at 18 the last mark is midnight itself


# Published values: column `returns` holds null for a missing observation.


def empyrical(case):
    """Return our figure for one published case; None for a metric that perpsim does not report."""
    seen = np.array([value is not None for value in case["returns"]])
    returns = np.array([value or 0.0 for value in case["returns"]])
    equity = np.cumprod(np.concatenate(([1.0], 1.0 + returns)))
    target = np.broadcast_to(case.get("risk_free", case.get("required", 0.0)), returns.shape)
    factor = case.get("periods_per_year", 252)
    fall, annual = max_drawdown(equity).percent, annual_return(equity[0], equity[-1], len(returns) / factor)
    return {
        "max_drawdown": -fall / 100,
        "annual_return": annual,
        "annual_volatility": annual_volatility(returns[seen], factor),
        "calmar": calmar_ratio(annual, fall),
        "sharpe": sharpe_ratio((returns - target)[seen], factor),
        "sortino": sortino_ratio((returns - target)[seen], factor),
    }.get(case["metric"])


def test_published_values_of_empyrical(shared_data):
    cases = json.loads((shared_data / "ref" / "empyrical_metric_cases.json").read_text())["cases"]
    ours = [case for case in cases if case["metric"] != "omega"]
    assert len(ours) == 20
    for case in ours:
        assert empyrical(case) == pytest.approx(case["expected"], rel=1e-7), case


def test_published_downside_deviation_of_bacon(shared_data):
    """Sortino with a target of 0.5 % a month is the mean excess over the published downside deviation."""
    cases = json.loads((shared_data / "ref" / "bacon_metric_cases.json").read_text())["cases"]
    expected = {case["metric"]: case["published"] for case in cases}
    rows = (shared_data / "ref" / "bacon_portfolio_returns.csv").read_text().splitlines()[1:]
    excess = np.array([float(row.split(",")[1]) for row in rows]) - 0.005
    ratio = sortino_ratio(excess, 1.0)
    assert ratio == pytest.approx(expected["kappa_l2_MAR0005"], abs=5e-4)
    assert ratio == pytest.approx(excess.mean() / expected["downside_deviation_MAR0005"], rel=2e-3)
