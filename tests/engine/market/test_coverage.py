"""What the coverage of a range says is missing."""

from __future__ import annotations

from engine import MarketHistory, SymbolHistory
from engine.market import symbol_coverage
from tests.support.runs import HOUR, MINUTE, START, klines, run_script

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
