"""Spans of klines: what is worked out for one of them is what its columns say."""

import pytest

from adapters import synthetic_klines
from engine import MarketHistory
from tests.support.runs import MINUTE, START


def spans_without(missing):
    klines = synthetic_klines("BTC", START, 60, seed=3)
    history = MarketHistory.from_klines({"BTC": klines.where([place not in missing for place in range(60)])})
    return history.symbols["BTC"].watch("1m")


@pytest.mark.parametrize("missing", [(), (5,), (0, 20, 21, 22, 59)])
def test_the_end_of_a_span_and_the_first_one_from_an_instant_are_those_of_the_columns(missing):
    spans = spans_without(missing)
    assert [spans.end(place) for place in range(60 - len(missing))] == spans.end_ms.tolist()
    for instant in range(START - MINUTE, START + 62 * MINUTE, MINUTE // 2):
        assert spans.first_from(instant) == int(spans.start_ms.searchsorted(instant))


def test_a_pause_cuts_spans_out_and_is_one_itself():
    spans = spans_without(()).without(START + 10 * MINUTE, START + 20 * MINUTE + 30_000, 100.0)
    assert spans.first_from(START + 10 * MINUTE) == 10
    assert [spans.end(place) - START for place in (9, 10, 11)] == [10 * MINUTE, 20 * MINUTE + 30_000, 22 * MINUTE]
    assert [spans.is_resumption(place) for place in (9, 10, 11)] == [False, True, False]
