"""What may be judged, the transposed trap, and the moments of a series."""

import numpy as np
import pandas as pd
import pytest

from engine import ConfigurationError, DataError
from engine.selection import SharpeMoments, matrix_of_returns, sharpe_moments, sharpe_ratios
from tests.support.selection_cases import study


@pytest.mark.parametrize("configurations", [None, 30])
def test_a_transposed_matrix_is_refused_with_the_way_out(configurations):
    returns = study(1, 250, 30)
    assert matrix_of_returns(returns, configurations).shape == (250, 30)
    with pytest.raises(DataError, match=r"transposed.*ows are observations \(days\), its columns configurations"):
        matrix_of_returns(returns.T, configurations)


def test_many_configurations_in_a_short_range_can_be_said():
    returns = study(1, 30, 250)
    with pytest.raises(DataError, match=r"30 observations of 250 configurations.*say configurations=250"):
        matrix_of_returns(returns)
    assert matrix_of_returns(returns, 250).shape == (30, 250)


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ([[0.1, 0.2], [0.1, float("nan")], [0.0, 0.1]], r"observation 1 of configuration 1 is nan \(1 such value"),
        ([[0.1], [float("inf")]], r"observation 1 of configuration 0 is inf"),
        ([0.1, 0.2, 0.3], r"1 dimension\(s\): give a matrix"),
        ([["a"], ["b"]], r"no matrix of numbers"),
        ([[0.1]], r"1 observation.s. are too few, it takes 2"),
        (np.zeros((5, 0)), r"no configuration"),
    ],
)
def test_what_is_no_matrix_of_returns_is_refused(returns, said):
    with pytest.raises(DataError, match=said):
        matrix_of_returns(returns)


def test_a_frame_is_a_matrix_too():
    frame = pd.DataFrame(study(1, 20, 3), columns=["a", "b", "c"])
    assert (matrix_of_returns(frame) == frame.to_numpy()).all()


def test_the_moments_are_those_of_the_definitions():
    returns = [0.01, -0.02, 0.03, 0.0, 0.01]
    series = np.array(returns)
    moments = sharpe_moments(returns)
    assert moments.sharpe_ratio == pytest.approx(0.006 / series.std(ddof=1), rel=1e-14)
    assert moments.observations == 5
    assert moments.skewness == pytest.approx(((series - 0.006) ** 3).mean() / series.std() ** 3, rel=1e-12)
    assert moments.kurtosis == pytest.approx(((series - 0.006) ** 4).mean() / series.var() ** 2, rel=1e-12)
    assert sharpe_ratios(series[:, None])[0] == pytest.approx(moments.sharpe_ratio, rel=1e-14)


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ([0.1, 0.2, 0.3], "3 observation.s. are too few, it takes 4"),
        ([0.1, 0.1, 0.1, 0.1], "all the same"),
        ([0.0] * 9, "all the same"),
        ([0.1, 0.2, float("nan"), 0.1], "observation 2"),
        ([[0.1, 0.2, 0.3, 0.4]], "2 dimensions: give one series"),
    ],
)
def test_a_series_without_moments_is_refused(returns, said):
    with pytest.raises(DataError, match=said):
        sharpe_moments(returns)


def test_a_trial_that_did_nothing_has_no_sharpe_ratio():
    assert np.isnan(sharpe_ratios(np.array([[0.0, 0.1], [0.0, 0.3]]))).tolist() == [True, False]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.1, 1), r"1 observation"),
        ((float("nan"), 100), r"finite"),
        ((0.1, 100, 0.0, 0.0), r"no returns have skewness 0 and kurtosis 0.*3 for a normal distribution"),
        ((0.1, 100, -3.0, 5.0), r"at least 1"),
    ],
)
def test_impossible_moments_are_refused(values, said):
    with pytest.raises(ConfigurationError, match=said):
        SharpeMoments(*values)
