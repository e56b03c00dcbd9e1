"""One curve of several tests."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.walking.joined_equity import JoinedEquity, JoinedPart, points_of, whole_curve

START, MINUTE = 1_704_067_200_000, 60_000


def joined(start, end, parts, initial=100.0):
    made = [JoinedPart(START + a, START + b, np.array(equity, float)) for a, b, equity in parts]
    curve = JoinedEquity(START + start, START + end, initial, made)
    return dict(zip((curve.timestamp_ms - START).tolist(), curve.equity.tolist(), strict=True))


def test_tests_that_begin_with_what_the_one_before_left_are_as_they_were():
    parts = [(0, 2 * MINUTE, [100.0, 103.0, 101.0]), (2 * MINUTE, 4 * MINUTE, [101.0, 99.0, 120.0])]
    found = joined(0, 4 * MINUTE, parts)
    assert found == {0: 100.0, MINUTE: 103.0, 2 * MINUTE: 101.0, 3 * MINUTE: 99.0, 4 * MINUTE: 120.0}


def test_returns_of_tests_that_begin_anew_compound():
    parts = [(0, MINUTE, [100.0, 110.0]), (MINUTE, 2 * MINUTE, [100.0, 110.0])]
    assert joined(0, 2 * MINUTE, parts) == {0: 100.0, MINUTE: 110.0, 2 * MINUTE: pytest.approx(121.0)}


def test_it_is_flat_before_the_first_between_two_and_after_one_that_ended_early():
    parts = [(MINUTE, 2 * MINUTE, [100.0, 90.0]), (4 * MINUTE, 5 * MINUTE, [90.0, 95.0])]
    assert [*joined(0, 7 * MINUTE, parts).values()] == [100.0, 100.0, 90.0, 90.0, 90.0, 95.0, 95.0, 95.0]
    assert [*joined(0, 2 * MINUTE, []).values()] == [100.0] * 3


def test_one_that_ended_within_its_first_minute_counts_from_the_next_on():
    parts = [(0, MINUTE, [100.0, 110.0]), (MINUTE, MINUTE + 9, [110.0, 50.0]), (3 * MINUTE, 4 * MINUTE, [50.0, 60.0])]
    assert [*joined(0, 4 * MINUTE, parts).values()] == [100.0, 110.0, 50.0, 50.0, 60.0]


def test_after_ruin_it_stays_there():
    parts = [(0, MINUTE, [100.0, -5.0]), (MINUTE, 2 * MINUTE, [100.0, 300.0])]
    assert [*joined(0, 2 * MINUTE, parts).values()] == [100.0, -5.0, -5.0]


def test_ends_inside_of_minutes_are_instants_of_the_curve_at_its_own_ends_alone():
    half = MINUTE // 2
    parts = [(half, 2 * MINUTE + half, [100.0, 101.0, 102.0, 103.0])]
    parts += [(2 * MINUTE + half, 4 * MINUTE + half, [103.0, 104.0, 105.0, 106.0])]
    found = joined(half, 4 * MINUTE + half, parts)
    assert [*found] == [half, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE, 4 * MINUTE + half]
    assert [*found.values()] == [100.0, 101.0, 102.0, 104.0, 105.0, 106.0]


@pytest.mark.parametrize("shift", [0, 30_500])
@pytest.mark.parametrize("ended", [7 * MINUTE, 7 * MINUTE + 12_345, MINUTE, 10 * MINUTE])
def test_a_curve_that_was_kept_finely_enough_is_the_whole_one(shift, ended):
    start = START + shift
    points = points_of(start, start + 10 * MINUTE)
    rows = points_of(start, start + ended) + 1
    equity = np.random.default_rng(1).random(rows)
    kept = equity[np.linspace(0, rows - 1, points + 1).round().astype(np.int64)]  # as a trial keeps it
    assert whole_curve(start, start + ended, kept).tolist() == equity.tolist()


def test_a_series_by_time():
    curve = JoinedEquity(START, START + 2 * MINUTE, 100.0, [])
    assert str(curve.series.index[1]) == "2024-01-01 00:01:00+00:00"
    assert len(curve) == len(curve.series) == 3
    assert curve.figures()["total_pnl_percent"] == 0.0
