"""What the coverage of a range says is missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import FlowHistory, MarketHistory, SymbolHistory, TimedValues
from engine.market import symbol_coverage
from tests.support.runs import HOUR, MINUTE, START, klines, run_script, walk

MARK = (100.0, 101.0, 99.0, 100.0, 0.0)


def test_mark_klines_are_expected_once_a_minute_whatever_the_base_period_is():
    marks = klines(MARK, MARK, None, None, MARK, *[MARK] * 55)
    history = SymbolHistory("X", klines(100.0, period_ms=HOUR), mark_klines=marks)
    base, covered = symbol_coverage(history, START, START + HOUR)
    assert (base.series, base.expected, base.missing) == ("klines", 1, 0)
    assert (covered.series, covered.step_ms, covered.expected, covered.present) == ("mark klines", MINUTE, 60, 58)
    assert (covered.holes, covered.longest_hole, covered.longest_hole_ms) == (1, 2, START + 2 * MINUTE)
    assert covered.warning() == (
        "X: 2 of 60 mark klines are missing; the longest hole is 2m from 2024-01-01 00:02:00 UTC"
    )


def test_a_symbol_without_mark_klines_has_no_line_of_them_and_one_with_others_says_that_none_are_in_the_range():
    assert [each.series for each in symbol_coverage(SymbolHistory("X", klines(100.0)), START, START + MINUTE)] == [
        "klines"
    ]
    early = SymbolHistory("X", klines(*[100.0] * 10), mark_klines=klines(MARK, start_ms=START - HOUR))
    _, _, result = run_script(MarketHistory([early]), {}, 9)
    assert "X: there are no mark klines in the range" in result.warnings


@pytest.mark.parametrize("holes", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("rows", [1, 3, 1_000])
@pytest.mark.parametrize(("first", "last"), [(0, 90), (7, 80), (-5, 120)])
def test_holes_are_those_of_a_slow_loop_in_parts_of_any_length(monkeypatch, holes, rows, first, last):
    monkeypatch.setattr("engine.market.coverage._PART_ROWS", rows)
    base = walk(100, 6, holes=holes)
    start, end = START + first * MINUTE, START + last * MINUTE
    (covered,) = symbol_coverage(SymbolHistory("X", base), start, end)
    there = set(base.open_ms.tolist())
    missing = [time for time in range(start, end, MINUTE) if time not in there]
    begins = [time for time in missing if time == start or time - MINUTE not in missing]
    lengths = [next(n for n in range(1, 999) if begin + n * MINUTE not in missing) for begin in begins]
    assert (covered.expected, covered.missing, covered.holes) == (last - first, len(missing), len(begins))
    longest = max(lengths, default=0)
    at = begins[lengths.index(longest)] if lengths else 0
    assert (covered.longest_hole, covered.longest_hole_ms) == (longest, at)


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.integers(1, 7))
def test_the_step_of_rows_is_the_median_distance_whatever_their_parts(distances, rows):
    times = START + 1_000 * np.cumsum([0, *distances])
    flow = FlowHistory(mark_price=TimedValues(times, np.ones(len(times))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.market.coverage._PART_ROWS", rows)
        (_, covered) = symbol_coverage(SymbolHistory("X", klines(100.0), flow=flow), START, START + HOUR)
    assert covered.step_ms == int(np.median(1_000 * np.array(distances)))


def test_of_a_feature_the_values_in_the_range_are_counted_and_none_is_expected() -> None:
    times = [START - 1, START, START + 7 * MINUTE, START + 10 * MINUTE, START + 10 * MINUTE + 1]
    features = {"mood": TimedValues(times, [1.0] * 5), "late": TimedValues([START + HOUR], [1.0])}
    history = SymbolHistory("X", klines(*[1.0] * 10), features=features)
    _, late, mood = symbol_coverage(history, START, START + 10 * MINUTE)
    assert (mood.series, mood.expected, mood.present, mood.missing) == ("feature mood", 3, 3, 0)
    assert (mood.first_ms, mood.last_ms) == (START, START + 10 * MINUTE)
    assert (late.series, late.present, late.first_ms) == ("feature late", 0, 0)
    assert mood.warning() is late.warning() is None
