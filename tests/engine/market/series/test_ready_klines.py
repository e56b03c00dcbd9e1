"""Windows on klines, each kline made once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import KlineColumns
from engine.market.series import Kline, ReadyKlines
from tests.support.runs import klines, walk

COLUMNS = walk(6_000, seed=3, holes=0.05)


def rows(columns, start, stop):
    """The klines of a window, one field after another read from the columns."""
    return [
        Kline(columns.open_ms.item(row) // 1_000, *(figure.item(row) for figure in columns.figures))
        for row in range(start, stop)
    ]


@given(st.lists(st.tuples(st.integers(0, 5_000), st.sampled_from([0, 1, 2, 20, 500])), min_size=1, max_size=30))
def test_windows_in_any_order_hold_what_the_columns_say(windows):
    ready = ReadyKlines(COLUMNS)
    for start, length in windows:
        assert ready.window(start, start + length) == rows(COLUMNS, start, start + length)


@pytest.mark.parametrize("lengths", [(20,), (500,), (20, 500), (500, 20), (3_000, 1)])
@pytest.mark.parametrize("step", [1, 7, 60, 900])
def test_windows_that_move_on_hold_what_the_columns_say(lengths, step):
    ready = ReadyKlines(COLUMNS)
    for stop in range(0, len(COLUMNS), step * 10 if step < 60 else step):
        for end in range(stop, min(stop + 3 * step, len(COLUMNS)), step):
            for length in lengths:
                start = max(end - length, 0)
                assert ready.window(start, end) == rows(COLUMNS, start, end)


def test_a_kline_is_made_once_while_the_window_moves_on():
    ready = ReadyKlines(COLUMNS)
    found = [ready.window(stop - 20, stop) for stop in range(20, 5_000)]
    assert all(one[1:] == other[:-1] and one[-1] is other[-2] for one, other in pairwise(found))


def test_what_a_caller_does_to_its_list_is_its_own():
    ready = ReadyKlines(COLUMNS)
    for stop in (100, 100, 101, 105):
        found = ready.window(stop - 50, stop)
        assert found == rows(COLUMNS, stop - 50, stop)
        found[0] = None
        found.clear()


def test_no_more_is_kept_than_the_windows_need():
    ready = ReadyKlines(COLUMNS)
    for stop in range(10, len(COLUMNS)):
        ready.window(stop - 10, stop)
        assert len(ready._kept) <= 2 * 10 + 1_024


def test_a_kline_is_what_the_class_makes_of_its_fields():
    (kline,) = ReadyKlines(klines((1, 3, 0.5, 2, 7))).window(0, 1)
    assert type(kline) is Kline
    assert [type(each) for each in kline] == [int] + [float] * 5
    assert (kline.open, kline.high, kline.low, kline.close, kline.volume) == (1, 3, 0.5, 2, 7)


def test_rows_that_appear_later_in_the_columns_are_not_made_before_they_are_asked_for():
    shown = np.zeros(10)
    columns = KlineColumns(60_000, np.arange(10) * 60_000, *(shown for _ in range(5)))
    ready = ReadyKlines(columns)
    for known in range(1, 11):
        shown[known - 1] = known
        assert [kline.close for kline in ready.window(max(known - 4, 0), known)] == [
            float(row + 1) for row in range(max(known - 4, 0), known)
        ]
