"""The search in columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.market.series import TimeIndex, extremes_between

SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=12)


@given(st.lists(st.floats(-10, 10), min_size=20, max_size=20), SPANS)
def test_extremes_between_are_those_of_each_slice_and_nan_where_it_is_empty(values, spans):
    column = np.array(values)
    first, stop = np.array(spans, np.int64).reshape(-1, 2).T
    for extreme, of in ((np.fmin, min), (np.fmax, max)):
        found = extremes_between(extreme, column, first, stop)
        assert len(found) == len(spans)
        for value, (begin, end) in zip(found.tolist(), spans, strict=True):
            assert value == of(values[begin:end]) if begin < end else np.isnan(value)


@pytest.mark.parametrize(
    ("times", "step", "is_whole"),
    [([0, 60, 120], 60, True), ([0, 60, 120], 30, False), ([0, 60, 180], 60, False), ([0, 30, 120], 60, False)],
)
def test_times_are_whole_where_each_is_one_step_after_the_one_before(times, step, is_whole):
    assert TimeIndex(np.array(times)).is_whole(step) == is_whole
