"""How the windows of a walk-forward lie."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.walking import WalkScheme, plan_windows
from engine import ConfigurationError

DAY = 86_400_000
START = 1_704_067_200_000


def scheme(train, test, step=None, purge=0, embargo=0, anchored=False):
    return WalkScheme(
        train * DAY, test * DAY, None if step is None else step * DAY, purge * DAY, embargo * DAY, anchored
    )


def drawn(of, days):
    """Return a line for each window: - for a day of training, # for one of the test."""
    lines = []
    for window in plan_windows(of, START, START + days * DAY).windows:
        line = [" "] * days
        for first, last, sign in ((*window[1:3], "-"), (*window[3:5], "#")):
            for day in range((first - START) // DAY, (last - START) // DAY):
                line[day] = sign
        lines.append("".join(line).rstrip())
    return lines


@pytest.mark.parametrize(
    ("of", "days", "lines"),
    [
        (scheme(6, 2), 12, ["------##", "  ------##", "    ------##"]),
        (scheme(6, 2), 13, ["------##", "  ------##", "    ------##"]),
        (scheme(6, 2, anchored=True), 12, ["------##", "--------##", "----------##"]),
        (scheme(6, 2, step=3), 12, ["------##", "   ------##"]),
        (scheme(4, 2, step=6), 13, ["----##", "      ----##"]),
        (scheme(6, 2, purge=1), 12, ["----- ##", "  ----- ##", "    ----- ##"]),
        (scheme(6, 2, purge=2, anchored=True), 10, ["----  ##", "------  ##"]),
        (scheme(4, 4, embargo=1), 17, ["----####", "    ----####", "         ---####"]),
        (scheme(2, 4, embargo=1), 14, ["--####", "    --####", "        --####"]),
        (scheme(2, 2, step=3, embargo=2), 11, ["--##", "   --##", "      --##"]),
        (scheme(4, 2, step=4, embargo=3), 14, ["----##", "    ----##", "         ---##"]),
        (scheme(6, 2, embargo=1, anchored=True), 12, ["------##", "--------##", "----------##"]),
    ],
)
def test_they_lie_as_drawn(of, days, lines):
    assert drawn(of, days) == lines


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 20), st.none() | st.integers(1, 30), st.integers(0, 10), st.integers(0, 10),
    st.booleans(), st.integers(1, 200),
)  # fmt: skip
def test_no_window_looks_ahead_and_no_two_tests_overlap(train, test, step, purge, embargo, anchored, days):
    of = scheme(train, test, step, purge, embargo, anchored)
    try:
        windows = plan_windows(of, START, START + days * DAY).windows
    except ConfigurationError:
        stride = step or test
        is_wrong = stride < test or purge >= train or embargo >= stride
        assert is_wrong or train + test > days or embargo >= train - purge
        return
    assert windows[0].train_from_ms == START
    assert [each.number for each in windows] == list(range(len(windows)))
    for place, each in enumerate(windows):
        assert START <= each.train_from_ms < each.train_to_ms == each.test_from_ms - purge * DAY
        assert each.test_to_ms - each.test_from_ms == test * DAY
        assert each.train_to_ms - each.train_from_ms <= (train * DAY if not anchored else each.test_from_ms)
        assert each.test_to_ms <= START + days * DAY
        for earlier in windows[:place]:
            assert earlier.test_to_ms <= each.test_from_ms
            begun = each.train_from_ms - earlier.test_to_ms
            assert begun < 0 or begun >= embargo * DAY or anchored
    assert windows[-1].test_to_ms + (step or test) * DAY > START + days * DAY


@pytest.mark.parametrize(
    ("of", "days", "told"),
    [
        (scheme(0, 2), 20, "train: no length at all"),
        (scheme(4, 0), 20, "test: no length at all"),
        (scheme(4, 2, step=0), 20, "step: no length at all"),
        (scheme(4, 3, step=2), 20, "step: 2d is shorter than the test of 3d: tests would overlap.*give 3d or more"),
        (scheme(4, 2, purge=4), 20, "purge: 4d leave nothing of a training of 4d"),
        (scheme(4, 4, purge=2, embargo=3), 20, "embargo: 3d and the purge leave nothing of a training"),
        (scheme(4, 2, embargo=2), 20, r"embargo: 2d reach from one test to the end of the next \(2d later\)"),
        (scheme(30, 2), 20, "train: 30d are longer than all there is, 2024-01-01 00:00:00 UTC to 2024-01-21"),
        (scheme(15, 6), 20, "test: of 2024-01-01.* a training of 15d leaves 5d and not 6d"),
        (scheme(15, 6), 0, "train: 15d are longer than all there is, nothing"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(of, days, told):
    with pytest.raises(ConfigurationError, match=told):
        plan_windows(of, START, START + days * DAY)


def test_a_slip_of_a_step_does_not_make_a_million_windows():
    minutes = WalkScheme(DAY, 60_000)
    with pytest.raises(ConfigurationError, match=r"step: 1m makes 524,160 windows; at most 10,000 can be"):
        plan_windows(minutes, START, START + 365 * DAY)


@pytest.mark.parametrize(
    ("of", "days", "notes"),
    [
        (scheme(6, 2), 12, []),
        (scheme(6, 2), 13, ["the last 1d hold no whole window and are not tested"]),
        (scheme(4, 2, step=5), 11, ["between two tests 3d are not tested: the joined curve is flat there"]),
        (scheme(4, 4, embargo=1), 16, ["by the embargo 1 of 3 trainings begin later"]),
        (scheme(6, 2, embargo=1, anchored=True), 12, ["the embargo changes nothing: no training begins right after an "
                                                      "earlier test"]),
        (scheme(6, 2, embargo=1), 8, ["the embargo changes nothing: no training begins right after an earlier test"]),
    ],
)  # fmt: skip
def test_what_a_reader_should_know_is_said(of, days, notes):
    assert list(plan_windows(of, START, START + days * DAY).notes) == notes
