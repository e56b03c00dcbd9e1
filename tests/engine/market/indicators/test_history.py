"""Indicators of a growing series: forming klines, and the future that changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Kline, calculate_indicators
from engine.market.indicators import INDICATOR_WINDOW, IndicatorHistory, parse_indicator
from engine.market.series import FormingKline
from tests.oracles.indicator_oracle import (
    LONG_PERIODS,
    TABLE,
    WALK,
    assert_same,
    kline_lists,
    reference,
    to_columns,
    tolerance,
)

DAY_S = 86_400


def forming_as(kline):
    return FormingKline(kline.close, lambda: kline)


@settings(max_examples=80, deadline=None)
@given(kline_lists(1, 10, 50, 300, 500, most=5), st.randoms(use_true_random=False))
def test_a_forming_kline_is_the_last_of_its_window(klines, random):
    columns = to_columns(klines)
    stops = {0, 1, 2, 13, 14, 33, 34, 498, 499, 500, *(random.randrange(1_500) for _ in range(6))}
    for name in [*TABLE, *LONG_PERIODS]:
        history = IndicatorHistory(columns, parse_indicator(name))
        for stop in (stop for stop in stops if stop < len(klines)):
            forming = forming_as(klines[stop])
            window = klines[max(0, stop - 499) : stop + 1]
            answer = history.at(stop, forming)
            for key, column in reference(window, name).items():
                assert_same(answer[key], column[-1], tolerance(window, name), (name, key, stop))


@pytest.mark.parametrize("name", [*TABLE, *LONG_PERIODS])
def test_a_history_answers_like_calculate_indicators(name):
    history = IndicatorHistory(to_columns(WALK), parse_indicator(name))
    for stop in (1, 20, 499, 500, 777, len(WALK) - 1):
        forming = forming_as(WALK[stop])
        window = WALK[max(0, stop - 499) : stop + 1]
        for at, klines in ((history.at(stop, forming), window), (history.at(stop), WALK[max(0, stop - 500) : stop])):
            expected = calculate_indicators(klines, [name])[name]
            assert list(at) == list(expected)
            for key in at:
                assert at[key] == pytest.approx(expected[key], rel=1e-9), key
            if "series" in at:
                assert len(at["series"]) == min(len(klines), INDICATOR_WINDOW)
                assert at["series"][-1] == at["value"]


def test_vwap_is_defined_where_something_was_traded_that_day():
    klines = [
        Kline(DAY_S * 20_000 + 60 * i - 120, 1.0, 2.0, 1.0, 1.5, volume) for i, volume in enumerate((0, 3, 0, 0, 5))
    ]
    history = IndicatorHistory(to_columns(klines), parse_indicator("VWAP"))
    assert history.values["value"].tolist() == [0.0, 1.5, 0.0, 0.0, 1.5]
    assert history.defined["value"].tolist() == [False, True, False, False, True]
    next_day = Kline(DAY_S * 20_001, 9.0, 9.0, 9.0, 9.0, 0.0)
    assert history.at(5, forming_as(next_day))["value"] == 0.0
    assert history.at(5, forming_as(next_day._replace(volume=1.0)))["value"] == 9.0


@pytest.mark.parametrize("name", ["MA5", "EMA20", "RSI14", "MACD", "BOLL"])
def test_what_is_made_of_closes_asks_for_no_more_of_a_forming_kline(name):
    def whole():
        raise AssertionError

    history, kline = IndicatorHistory(to_columns(WALK[:100]), parse_indicator(name)), WALK[100]
    answer, expected = history.at(100, FormingKline(kline.close, whole)), history.at(100, forming_as(kline))
    for key in history.indicator.fillers:
        assert answer[key] == expected[key]
