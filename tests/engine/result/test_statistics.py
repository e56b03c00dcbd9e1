"""Statistics of hand-made curves, of published return series, and what they must not depend on."""

import json
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.result.statistics import (
    Drawdowns,
    against,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    omega_ratio,
    shape,
    sharpe_error,
    sharpe_ratio,
    sortino_ratio,
)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def drawdowns(equity, cuts=()):
    """The falls of a curve that is taken in in parts, and its stretches below a peak: (first row, row at the peak)."""
    found, stretches = Drawdowns(), []
    for rows in np.split(np.arange(len(equity)), sorted(cuts)):
        stretches += zip(*(each.tolist() for each in found.add(rows, column(*equity)[rows])), strict=True)
    return found, stretches + ([] if found.below is None else [(found.below, len(equity))])


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
    found, _ = drawdowns(equity)
    assert (found.usd, found.percent) == expected


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60))
def test_drawdown_is_the_worst_pair_of_points(equity):
    found, _ = drawdowns(equity)
    pairs = [(i, j) for j in range(len(equity)) for i in range(j + 1)]
    assert found.usd == max(equity[i] - equity[j] for i, j in pairs)
    assert found.percent == pytest.approx(max(100 * (1 - equity[j] / equity[i]) for i, j in pairs), abs=1e-12)


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
    ("equity", "stretches", "recovered"),
    [
        ([], [], None),
        ([100, 110, 110, 120], [], None),
        ([100, 90, 95, 100, 110], [(1, 3)], 3),  # equality is back again
        ([100, 90, 95], [(1, 3)], None),
        ([100, 99, 100, 60, 80, 101, 90, 100], [(1, 2), (3, 5), (6, 8)], 5),
        ([-10, -20, -10], [(1, 2)], 2),  # no percent: the largest in USD
    ],
)
def test_stretches_below_a_peak_and_the_way_back(equity, stretches, recovered):
    found, ours = drawdowns(equity)
    assert ours == stretches
    assert found.recovered == recovered


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40), st.sets(st.integers(0, 40)))
def test_stretches_are_those_of_a_slow_loop(equity, cuts):
    found, stretches = drawdowns(equity, cuts)
    below = {row for first, end in stretches for row in range(first, end)}
    assert below == {row for row, value in enumerate(equity) if value < max(equity[: row + 1])}
    if below:
        peaks = [max(equity[: row + 1]) for row in range(len(equity))]
        falls = [100.0 * (peak - value) / peak for peak, value in zip(peaks, equity, strict=True)]
        assert (found.percent, found.trough) == (max(falls), falls.index(max(falls)))
        again = [row for row in range(found.trough, len(equity)) if equity[row] >= peaks[found.trough]]
        assert found.recovered == (again[0] if again else None)


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.sets(st.integers(0, 60)))
def test_in_parts_falls_have_the_bits_of_the_whole(equity, cuts):
    (whole, stretches), (parts, same) = drawdowns(equity), drawdowns(equity, cuts)
    depths = [np.concatenate([np.empty(0), *vars(each).pop("depths")]) for each in (parts, whole)]
    assert depths[0].tobytes() == depths[1].tobytes()
    assert vars(parts) == vars(whole)
    assert same == stretches


@given(st.lists(st.integers(-3, 12), min_size=1, max_size=40), st.sets(st.integers(0, 40)))
def test_the_depth_of_each_stretch_is_that_of_a_slow_loop(equity, cuts):
    found, stretches = drawdowns(equity, cuts)
    expected = []
    for first, end in stretches:
        peak = equity[first - 1]
        expected.append(max(100.0 * (peak - value) / peak for value in equity[first:end]) if peak > 0 else 0.0)
    goes_on = found.below is not None
    ours = [*np.concatenate([np.empty(0), *found.depths]).tolist(), *([found.depth] if goes_on else [])]
    assert ours == pytest.approx(expected)
    assert found.highest == max(equity)
    if stretches:
        assert equity[found.fell_from] == max(equity[: found.trough + 1])
        assert all(value < equity[found.fell_from] for value in equity[found.fell_from + 1 : found.trough + 1])


@pytest.mark.parametrize(
    ("returns", "omega"),
    [([], None), ([-0.1], None), ([0.1, 0.2], None), ([0.1, -0.2, 0.3, 0.0], pytest.approx(2.0)), ([-0.1, -0.2], 0.0)],
)
def test_omega_is_what_was_won_over_what_was_lost(returns, omega):
    assert omega_ratio(column(*returns)) == omega


def test_skew_and_kurtosis_of_hand_vectors():
    assert shape(column(-1, 0, 0, 1)) == (0.0, pytest.approx(0.5 / 0.25 - 3))  # m2 = 1/2, m4 = 1/2
    skew, kurtosis = shape(column(0, 0, 0, 4))  # centred -1 -1 -1 3: m2 = 3, m3 = 6, m4 = 21
    assert (skew, kurtosis) == (pytest.approx(6 / 3**1.5), pytest.approx(21 / 9 - 3))
    assert shape(column(0.1, 0.2, 0.3)) is None
    assert shape(column(*[0.01] * 30)) is None


