"""A statistic of one's own: the ulcer index, the root of the mean squared drawdown of the minute curve, in percent.

Source: P. Martin and B. McCann, The Investor's Guide to Fidelity Funds, 1989.

Touches 1 file: this one, with the formula.
"""

import math

import numpy as np
import pytest

from processes import ProgramBacktestEngine, trusted_executor
from tests.support.drills import BUY_ONCE, jailed
from tests.support.runs import config, klines, market

HISTORY = market(X=klines(100.0, 100.0, 100.0, 90.0, 80.0, 100.0, 110.0, 110.0, 110.0))


def ulcer_index(result):
    """Return the ulcer index of a result, in percent; 0.0 for a curve that never falls."""
    equity = result.equity.equity
    peak = np.maximum.accumulate(equity)
    return float(np.sqrt(np.mean((100.0 * (peak - equity) / peak) ** 2)))


def test_it_is_worked_out_from_the_whole_curve():
    result = ProgramBacktestEngine(HISTORY, executor_for=trusted_executor).run(config(BUY_ONCE, 8, ("X",)))
    # half of 10,000 USD at 100: 50 coins lose 500 and 1,000 USD from the peak of 10,000, at two of nine marks
    assert ulcer_index(result) == pytest.approx(math.sqrt((5.0**2 + 10.0**2) / 9))


def test_jailed_it_is_the_same():
    trusted = ProgramBacktestEngine(HISTORY, executor_for=trusted_executor).run(config(BUY_ONCE, 8, ("X",)))
    assert ulcer_index(jailed(HISTORY, BUY_ONCE, 8)) == ulcer_index(trusted)
