"""Whole klines among 15-second rows: which they are, and when they are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FlowHistory, MarketHistory, SymbolHistory, TradeRows
from engine.market import symbol_coverage
from engine.market.flow import back_filled, known_at_close
from tests.support.runs import MINUTE, START, klines, run_script

NAN = float("nan")


def filled(*rows):
    """Rows of (seconds, vwap, count of sells)."""
    seconds, vwap, count = (np.array(column) for column in zip(*rows, strict=True))
    return back_filled(START + 1_000 * seconds, vwap.astype(float), count.astype(float)).tolist()


def test_rows_on_whole_minutes_one_after_another_without_vwap_and_sells_are_klines():
    assert filled((0, NAN, 0), (60, NAN, NAN), (120, NAN, 0)) == [True, True, True]


@pytest.mark.parametrize(
    "row",
    [(120, 5.0, 0), (120, NAN, 1), (75, NAN, 0), (180, NAN, 0)],
    ids=["vwap", "sells", "off the minute", "a hole"],
)
def test_a_row_that_is_not_like_its_neighbours_is_none(row):
    assert filled((0, NAN, 0), (60, NAN, 0), row) == [True, True, False]


def test_one_row_alone_is_none():
    assert filled((60, NAN, 0)) == [False]
    assert back_filled(np.empty(0, np.int64), np.empty(0), np.empty(0)).tolist() == []


def test_they_are_known_at_their_close_and_do_not_count_beside_rows_of_their_minute():
    times = START + 1_000 * np.array([0, 60, 120, 135, 240])
    known, counts = known_at_close(times, np.array([True, True, True, False, False]))
    assert ((known - START) // 1_000).tolist() == [60, 120, 180, 135, 240]
    assert counts.tolist() == [True, True, False, True, True]


def test_the_coverage_of_a_run_says_how_many_there_are():
    times = START + MINUTE * np.arange(1, 11)
    one = np.ones(10)
    trades = TradeRows(times, one, one, one, one, one * NAN, one, one)
    history = SymbolHistory("X", klines(*[100.0] * 10), flow=FlowHistory(trades, back_filled_ms=times))
    assert [each.back_filled for each in symbol_coverage(history, START + 2 * MINUTE, START + 5 * MINUTE)] == [0, 3]
    _, _, result = run_script(MarketHistory([history]), {}, 9)
    assert any("X: 9 of the trades rows are back-filled 1m klines" in text for text in result.warnings)