@given(st.lists(st.integers(-1_000, 1_000), min_size=4, max_size=50))
def test_skew_and_kurtosis_are_those_of_pandas_without_its_correction(thousandths):
    returns, n = np.array(thousandths) / 1_000.0, len(thousandths)
    found = shape(returns)
    if found is None:
        assert len(set(thousandths)) == 1
        return
    skew, kurtosis = found
    assert skew * sqrt(n * (n - 1)) / (n - 2) == pytest.approx(pd.Series(returns).skew(), abs=1e-9)
    corrected = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * kurtosis + 6)
    assert corrected == pytest.approx(pd.Series(returns).kurt(), abs=1e-9)


def test_the_error_of_sharpe_is_that_of_lo_for_returns_of_a_normal_shape():
    returns = column(-1, 0, 0, 0, 0, 1) + 0.1  # m2 = m4 = 1/3: skew 0, kurtosis 3
    ratio = sharpe_ratio(returns, 1.0)
    assert shape(returns) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.0, abs=1e-9))
    assert sharpe_error(returns, 1.0) == pytest.approx(sqrt((1 + ratio**2 / 2) / 5))
    assert sharpe_error(returns) == pytest.approx(sqrt((1 + ratio**2 / 2) / 5 * 365))


def test_the_error_of_sharpe_by_hand():
    returns = column(0, 0, 0, 4)  # mean 1, sample variance 4: ratio 1/2; skew 6 / 3^1.5, kurtosis - 3 = -2/3
    expected = (1 - 6 / 3**1.5 / 2 + (-2 / 3 + 2) / 4 / 4) / 3
    assert sharpe_error(returns, 1.0) == pytest.approx(sqrt(expected))
    assert sharpe_error(column(0.1, 0.2, 0.3)) is None
    assert sharpe_error(column(*[0.1] * 9)) is None


def test_the_error_of_sharpe_is_how_far_the_ratios_of_samples_spread():
    random = np.random.default_rng(5)
    samples = random.exponential(1.0, (4_000, 200)) - 0.8  # skewed: the normal formula alone is off by a third
    ratios = [sharpe_ratio(sample, 1.0) for sample in samples]
    errors = [sharpe_error(sample, 1.0) for sample in samples]
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.05)


def test_alpha_and_beta_of_hand_vectors():
    market = column(0.01, -0.02, 0.03)
    assert against(0.001 + 2 * market, market) == (pytest.approx(0.001), pytest.approx(2.0))
    assert against(-market, market) == (pytest.approx(0.0, abs=1e-12), pytest.approx(-1.0))
    assert against(column(0.01, 0.02), column(0.01, 0.03)) is None
    assert against(market, column(0.01, 0.01, 0.01)) is None


@given(st.integers(0, 2**32), st.integers(3, 60))
def test_alpha_and_beta_are_the_least_squares_line_of_numpy(seed, n):
    random = np.random.default_rng(seed)
    market, returns = random.normal(0, 0.02, n), random.normal(0, 0.02, n)
    slope, intercept = np.polyfit(market, returns, 1)
    assert against(returns, market) == (pytest.approx(intercept, abs=1e-9), pytest.approx(slope, rel=1e-7, abs=1e-9))


# Published values: column `returns` holds null for a missing observation.


def empyrical(case):
    """Return our figure for one published case; None for a metric that perpsim does not report."""
    seen = np.array([value is not None for value in case["returns"]])
    returns = np.array([value or 0.0 for value in case["returns"]])
    equity = np.cumprod(np.concatenate(([1.0], 1.0 + returns)))
    target = np.broadcast_to(case.get("risk_free", case.get("required", 0.0)), returns.shape)
    factor = case.get("periods_per_year", 252)
    fall, annual = drawdowns(equity)[0].percent, annual_return(equity[0], equity[-1], len(returns) / factor)
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


def test_published_skew_and_kurtosis_of_bacon(shared_data):
    """PerformanceAnalytics prints kurtosis 2.43 (moment) and -0.41 (sample excess), skew -0.09 (sample)."""
    rows = (shared_data / "ref" / "bacon_portfolio_returns.csv").read_text().splitlines()[1:]
    returns = np.array([float(row.split(",")[1]) for row in rows])
    skew, kurtosis = shape(returns)
    n = len(returns)
    assert kurtosis + 3 == pytest.approx(2.43, abs=5e-3)
    assert (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * kurtosis + 6) == pytest.approx(-0.41, abs=5e-3)
    assert skew * n**2 / ((n - 1) * (n - 2)) * ((n - 1) / n) ** 1.5 == pytest.approx(-0.09, abs=5e-3)
