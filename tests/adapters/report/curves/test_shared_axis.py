"""Equity of several results on one axis, against a slow calculation from every minute."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.report.curves.shared_axis import ComparedCurve, compared_curves
from engine.periods import MINUTE_MS


def walk(start: int, minutes: int, seed: int, initial: float = 1_000.0) -> ComparedCurve:
    times = start * MINUTE_MS + MINUTE_MS * np.arange(minutes, dtype=np.int64)
    steps = np.random.default_rng(seed).normal(0, 1, minutes)
    steps[0] = 0.0
    return ComparedCurve(times, initial + np.cumsum(steps), initial)


def last_by(curve: ComparedCurve, since: int, at: int, step: int) -> Any:
    """What the curve was worth at an instant, found by going through all of it."""
    times = [int(each) - since for each in curve.timestamp_ms]
    if at < times[0] or at - step >= times[-1]:
        return None
    return [value for time, value in zip(times, curve.equity.tolist(), strict=True) if time <= at][-1]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 400), st.integers(0, 9)), min_size=1, max_size=4),
    st.booleans(),
    st.integers(5, 80),
)
def test_each_has_its_own_extremes_and_ends_and_what_was_known(
    shapes: list[tuple[int, int, int]], is_aligned: bool, instants: int
) -> None:
    curves = [walk(*shape) for shape in shapes]
    found = compared_curves(curves, is_aligned, instants)
    grid = found["instants"]
    step = grid[1] - grid[0] if len(grid) > 1 else MINUTE_MS
    assert {after - before for before, after in pairwise(grid)} <= {step}
    for curve, told in zip(curves, found["curves"], strict=True):
        since = int(curve.timestamp_ms[0]) if is_aligned else 0
        assert told["known"] == [last_by(curve, since, at, step) for at in grid]
        drawn = [value for value in told["drawn"] if value is not None]
        values = curve.equity.tolist()
        assert (drawn[0], drawn[-1]) == (values[0] if len(drawn) > 1 else values[-1], values[-1])
        assert [value is None for value in told["drawn"]] == [value is None for value in told["known"]]
        if len(drawn) >= 4:
            assert (min(drawn), max(drawn)) == (min(values), max(values))
        if step == MINUTE_MS:
            assert drawn == values


def test_ranges_that_differ_are_told_and_a_result_without_a_curve_has_none() -> None:
    none = ComparedCurve(np.empty(0, np.int64), np.empty(0), 5.0)
    found = compared_curves([walk(0, 10, 1), none], False)
    assert (found["ranges_differ"], found["curves"][1]["known"]) == (False, [None] * 10)
    assert compared_curves([walk(0, 10, 1), walk(1, 10, 1)], False)["ranges_differ"]
    assert compared_curves([none], True)["instants"] == []
    assert found["curves"][0]["initial"] == pytest.approx(1_000.0)
