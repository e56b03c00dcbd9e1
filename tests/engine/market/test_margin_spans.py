"""What margin is judged on: marks where they are fresh, klines where they are not."""

import numpy as np
import pytest

from engine import FlowHistory, SymbolHistory, TimedValues
from tests.support.runs import MINUTE, START, klines, walk


def history(path, rows=(), mark_klines=None):
    """A symbol with mark rows (seconds after the start, price)."""
    times, values = [START + 1_000 * second for second, _ in rows], [price for _, price in rows]
    flow = FlowHistory(mark_price=TimedValues(times, values)) if rows else None
    return SymbolHistory("X", path, flow=flow, mark_klines=mark_klines)


def judged(spans):
    minutes = (spans.start_ms - START) / MINUTE
    return list(zip(minutes.tolist(), spans.open.tolist(), spans.high.tolist(), spans.low.tolist(), strict=True))


def test_without_marks_margin_is_judged_on_the_klines_themselves():
    path = walk(50)
    spans = history(path).margin_spans(60_000)
    assert spans.start_ms is path.open_ms
    assert (spans.open is path.open, spans.high is path.high, spans.low is path.low) == (True, True, True)
    assert spans.traded is None


def test_a_traded_kline_counts_where_no_mark_is_fresh_at_its_close():
    path = klines(1, 2, 3, 4, 5)
    spans = history(path, [(60, 2.5)]).margin_spans(60_000)  # fresh up to 00:02:00
    assert judged(spans) == [(2, 2.5, 3, 2.5), (3, 4, 4, 4), (4, 5, 5, 5)]


def test_a_kline_that_opens_while_a_mark_is_fresh_begins_at_it():
    spans = history(klines(1, 1, 3, 3), [(110, 2.5)]).margin_spans(60_000)  # fresh up to 00:02:50
    assert judged(spans) == [(0, 1, 1, 1), (2, 2.5, 3, 2.5), (3, 3, 3, 3)]


def test_mark_klines_take_the_place_of_the_klines_of_their_minutes():
    marks = klines((5, 6, 4, 5), None, (7, 8, 6, 7))
    spans = history(klines(1, 2, 3, 4, 5), mark_klines=marks).margin_spans(30_000)
    assert judged(spans) == [(0, 5, 6, 4), (1, 5, 5, 2), (2, 7, 8, 6), (3, 7, 7, 4), (4, 5, 5, 5)]
    assert spans.traded.tolist() == [False, True, False, True, True]


def test_marks_of_minutes_stand_for_longer_base_klines():
    base = klines(1, 1, period_ms=5 * MINUTE)
    marks = klines(*[(5, 5 + place, 5 - place / 10, 5) for place in range(5)])
    spans = history(base, mark_klines=marks).margin_spans(60_000)
    assert judged(spans) == [(0, 5, 9, 4.6), (5, 5, 5, 1)]


@pytest.mark.parametrize("rows", [(), [(61, 7.0), (90, 7.5), (200, 8.0)]])
@pytest.mark.parametrize("marks", [None, klines((5, 6, 4, 5), (6, 7, 5, 6), None, (7, 8, 6, 7))])
def test_the_prices_at_many_times_are_those_at_each(rows, marks):
    one = history(walk(8), rows, marks)
    times = START + np.arange(0, 9 * MINUTE, 7_000)
    expected = [one.margin_price(time, 60_000) or 0.0 for time in times.tolist()]
    assert one.margin_spans(60_000).prices.at_times(times).tolist() == expected
    assert one.prices(times, 60_000).tolist() == [one.price(time, 60_000) or 0.0 for time in times.tolist()]


def test_the_newest_of_row_and_mark_kline_is_the_mark_and_of_one_time_the_row():
    marks = klines((5, 6, 4, 5), (6, 7, 5, 6))
    one = history(klines(1, 1, 1), [(60, 5.5), (90, 5.7)], marks)
    seen = {second: one.margin_price(START + 1_000 * second, 60_000) for second in (60, 89, 90, 119, 120, 181)}
    assert seen == {60: 5.5, 89: 5.5, 90: 5.7, 119: 5.7, 120: 6.0, 181: 1.0}
    assert one.price(START + 120_000, 20_000) == 1.0  # what a market order gets: rows alone
    assert one.price(START + 120_000, 30_000) == 5.7


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("rows", [(), [(second, 100 + second % 7) for second in range(0, 400, 15)]])
def test_nothing_that_margin_is_judged_at_is_worse_than_the_worst(sign, rows):
    one = history(walk(60), rows)
    spans = one.margin_spans(60_000)
    for since, until in ((3, 20), (10, 11), (40, 60)):
        begin, end = START + since * MINUTE + 1, START + until * MINUTE
        worst = spans.worst(sign, begin, end, begin)
        times = np.concatenate((spans.row_times(begin, end), np.arange(begin, end, 5_000)))
        prices = np.concatenate(
            (spans.prices.at_times(times), (spans.low if sign > 0 else spans.high)[spans.between(begin, end)])
        )
        assert sign * worst <= (sign * prices).min() + 1e-12


