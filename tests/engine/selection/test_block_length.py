"""The length of the blocks beside that of arch, and how it follows the memory of the returns."""

import numpy as np
import pytest

from engine.selection import automatic_block_length
from tests.support.selection_cases import study

#: arch.bootstrap.optimal_block_length(study(1, 365, 6)), arch 8.0.0: column "stationary".
ARCH = (0.8938, 1.6101, 1.8267, 0.7082, 2.0390, 2.4447)


def remembering(returns, share):
    """Returns that carry on a share of the day before."""
    returns = returns.copy()
    for day in range(1, len(returns)):
        returns[day] += share * returns[day - 1]
    return returns


def test_without_memory_the_lengths_are_those_of_arch():
    returns = study(1, 365, 6)
    found = [automatic_block_length(returns[:, [column]]) for column in range(6)]
    assert found == pytest.approx([max(each, 1.0) for each in ARCH], abs=5e-5)
    assert automatic_block_length(returns) == pytest.approx((1.6101 + 1.8267) / 2, abs=5e-5)  # the median


def test_the_blocks_are_as_long_as_the_memory():
    lengths = [automatic_block_length(remembering(study(1, 365, 6), share)) for share in (0.0, 0.3, 0.5, 0.8)]
    assert lengths == sorted(lengths)
    assert 1.0 <= lengths[0] < 3.0 < lengths[1] < 5.0 < lengths[2] < 10.0 < lengths[3] < 30.0


@pytest.mark.parametrize("days", [10, 11, 12, 25, 60])
def test_a_short_range_has_blocks_too(days):
    assert 1.0 <= automatic_block_length(remembering(study(1, days, 3), 0.5)) <= np.ceil(days / 3)


def test_trials_that_did_nothing_do_not_count():
    returns = study(1, 365, 6)
    idle = np.column_stack((np.zeros((365, 30)), returns))
    assert automatic_block_length(idle) == automatic_block_length(returns)
    assert automatic_block_length(np.zeros((50, 2))) == 1.0
