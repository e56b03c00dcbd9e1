"""What a strategy may ask of the market, and that no answer knows anything of the future."""

import copy
import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import (
    PERIOD_MS,
    BookRows,
    FlowHistory,
    HistoricalDataProvider,
    KlineColumns,
    MarketHistory,
    SymbolHistory,
    TimedValues,
    TradeRows,
    calculate_indicators,
)
from tests.support.runs import DAY, HOUR, MINUTE, START, changed_after, klines, walk

SECOND = 1_000
ROW = 15 * SECOND


def marks(*pairs):
    """Mark prices as (ms after `START`, price)."""
    times, prices = zip(*pairs, strict=True)
    return FlowHistory(mark_price=TimedValues(START + np.array(times), np.array(prices, float)))


def asked_at(time_ms, base, stored=(), flow=None, symbol="X", features=None):
    history = SymbolHistory(symbol, base, stored, flow, features=features)
    provider = HistoricalDataProvider(MarketHistory([history]))
    provider.set_current_time(START + time_ms)
    return provider


def rows_of(found):
    return [tuple(kline) for kline in found]


# --- prices


@pytest.mark.parametrize(
    ("time_ms", "price"),
    [
        (0, 0.0),
        (59_999, 0.0),
        (60_000, 1.0),
        (119_999, 1.0),
        (120_000, 2.0),
        (179_999, 2.0),
        (180_000, 3.0),
        (DAY, 3.0),
    ],
)
def test_a_close_is_known_when_its_kline_closes_and_for_ever(time_ms, price):
    assert asked_at(time_ms, klines((9, 9, 1, 1), (9, 9, 2, 2), (9, 9, 3, 3))).get_price("X") == price


@pytest.mark.parametrize(
    ("time_ms", "price"),
    [(60_000, 1.0), (69_999, 1.0), (70_000, 50.0), (130_000, 50.0), (130_001, 2.0), (200_000, 60.0), (270_001, 2.0)],
)
def test_a_mark_price_counts_until_it_is_more_than_a_minute_old(time_ms, price):
    provider = asked_at(time_ms, klines(1, 2), flow=marks((70_000, 50.0), (200_000, 60.0)))
    assert provider.get_price("X") == price


def test_current_prices_are_those_that_exist():
    provider = HistoricalDataProvider(MarketHistory.from_klines({"X": klines(5.0), "Y": klines(None, None, 7.0)}))
    provider.set_current_time(START + MINUTE)
    assert provider.get_current_prices(["X", "Y", "Z"]) == {"X": 5.0}


# --- klines

TEN = klines(*[(10 + k, 20 + k, 5 - k / 10, 15 + k, 1 + k) for k in range(10)])


