"""Statistics of hand-made curves, of published return series, and what they must not depend on."""

import json
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.result import FIGURES
from engine.result.statistics import (
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    max_drawdown,
    sharpe_ratio,
    sortino_ratio,
    trade_statistics,
)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], []),
        ([100], []),
        ([100, 110], [0.10]),
        ([100, 110, 99], [0.10, -0.10]),
        ([100, 100, 100, 100], [0.0, 0.0, 0.0]),
        ([100, 0, 50, 60], [-1.0]),  # ruin
        ([100, 50, -25, -50], [-0.5, -1.5]),
        ([0, 10, 20], []),
    ],
)
def test_returns_run_from_mark_to_mark_until_ruin(marks, expected):
    assert daily_returns(column(*marks)).tolist() == pytest.approx(expected, abs=1e-15)


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
    returns = daily_returns(equity)
    assert sharpe_ratio(returns) is None
    assert (sortino_ratio(returns) is None) == (growth >= 1.0)


def test_rounding_below_zero_is_no_downside():
    assert sortino_ratio(column(0.01, -1e-16, 0.02)) is None


@pytest.mark.parametrize(
    ("equity", "expected"),
    [
        ([], (0, 0)),
        ([100], (0, 0)),
        ([100, 100, 100], (0, 0)),
        ([100, 110, 120], (0, 0)),
        ([100, 90], (10, 10)),  # one loss first
        ([100, 50, 1000, 900], (100, 50)),  # each its own maximum
        ([100, 120, 120, 90, 100, 130], (30, 25)),
        ([100, 60, 0], (100, 100)),
        ([100, -50], (150, 150)),
        ([-10, -20, -5], (10, 0)),  # no percent of a peak below zero
        ([0, -20], (20, 0)),
    ],
)
def test_drawdown(equity, expected):
    assert max_drawdown(column(*equity)) == expected


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60))
def test_drawdown_is_the_worst_pair_of_points(equity):
    usd, percent = max_drawdown(column(*equity))
    pairs = [(i, j) for j in range(len(equity)) for i in range(j + 1)]
    assert usd == max(equity[i] - equity[j] for i, j in pairs)
    assert percent == pytest.approx(max(100 * (1 - equity[j] / equity[i]) for i, j in pairs), abs=1e-12)


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
        ([], (0, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0)),
        ([0.0], (1, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0)),
        ([10.0, 30.0], (2, 2, 0, 100.0, None, 20.0, 0.0, 30.0, 0.0)),
        ([-10.0, -30.0], (2, 0, 2, 0.0, 0.0, 0.0, -20.0, 0.0, -30.0)),
        ([-10.0, 30.0, 0.0, 20.0], (4, 2, 1, 50.0, 5.0, 25.0, -10.0, 30.0, -10.0)),
    ],
)
def test_trade_statistics(pnl, expected):
    found = trade_statistics(pnl)
    assert found == trade_statistics(column(*pnl))
    assert tuple(found.values()) == expected
    assert set(found) <= set(FIGURES)


# Published values: column `returns` holds null for a missing observation.


def empyrical(case):
    """Return our figure for one published case; None for a metric that perpsim does not report."""
    seen = np.array([value is not None for value in case["returns"]])
    returns = np.array([value or 0.0 for value in case["returns"]])
    equity = np.cumprod(np.concatenate(([1.0], 1.0 + returns)))
    target = np.broadcast_to(case.get("risk_free", case.get("required", 0.0)), returns.shape)
    factor = case.get("periods_per_year", 252)
    fall, annual = max_drawdown(equity)[1], annual_return(equity[0], equity[-1], len(returns) / factor)
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