def test_the_lowest_and_highest_rows_of_a_minute():
    spans = history(klines(*[1.0] * 5), [(0, 9.0), (60, 5.0), (75, 4.0), (120, 6.0)]).margin_spans(60_000)
    ends = START + MINUTE * np.array([1, 2, 3])
    assert spans.row_extremes(np.array([True] * 3), ends - MINUTE, ends).tolist()[:2] == [5.0, 4.0]
    assert spans.row_extremes(np.array([False] * 3), ends - MINUTE, ends).tolist()[:2] == [5.0, 6.0]
    assert np.isnan(spans.row_extremes(np.array([True] * 3), ends - MINUTE, ends)[2])


@pytest.mark.parametrize("is_long", [True, False])
@pytest.mark.parametrize("rows", [(), [(61, 7.0), (90, 7.5), (200, 8.0)]])
@pytest.mark.parametrize("marks", [None, klines((5, 6, 4, 5), (6, 7, 5, 6), None, (7, 8, 6, 7))])
def test_nothing_in_a_span_is_worse_than_its_worst(rows, marks, is_long):
    spans = history(walk(12, 5, holes=0.3), rows, marks).margin_spans(60_000)
    sign = 1 if is_long else -1
    adverse = sign * (spans.low if is_long else spans.high)
    for first in range(1, 9):
        since, until = (np.array([START + minute * MINUTE + 500]) for minute in (first, first + 3))
        worst, price = (
            sign * of(np.array([is_long]), since, until).item()
            for of in (spans.worst_between, spans.worst_price_between)
        )
        closes = spans.start_ms + MINUTE
        held = adverse[(spans.start_ms >= since) & (closes <= until)].tolist()
        held += [sign * row for second, row in rows if since <= START + 1_000 * second <= until]
        assert worst == min(held) if held else np.isnan(worst)
        assert price <= (sign * spans.prices.at_times(np.arange(since.item(), until.item(), 500))).min()


@pytest.mark.parametrize("marked", ["none", "rows", "klines", "both"])
@pytest.mark.parametrize("holes", [0.0, 0.2])
def test_what_lies_ahead_is_never_worse_than_its_bound(marked, holes):
    random = np.random.default_rng(len(marked))
    rows = [(second, random.uniform(60.0, 140.0)) for second in range(50, 90_000, 470)]
    spans = history(
        walk(2_000, 3, holes=holes),
        rows if marked in ("rows", "both") else (),
        walk(1_200, 4, holes=0.1) if marked in ("klines", "both") else None,
    ).margin_spans(60_000)
    end = int(spans.start_ms[-1]) + 2 * MINUTE
    for now in random.integers(START - 2 * MINUTE, end, 60).tolist():
        for sign in (1, -1):
            bound = spans.worst_ahead(sign, now)
            for until in (now + 5 * MINUTE, now + 700 * MINUTE, end):
                worst = spans.worst(sign, now - MINUTE, until, now)
                assert not worst or sign * (worst - bound) >= 0.0, (now, sign, until)


def test_a_bound_of_what_lies_ahead_comes_nearer_with_time():
    """The low of the first minute is forgotten with its block."""
    path = klines((50, 60, 10, 50), *[50] * 2_000)
    spans = history(path).margin_spans(60_000)
    assert [spans.worst_ahead(1, START + minute * MINUTE) for minute in (1, 1_500)] == [10.0, 50.0]
    assert [spans.worst_ahead(-1, START + minute * MINUTE) for minute in (1, 1_500)] == [60.0, 50.0]
    assert history(klines()).margin_spans(60_000).worst_ahead(1, START) == 0.0


def test_where_a_mark_goes_stale_the_way_of_a_kline_begins_at_its_own_open():
    spans = history(klines(1, 1, 3, 3), [(110, 2.5)]).margin_spans(60_000)  # fresh up to 00:02:50
    assert spans.begin.tolist() == [1, 3, 3]
    marks = klines((5, 6, 4, 5), None, (7, 8, 6, 7))
    spans = history(klines(1, 2, 3, 4, 5), mark_klines=marks).margin_spans(30_000)
    assert spans.begin.tolist() == [5, 2, 7, 4, 5]