@pytest.mark.parametrize(
    ("seconds", "opens"), [(0, []), (60, [0]), (119, [0]), (120, [0, 60]), (600, list(range(0, 600, 60)))]
)
def test_finished_klines_come_one_by_one(seconds, opens):
    found = asked_at(seconds * SECOND, TEN).get_klines("X", "1m")
    assert [kline.timestamp - START // SECOND for kline in found] == opens


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, []),
        (59, []),  # no minute has closed yet, and there are no mark prices
        (60, [(0, 10, 20, 5, 15, 1)]),
        (179, [(0, 10, 21, 4.9, 16, 3)]),
        (180, [(0, 10, 22, 4.8, 17, 6)]),
        (300, [(0, 10, 24, 4.6, 19, 15)]),  # the boundary: finished, and none forming
        (301, [(0, 10, 24, 4.6, 19, 15)]),  # the next one has not a single minute yet
        (360, [(0, 10, 24, 4.6, 19, 15), (300, 15, 25, 4.5, 20, 6)]),
        (600, [(0, 10, 24, 4.6, 19, 15), (300, 15, 29, 4.1, 24, 40)]),
        (5_000, [(0, 10, 24, 4.6, 19, 15), (300, 15, 29, 4.1, 24, 40)]),
    ],
)
def test_a_forming_kline_is_what_its_minutes_are_so_far(seconds, expected):
    found = asked_at(seconds * SECOND, TEN).get_klines("X", "5m")
    assert rows_of(found) == [(START // SECOND + row[0], *map(pytest.approx, row[1:])) for row in expected]


def test_a_daily_kline_asked_for_at_00_01_is_one_minute_old():
    base = walk(2 * 1440 + 10)
    for day in (1, 2):
        (forming,) = asked_at(day * DAY + MINUTE, base).get_klines("X", "1d", 1)
        first = day * 1440
        assert forming.timestamp * SECOND == START + day * DAY
        assert forming[1:] == tuple(getattr(base, name)[first] for name in ("open", "high", "low", "close", "volume"))


@pytest.mark.parametrize("period", list(PERIOD_MS))
def test_every_period_is_made_of_its_minutes(period):
    """Against a slow loop: group the minutes by period, take first, max, min, last, sum."""
    base, length, now = walk(3_000, holes=0.3), PERIOD_MS[period], 2_500 * MINUTE + 17 * SECOND
    groups = {}
    for row in zip(base.open_ms.tolist(), base.open, base.high, base.low, base.close, base.volume, strict=True):
        if row[0] + MINUTE <= START + now:
            groups.setdefault(row[0] // length * length, []).append(row[1:])
    expected = [
        (
            opened // SECOND,
            rows[0][0],
            max(row[1] for row in rows),
            min(row[2] for row in rows),
            rows[-1][3],
            pytest.approx(sum(row[4] for row in rows)),
        )
        for opened, rows in groups.items()
    ]
    assert rows_of(asked_at(now, base).get_klines("X", period, 5_000)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (300_001, (50.0, 50.0, 50.0, 50.0)),  # the mark at the boundary belongs to the period that begins there
        (330_000, (50.0, 70.0, 50.0, 70.0)),
        (420_000, (50.0, 70.0, 40.0, 40.0)),  # the minutes do not matter where marks exist
        (599_999, (50.0, 70.0, 40.0, 45.0)),
    ],
)
def test_a_forming_kline_follows_the_mark_prices_where_they_exist(now, expected):
    flow = marks((299_999, 1.0), (300_000, 50.0), (330_000, 70.0), (400_000, 40.0), (500_000, 45.0), (600_000, 99.0))
    forming = asked_at(now, TEN, flow=flow).get_klines("X", "5m")[-1]
    assert (forming.timestamp - START // SECOND, *forming[1:5]) == (300, *expected)
    closed = max(now - 300_000, 0) // MINUTE
    assert forming.volume == sum(6 + k for k in range(closed))


def test_the_volume_of_a_forming_kline_takes_newer_rows_than_its_minutes():
    times = START + ROW * np.arange(1, 41)
    ones = np.ones(40)
    trades = TradeRows(times, ones, 2 * ones, ones, ones, ones, ones, ones)
    forming = asked_at(5 * MINUTE + 95 * SECOND, TEN, flow=FlowHistory(trades)).get_klines("X", "5m")[-1]
    assert forming.volume == 6 + 2 * 3  # minute [5, 6) of the klines, and the two rows after it


def with_a_minute_missing(*missing):
    return klines(*[None if minute in missing else (10.0, 10.0, 10.0, 10.0, 1) for minute in range(20)])


def test_stored_klines_of_a_period_count_where_minutes_are_missing():
    stored = klines((1, 2, 0.5, 1.5, 77), (1, 2, 0.5, 1.5, 77), (3, 4, 2, 3, 99), period_ms=5 * MINUTE)
    found = asked_at(15 * MINUTE, with_a_minute_missing(2, 13), [stored]).get_klines("X", "5m")
    assert [(kline.open, kline.volume) for kline in found] == [(1.0, 77.0), (10.0, 5.0), (3.0, 99.0)]


def test_a_stored_kline_is_known_at_its_close_only():
    stored = klines((1, 2, 0.5, 1.5, 77), period_ms=5 * MINUTE)
    base = with_a_minute_missing(2)
    (forming,) = asked_at(5 * MINUTE - 1, base, [stored]).get_klines("X", "5m")
    assert (forming.open, forming.volume) == (10.0, 3.0)
    (finished,) = asked_at(5 * MINUTE, base, [stored]).get_klines("X", "5m")
    assert (finished.open, finished.volume) == (1.0, 77.0)


@pytest.mark.parametrize(("count", "length"), [(1, 1), (2, 2), (5, 5), (50, 7), (10_000, 7), (0, 0), (-3, 0)])
@pytest.mark.parametrize("period", ["1m", "5m"])
def test_count_is_the_number_of_klines_with_the_forming_one_among_them(count, length, period):
    base = walk(7) if period == "1m" else walk(33)
    now = 7 * MINUTE if period == "1m" else 32 * MINUTE
    everything = list(asked_at(now, base).get_klines("X", period, 10_000))
    assert len(everything) == 7
    found = asked_at(now, base).get_klines("X", period, count)
    assert len(found) == length
    assert list(found) == everything[len(everything) - length :]


def test_klines_behave_as_a_sequence():
    found = asked_at(9 * MINUTE + 1, TEN).get_klines("X", "3m", 50)
    everything = list(found)
    assert len(found) == len(everything) == 3
    assert [found[k] for k in (0, 1, 2, -1, -2, -3)] == [everything[k] for k in (0, 1, 2, -1, -2, -3)]
    assert found[1:] == everything[1:]
    assert found[::-1] == everything[::-1]
    assert list(reversed(found)) == everything[::-1]
    assert everything[1] in found
    assert found == everything
    for place in (3, -4):
        with pytest.raises(IndexError):
            found[place]


def test_klines_are_a_list_for_whoever_asks():
    found = asked_at(9 * MINUTE + 1, TEN).get_klines("X", "3m", 50)
    rows = [list(kline) for kline in found]
    assert type(found) is list
    assert json.loads(json.dumps(found)) == rows
    assert [*found] == [None, *found][1:] == found[:] == found.copy()
    assert found + found[:1] == [*found, found[0]] == found.__add__(found[:1])
    assert sorted(found, key=lambda kline: -kline.timestamp) == found[::-1]
    assert np.array(found).tolist() == rows
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    frame = pandas.DataFrame(found)
    assert list(frame.columns) == list(found[0]._fields)
    assert frame.to_numpy().tolist() == rows


@pytest.mark.parametrize("seconds", [0, 1, 60, 61])
@pytest.mark.parametrize("count", [3, 50])
def test_what_a_program_writes_into_its_klines_is_not_in_the_next_answer(seconds, count):
    provider = asked_at(9 * MINUTE + seconds * SECOND, TEN)
    before = provider.get_klines("X", "1m", count).copy()
    for change in (list.clear, list.reverse, list.pop, lambda found: found.extend([1, 2]), lambda found: found.sort()):
        change(provider.get_klines("X", "1m", count))
        assert provider.get_klines("X", "1m", count) == before
    provider.get_klines("X", "1m", count)[0] = None
    provider.set_current_time(provider.now + MINUTE)
    later = asked_at(10 * MINUTE + seconds * SECOND, TEN).get_klines("X", "1m", count)
    assert provider.get_klines("X", "1m", count) == later


def test_answers_cannot_change_the_history():
    provider = asked_at(10 * MINUTE, TEN)
    base = provider._market.symbols["X"].base.columns
    with pytest.raises(ValueError, match="read-only"):
        base.close[0] = 1.0
    provider.get_indicator("X", "MA5", "1m")["series"].clear()
    provider.get_market_data("X").clear()
    assert len(provider.get_indicator("X", "MA5", "1m")["series"]) == 10
    assert provider.get_market_data("X")["price"] == 24.0


# --- indicators


@pytest.mark.parametrize("name", ["MA5", "EMA20", "RSI14", "MACD", "BOLL", "ATR14", "STOCH", "VWAP", "OBV", "rsi7"])
@pytest.mark.parametrize("now", [2_900 * MINUTE, 2_900 * MINUTE + 1, 55 * MINUTE, 12 * MINUTE])
@pytest.mark.parametrize("period", ["1m", "5m"])
def test_an_indicator_is_that_of_the_last_500_klines_with_the_forming_one(name, now, period):
    base = walk(3_000, holes=0.05)
    provider = asked_at(now, base)
    answer = provider.get_indicator("X", name, period)
    expected = calculate_indicators(list(provider.get_klines("X", period, 500)), [name])[name.upper()]
    assert set(answer) == set(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(answer[key], value, rtol=1e-9, atol=1e-9)


def kline_answers(provider, time_ms):
    """Klines and indicators at an instant, each asked for twice."""
    provider.set_current_time(time_ms)
    found = []
    for symbol, period in (("X", "1m"), ("X", "15m"), ("Y", "15m")) * 2:
        asked = [provider.get_indicator(symbol, name, period) for name in ("MACD", "RSI14")]
        found.append(([dict(each) for each in asked], provider.get_klines(symbol, period, 5)))
    return found


@given(st.lists(st.integers(-1, 40).map(lambda k: START + k * 5 * MINUTE) | st.integers(START, START + 4 * HOUR)))
def test_instants_in_any_order_are_answered_as_if_each_were_the_only_one(instants):
    history = MarketHistory.from_klines({"X": walk(150, 1), "Y": walk(150, 2, holes=0.2)})
    provider = HistoricalDataProvider(history)
    for instant in instants:
        assert kline_answers(provider, instant) == kline_answers(HistoricalDataProvider(history), instant)


def test_readers_of_one_market_in_many_threads_get_what_each_would_get_alone():
    history = MarketHistory.from_klines({"X": walk(300, 1), "Y": walk(300, 2, holes=0.2)})
    paths = [[START + MINUTE * k for k in range(first, 300, step)] for first in (5, 150) for step in (1, 15, 61)]

    def read(path):
        provider = HistoricalDataProvider(history)
        return [(kline_answers(provider, instant), provider.get_price("Y")) for instant in path]

    expected = [read(path) for path in paths]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(paths)) as threads:
            assert list(threads.map(read, paths)) == expected
    finally:
        sys.setswitchinterval(interval)


def test_what_is_done_to_an_answer_changes_no_other_of_that_instant():
    provider = asked_at(7 * MINUTE, walk(40))
    klines, macd = provider.get_klines("X", "5m", 3), provider.get_indicator("X", "MACD", "5m")
    expected = list(klines), dict(macd)
    klines.clear()
    macd.clear()
    assert (provider.get_klines("X", "5m", 3), provider.get_indicator("X", "MACD", "5m")) == expected


def test_of_no_symbol_it_is_said_that_a_scheduled_trigger_has_none():
    provider = asked_at(MINUTE, TEN)
    assert (provider.get_price(""), provider.get_klines("", "1m"), provider.get_market_data("")) == (0.0, [], {})
    said = {each["why"] for each in provider.unanswered.to_list()}
    assert said == {"no such symbol: trigger_symbol is '' at a scheduled trigger"}


# --- market data and price change


def test_market_data_of_a_day():
    base = walk(3 * 1440)
    now = 2 * DAY + 30 * SECOND
    answer = asked_at(now, base).get_market_data("X")
    price, before = base.close[2 * 1440 - 1], base.close[1440 - 1]
    assert answer == {
        "symbol": "X",
        "price": price,
        "change24h": price - before,
        "percentage24h": pytest.approx((price - before) / before * 100),
        "volume24h": pytest.approx((base.volume * (base.high + base.low + base.close) / 3)[1440 : 2 * 1440].sum()),
        "volume24h_coins": pytest.approx(base.volume[1440 : 2 * 1440].sum()),
    }


@pytest.mark.parametrize(("age", "usd"), [(0, 5e9), (60 * SECOND, 5e9), (60 * SECOND + 1, None)])
def test_the_volume_of_a_day_is_what_the_venue_says_while_that_is_fresh(age, usd):
    base, now = walk(3 * 1440), 2 * DAY
    klines = asked_at(now, base).get_market_data("X")
    stored = FlowHistory(day_notional_volume=TimedValues([START + now - age], [5e9]))
    answer = asked_at(now, base, flow=stored).get_market_data("X")
    assert answer == {**klines, "volume24h": usd or klines["volume24h"]}


def test_the_volume_that_the_venue_says_needs_no_day_of_klines():
    stored = FlowHistory(day_notional_volume=TimedValues([START], [5e9]))
    answer = asked_at(MINUTE, TEN, flow=stored).get_market_data("X")
    assert (answer["volume24h"], "volume24h_coins" in answer) == (5e9, False)


@pytest.mark.parametrize(
    ("now", "absent"),
    [
        (DAY - 1, {"change24h", "percentage24h", "volume24h", "volume24h_coins"}),
        (DAY, {"change24h", "percentage24h"}),  # the first kline opened 24 h ago: its volume counts, it had no price
        (DAY + MINUTE, set()),
    ],
)
def test_keys_with_less_than_a_day_of_data_are_absent(now, absent):
    answer = asked_at(now, walk(1_500)).get_market_data("X")
    keys = {"symbol", "price", "change24h", "percentage24h", "volume24h", "volume24h_coins"}
    assert keys - set(answer) == absent


def test_market_data_shows_the_newest_recorded_values():
    flow = FlowHistory(
        mark_price=TimedValues([START + 1, START + 50_000], [10.0, 11.0]),
        open_interest=TimedValues([START + 1, START + 90_000], [500.0, 600.0]),
        funding_rate=TimedValues([START + 30_000], [0.0001]),
    )
    answer = asked_at(MINUTE, TEN, flow=flow).get_market_data("X")
    assert answer == {
        "symbol": "X",
        "price": 11.0,
        "mark_price": 11.0,
        "open_interest": 5500.0,
        "open_interest_coins": 500.0,
        "funding_rate": 0.0001,
    }


def test_open_interest_is_at_the_last_price_where_no_mark_is_known():
    flow = FlowHistory(open_interest=TimedValues([START + 1], [500.0]))
    answer = asked_at(MINUTE, TEN, flow=flow).get_market_data("X")
    assert (answer["open_interest"], "mark_price" in answer) == (500.0 * answer["price"], False)


@pytest.mark.parametrize(
    ("minute", "usd"),
    [
        (5, None),  # one period only
        (6, 25.0 - 24.0),
        (7, 26.0 - 24.0),
        (10, 29.0 - 24.0),
        (10.5, 29.0 - 24.0),  # the third period has no minute yet: the newest is still the second
        (54, 29.0 - 24.0),  # the previous period's last minute opened ten periods ago
        (55, None),
    ],
)
def test_price_change_compares_the_last_high_with_that_of_the_period_before(minute, usd):
    answer = asked_at(round(minute * MINUTE), TEN).get_price_change("X", "5m")
    if usd is None:
        assert answer == {"change_percent": 0.0, "change_usd": 0.0}
    else:
        assert answer == {"change_percent": pytest.approx(usd / 24 * 100), "change_usd": pytest.approx(usd)}


def test_price_change_skips_empty_periods():
    base = klines((10, 20, 5, 15), *[None] * 11, (10, 30, 5, 15))
    assert asked_at(13 * MINUTE, base).get_price_change("X", "5m")["change_usd"] == 10.0


# --- what cannot be answered

ZEROS = {"change_percent": 0.0, "change_usd": 0.0}
ADX = {"factor_name": "ADX14", "symbol": "X", "period": "1h", "value": None, "id": None, "category": "trend",
       "expression": "ADX(high, low, close, 14)", "description": "strength of the trend"}  # fmt: skip
ADX_OF_Z = {"factor_name": "ADX14", "symbol": "Z", "period": "1h", "value": None}
NO_SUCH = {"factor_name": "ADX", "symbol": "X", "period": "1h", "value": None, "error": "Factor 'ADX' not found"}
PRICED_ROWS = "it needs 15-second rows with high and low prices (klines are not enough)"
QUERIES = [
    # query, its answer, why (None: it is answered), on ten klines of X one minute after the start
    (("get_price", "X"), 10.0, None),
    (("get_price", "x"), 0.0, "no such symbol"),
    (("get_price", "Y"), 0.0, "no price yet"),
    (("get_klines", "Z", "1m"), [], "no such symbol"),
    (("get_klines", "X", "7m"), [], "no such period, or no klines to make it from"),
    (("get_klines", "X", "1H"), [], "no such period, or no klines to make it from"),
    (("get_klines", "Y", "1m"), [], "not enough history yet"),
    (("get_indicator", "Z", "RSI14", "1m"), {}, "no such symbol"),
    (("get_indicator", "X", "RSI14", "2m"), {}, "no such period, or no klines to make it from"),
    (("get_indicator", "X", "RSY14", "1m"), {}, "no such indicator"),
    (("get_indicator", "X", "RSI", "1m"), {}, "no such indicator"),
    (("get_indicator", "Y", "RSI14", "1m"), {}, "not enough history yet"),
    (("get_flow", "X", "PRICE_CHANGE", "5m"), {}, PRICED_ROWS),
    (("get_flow", "X", "volatility", "5m"), {}, PRICED_ROWS),
    (("get_indicator", "X", "MACD", "1m"), {"macd": 0.0, "signal": 0.0, "histogram": 0.0}, "not enough history yet"),
    (("get_market_data", "Z"), {}, "no such symbol"),
    (("get_market_data", "Y"), {}, "no price yet"),
    (("get_price_change", "Z", "1h"), {"change_percent": 0.0, "change_usd": 0.0}, "no such symbol"),
    (("get_price_change", "X", "1w"), ZEROS, "no such period, or no klines to make it from"),
    (("get_price_change", "X", "1h"), {"change_percent": 0.0, "change_usd": 0.0}, "not enough history yet"),
    (("get_flow", "Z", "CVD", "5m"), {}, "no such symbol"),
    (("get_flow", "X", "CVD", "5m"), {}, "not enough flow rows up to then"),
    (("get_flow", "X", "CDV", "5m"), {}, "no such flow metric"),
    (("get_flow", "X", "CVD", "6m"), {}, "no such period, or no klines to make it from"),
    (("get_feature", "mood", "Z"), {}, "no such symbol"),
    (("get_feature", "moood", "X"), {}, "no such feature; did you mean mood?"),
    (("get_feature", "weather", "X"), {}, "no such feature"),
    (("get_feature", "late", "X", 3), {}, "no value of it is known yet"),
    (("get_factor_ranking", "X"), [], "how well factors foretell is not known"),
    (("get_factor", "X", "ADX14", "1h"), ADX, "not enough history yet"),
    (("get_factor", "Z", "ADX14", "1h"), ADX_OF_Z, "no such symbol"),
    (("get_factor", "X", "ADX", "1h"), NO_SUCH, "no such factor; did you mean ADX14?"),
]  # fmt: skip


def small_market():
    base = klines(*[10.0] * 10)
    late = klines(*[10.0] * 10, start_ms=START + HOUR)
    features = {name: TimedValues([START + minute * MINUTE], [1.0]) for name, minute in (("mood", 3), ("late", 11))}
    provider = HistoricalDataProvider(MarketHistory.from_klines({"X": base, "Y": late}, features))
    provider.set_current_time(START + 10 * MINUTE)
    return provider


@pytest.mark.parametrize(("query", "answer", "why"), QUERIES, ids=lambda value: str(value)[:60])
def test_what_cannot_be_answered_is_empty_and_listed_once_with_count_and_reason(query, answer, why):
    provider = small_market()
    name, *arguments = query
    for _ in range(3):
        assert getattr(provider, name)(*arguments) == answer
    asked = arguments[:2] if name == "get_feature" else arguments
    text = f"{name}({', '.join(map(repr, asked))})"
    assert provider.unanswered.to_list() == ([] if why is None else [{"query": text, "why": why, "count": 3}])


def test_one_query_with_two_causes_is_listed_for_each():
    provider = small_market()
    for minute in (10, 20, 61, 62):
        provider.set_current_time(START + minute * MINUTE)
        provider.get_price("Y")
        provider.get_indicator("Y", "MA5", "1m")
    assert provider.unanswered.to_list() == [
        {"query": "get_indicator('Y', 'MA5', '1m')", "why": "not enough history yet", "count": 4},
        {"query": "get_price('Y')", "why": "no price yet", "count": 2},
    ]


def test_a_factor_and_a_regime_are_empty_answers_too():
    provider = small_market()
    assert provider.get_factor("X", "momentum")["value"] is None
    regime = provider.get_regime("X", "5m")
    assert (regime.regime, regime.direction, regime.conf, dict(regime.indicators)) == ("noise", "neutral", 0.0, {})
    assert regime.reason
    assert len(provider.unanswered.to_list()) == 2


# --- no look-ahead


def flow_of(seed, times):
    random = np.random.default_rng(seed)
    n = len(times)
    price = 100 * np.exp(np.cumsum(random.standard_normal(n) * 0.001))
    return {
        "trades": TradeRows(times, *(random.random(n) for _ in range(4)), price, price * 1.001, price * 0.999),
        "book": BookRows(times, *(random.random(n) for _ in range(3))),
        "mark_price": TimedValues(times + 3_000, price),
        "open_interest": TimedValues(times, random.random(n) * 1_000),
        "day_notional_volume": TimedValues(times[::2], random.random(len(times[::2])) * 1e9),
        "funding_rate": TimedValues(times[::240], random.standard_normal(len(times[::240])) * 1e-4),
    }


def flow_changed_after(flow, time_ms):
    """The same rows up to `time_ms`, others after it."""
    changed = {}
    for name, rows in flow.items():
        factor = np.where(rows.timestamp_ms > time_ms, 3.7, 1.0)
        fields = [field for field in rows.__slots__ if field != "timestamp_ms"]
        changed[name] = type(rows)(rows.timestamp_ms, *(getattr(rows, field) * factor for field in fields))
    return changed


def answers(provider, symbol="X"):
    found = {
        "price": provider.get_price(symbol),
        "prices": provider.get_current_prices([symbol]),
        "market data": provider.get_market_data(symbol),
        "feature": provider.get_feature("mood", symbol, 5),
    }
    for period in PERIOD_MS:
        for name in ("RSI14", "VWAP_DEV", "HMA20_DEV", "NORM_VOLUME", "OI_CHANGE_PCT", "FUNDING_RATE"):
            found[period, f"factor {name}"] = provider.get_factor(symbol, name, period)
        found[period, "klines"] = list(provider.get_klines(symbol, period, 40))
        found[period, "change"] = provider.get_price_change(symbol, period)
        found[period, "regime"] = provider.get_regime(symbol, period)
        for metric in ("CVD", "TAKER", "OI", "OI_DELTA", "FUNDING", "DEPTH", "IMBALANCE", "PRICE_CHANGE", "VOLATILITY"):
            found[period, metric] = provider.get_flow(symbol, metric, period)
        for name in ("MA5", "EMA20", "RSI14", "MACD", "BOLL", "ATR14", "STOCH", "VWAP", "OBV"):
            answer = provider.get_indicator(symbol, name, period)
            found[period, name] = {key: answer[key] for key in answer}
    return found


BASE = walk(4_000, seed=5, holes=0.02)
STORED = [
    KlineColumns(length, *(getattr(made, name) for name in ("open_ms", "open", "high", "low", "close", "volume")))
    for length, made in ((HOUR, walk(1)), (4 * HOUR, walk(1)))
    for made in [klines(*[(50 + k, 60 + k, 40 + k, 55 + k, k + 1) for k in range(20)], period_ms=length)]
]
FLOW = flow_of(3, START + ROW * np.arange(1, 15_000))
MOOD = TimedValues(START + 61_007 * np.arange(1, 4_000), np.random.default_rng(8).random(3_999))
FEATURES = {"mood": MOOD}
MOMENTS = [
    0, 1, MINUTE - 1, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, HOUR, HOUR - 1, HOUR + 7 * SECOND, DAY - 1, DAY, DAY + 1,
    DAY + MINUTE, 25 * HOUR + 15 * SECOND, 40 * HOUR + 3 * MINUTE + 30 * SECOND, 2 * DAY, 2 * DAY + 123_456,
]  # fmt: skip


@pytest.mark.parametrize("with_flow", [False, True], ids=["klines alone", "with flow"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_no_answer_depends_on_what_comes_later(moment, with_flow):
    now = START + moment
    flow = FlowHistory(**FLOW) if with_flow else None
    changed = FlowHistory(**flow_changed_after(FLOW, now)) if with_flow else None
    truth = asked_at(moment, BASE, STORED, flow, features=FEATURES)
    later = flow_changed_after(FEATURES, now)
    scrambled = asked_at(
        moment, changed_after(BASE, now), [changed_after(each, now) for each in STORED], changed, features=later
    )
    one, other = answers(truth), answers(scrambled)
    assert one == other
    assert truth.unanswered.to_list() == scrambled.unanswered.to_list()


def test_the_scramble_would_be_seen_if_it_came_too_early():
    moment = 40 * HOUR
    truth = answers(asked_at(moment, BASE, STORED, FlowHistory(**FLOW), features=FEATURES))
    early = START + moment - 2 * MINUTE
    scrambled = answers(
        asked_at(
            moment,
            changed_after(BASE, early),
            [changed_after(each, early) for each in STORED],
            FlowHistory(**flow_changed_after(FLOW, early)),
            features=flow_changed_after(FEATURES, early),
        )
    )
    assert truth["feature"] != scrambled["feature"]
    short = [key for key in truth if isinstance(key, tuple) and key[0] in ("1m", "5m", "15m", "1h")]
    unchanged = {key for key in short if truth[key] == scrambled[key]}
    assert len(short) == 4 * 27
    # no new rate in two minutes; both ends of a minute's interest are scaled; a regime is coarse
    assert {what for _, what in unchanged} <= {"FUNDING", "factor FUNDING_RATE", "factor OI_CHANGE_PCT", "regime"}


@pytest.mark.parametrize("moment", [HOUR + 7 * SECOND, DAY, 2 * DAY + 123_456])
def test_answers_are_the_same_whether_the_future_exists_or_not(moment):
    now = START + moment
    known = int(np.searchsorted(BASE.open_ms + MINUTE, now, side="right"))
    short = [each.slice(0, int(np.searchsorted(each.open_ms + each.period_ms, now, side="right"))) for each in STORED]
    assert answers(asked_at(moment, BASE.slice(0, known), short)) == answers(asked_at(moment, BASE, STORED))


def test_time_may_go_back_and_forth_without_changing_an_answer():
    provider = asked_at(0, BASE, STORED, FlowHistory(**FLOW))
    order = np.random.default_rng(1).permutation(len(MOMENTS))
    for place in order:
        provider.set_current_time(START + MOMENTS[place])
        fresh = asked_at(MOMENTS[place], BASE, STORED, FlowHistory(**FLOW))
        assert answers(provider) == answers(fresh)


# --- data of one's own


def feature_at(time_ms, count=1):
    provider = asked_at(
        time_ms, TEN, features={"mood": TimedValues([START + 5, START + 9, START + 20], [1.0, -2.0, 3.5])}
    )
    return provider.get_feature("mood", "X", count)


@pytest.mark.parametrize(
    ("time_ms", "count", "values"),
    [(5, 1, [1.0]), (8, 2, [1.0]), (9, 1, [-2.0]), (9, 2, [1.0, -2.0]), (19, 9, [1.0, -2.0]), (10**9, 2, [-2.0, 3.5])],
)
def test_a_feature_has_the_newest_values_whose_time_has_come(time_ms, count, values):
    answer = feature_at(time_ms, count)
    assert answer["values"] == values
    assert answer["value"] == values[-1]
    assert answer["time"] == answer["times"][-1]
    assert [{1.0: 5, -2.0: 9, 3.5: 20}[value] for value in values] == [each - START for each in answer["times"]]


def test_a_feature_is_not_there_before_its_first_time():
    assert feature_at(4) == {}


@pytest.mark.parametrize("count", [0, -3])
def test_a_count_that_is_none_is_one(count):
    assert feature_at(20, count)["values"] == [3.5]


def test_the_lists_of_a_feature_are_the_callers_own():
    provider = asked_at(20, TEN, features={"mood": TimedValues([START], [1.0])})
    provider.get_feature("mood", "X")["values"].clear()
    assert provider.get_feature("mood", "X")["values"] == [1.0]
