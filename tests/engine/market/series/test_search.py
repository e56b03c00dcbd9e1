"""The search in columns."""

import sys
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.market.series import FurthestAhead, TimeIndex, extremes_between

STEP = 60


def index_of(times):
    return TimeIndex(np.array(times, np.int64))


@st.composite
def times_and_instants(draw):
    """Times without a hole, with holes, or at any distance; instants in any order, many of them at a time or next to
    one.
    """
    step = st.sampled_from(draw(st.sampled_from([[STEP], [STEP, STEP, STEP, 7 * STEP], [1, STEP - 1, STEP + 1, 999]])))
    times = list(accumulate(draw(st.lists(step, max_size=60)), initial=draw(st.integers(-200, 200))))
    times = times[draw(st.integers(0, 1)) :]
    near = st.sampled_from(times or [0]).flatmap(lambda time: st.integers(time - 1, time + 1))
    return times, draw(st.lists(near | st.integers(-500, 10_000), max_size=40))


@given(times_and_instants())
def test_every_instant_in_any_order_is_answered_as_a_search_in_all_times_does(drawn):
    times, instants = drawn
    expected = [bisect_right(times, instant) for instant in instants]
    index = index_of(times)
    assert [index.count_upto(instant) for instant in instants] == expected
    assert [index.count_before(instant + 1) for instant in instants] == expected
    assert index.counts_upto(np.array(instants, np.int64)).tolist() == expected


@pytest.mark.parametrize("steps", [[STEP], [STEP, STEP, 3 * STEP], [1, 50, 700]], ids=["no hole", "holes", "any"])
def test_readers_in_many_threads_do_not_disturb_one_another(steps):
    random = Random(1)
    times = list(accumulate(random.choices(steps, k=2_000), initial=0))
    index = index_of(times)

    def wrong(seed):
        own, now, found = Random(seed), 0, 0
        for _ in range(5_000):
            now = (now + own.choice([0, 1, STEP, 40 * STEP])) % times[-1] if own.random() < 0.9 else own.choice(times)
            found += index.count_upto(now) != bisect_right(times, now)
        return found

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(wrong, range(8))) == [0] * 8
    finally:
        sys.setswitchinterval(interval)


def test_times_that_are_shown_later_are_found_then():
    shown = np.array([STEP, 2 * STEP, 4 * STEP, 1 << 61, (1 << 61) + STEP], np.int64)
    index = TimeIndex(shown)
    assert [index.count_upto(instant) for instant in (9 * STEP, STEP, 9 * STEP)] == [3, 1, 3]
    shown[3] = 9 * STEP
    assert [index.count_upto(instant) for instant in (9 * STEP, 9 * STEP - 1)] == [4, 3]


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


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1_024, 3_000])
@pytest.mark.parametrize("extreme", [np.minimum, np.maximum])
def test_the_furthest_ahead_is_at_least_that_of_the_rest_and_at_most_that_of_a_block_more(size, extreme):
    column = np.random.default_rng(size).normal(size=size)
    ahead = FurthestAhead(extreme, column)
    for place in range(0, size, 97):
        rest, more = extreme.reduce(column[place:]), extreme.reduce(column[max(place - 511, 0) :])
        assert extreme(rest, ahead.at(place)) == ahead.at(place)
        assert extreme(more, ahead.at(place)) == more
    assert ahead.at(size + 512) is None
