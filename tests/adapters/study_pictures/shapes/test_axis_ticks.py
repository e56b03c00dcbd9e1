"""Round places along axes."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures.shapes.axis_ticks import brief, even, log_ticks, readable, ticks, time_ticks

DAY, HOUR = 86_400_000, 3_600_000
START = 1_704_067_200_000  # 2024-01-01


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.23456, "1.23"), (-0.000123456, "-0.000123"), (999.9, "1,000"),
        (999_999.0, "1M"), (1234.5, "1,234"),
        (2_400_000.0, "2.4M"), (-1e6, "-1M"), (2e12, "2e+12"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert brief(value) == text


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [
        (1.0, 2.0, "1.00"),
        (-0.001, 2.0, "0.00"),
        (123.4, 500.0, "123"),
        (0.00123, 0.01, "0.0012"),
        (5.0, 0.0, "5"),
        (2e6, 3e6, "2M"),
    ],
)
def test_numbers_side_by_side_have_as_many_decimals(value, span, text):
    assert even(value, span) == text


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (0.001, 0.0042), (1e6, 3e6), (-0.2, -0.1), (0, 99)])
def test_ticks_are_round_within_and_as_many_as_wanted(low, high):
    found = ticks(low, high, 7)
    assert 3 <= len(found) <= 8
    assert low - 1e-9 <= found[0] <= found[-1] <= high + 1e-9
    step = found[1] - found[0]
    assert np.diff(found) == pytest.approx(np.full(len(found) - 1, step))
    assert round(step / 10 ** np.floor(np.log10(step) + 1e-9), 6) in (1, 2, 5)


def test_a_range_of_nothing_has_one_tick():
    assert ticks(3.0, 3.0) == [3.0]


def test_ticks_of_logarithms_are_one_two_and_five():
    assert log_ticks(0.9, 60) == pytest.approx([1, 2, 5, 10, 20, 50])
    assert log_ticks(0.001, 100_000) == pytest.approx([10.0**each for each in range(-3, 6)])
    assert log_ticks(3.0, 4.0) == [3.0, 4.0]


@pytest.mark.parametrize(
    ("length", "first", "second"),
    [
        (6 * HOUR, "01-01 00:00", "01-01 01:00"), (3 * DAY, "01-01 00:00", "01-01 12:00"),
        (10 * DAY, "2024-01-02", "2024-01-04"), (60 * DAY, "2024-01-08", "2024-01-18"),
        (200 * DAY, "2024-01", "2024-02"), (900 * DAY, "2024-01", "2024-07"), (3_650 * DAY, "2024-01", "2025-01"),
    ],
)  # fmt: skip
def test_times_stand_at_round_places(length, first, second):
    found = time_ticks(START, START + length)
    assert [text for _, text in found[:2]] == [first, second]
    assert 3 <= len(found) <= 11
    assert all(START <= at <= START + length for at, _ in found)


def test_labels_are_left_out_until_they_fit():
    assert readable([20.0, 30.0], 40.0) == 1
    assert readable([20.0, 60.0], 20.0) == 4
    assert readable([], 20.0) == 1
