"""Scheduled ticks: the grid, and the interval after a trigger."""

import pytest

from processes import TriggerTimes
from tests.support.runs import START
from tests.support.triggers import times, triggers, when


@pytest.mark.parametrize(
    ("interval", "minutes", "expected"),
    [
        ("5m", 12, [5, 10]),
        ("5m", 15, [5, 10, 15]),  # the end belongs to the run
        ("5m", 4.99, []),
        (90, 5, [1.5, 3, 4.5]),
        ("1h", 60, [60]),
    ],
)
def test_ticks_come_at_start_plus_k_intervals_up_to_and_including_the_end(interval, minutes, expected):
    assert when(triggers(minutes, scheduled_interval=interval)) == [(minute, "scheduled") for minute in expected]


def test_the_grid_is_anchored_at_the_start_not_at_the_calendar():
    found = triggers(3, start_time=START + 17_000, scheduled_interval=60)
    assert [minute * 60 % 60 for minute, *_ in found] == [pytest.approx(17)] * 2


@pytest.mark.parametrize(
    ("signals", "end", "expected"),
    [
        ([], 15, [(5, "scheduled"), (10, "scheduled"), (15, "scheduled")]),
        ([3], 15, [(3, "signal"), (8, "scheduled"), (13, "scheduled")]),
        ([3, 8, 12], 23, [(3, "signal"), (8, "signal"), (12, "signal"), (17, "scheduled"), (22, "scheduled")]),
        ([5], 12, [(5, "signal"), (10, "scheduled")]),  # the tick due at 5 is dropped
        ([0], 6, [(0, "signal"), (5, "scheduled")]),
        ([10], 10, [(5, "scheduled"), (10, "signal")]),
        ([4, 4], 9, [(4, "signal"), (9, "scheduled")]),
    ],
)
def test_after_a_trigger_the_next_tick_is_an_interval_away_and_one_that_coincides_is_dropped(signals, end, expected):
    source = TriggerTimes("X", times(*signals))
    found = triggers(end, [source], scheduled_interval="5m", schedule_mode="after_trigger")
    assert when(found) == expected


def test_on_the_grid_a_tick_that_coincides_with_a_signal_is_kept_and_comes_after_it():
    found = triggers(10, [TriggerTimes("X", times(5))], scheduled_interval="5m")
    assert when(found) == [(5, "signal"), (5, "scheduled"), (10, "scheduled")]
