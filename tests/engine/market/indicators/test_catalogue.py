"""The names of indicators, from when on their values are defined, and their values over a series of klines."""

import numpy as np
import pytest

from engine import Kline, KlineColumns, calculate_indicators
from engine.market.indicators import IndicatorHistory, parse_indicator
from engine.market.series import ReadyKlines
from tests.oracles.indicator_oracle import LONG_PERIODS, TABLE, WALK, to_columns

WARM_UPS = {
    "MA5": {"value": 5},
    "EMA20": {"value": 20},
    "RSI14": {"value": 2},
    "ATR14": {"value": 14},
    "MACD": {"macd": 26, "signal": 34, "histogram": 34},
    "BOLL": {"upper": 20, "middle": 20, "lower": 20},
    "STOCH": {"k": 16, "d": 18},
    "OBV": {"value": 1},
    "EMA500": {"value": 500},
    "MA501": {"value": 10_000},
    "ATR600": {"value": 10_000},
}


@pytest.mark.parametrize("name", WARM_UPS)
def test_values_are_defined_from_their_warm_up_on(name):
    indicator = parse_indicator(name)
    history = IndicatorHistory(to_columns(WALK), indicator)
    for key, klines in WARM_UPS[name].items():
        assert history.defined[key].tolist() == [i + 1 >= klines for i in range(len(WALK))]
        filler = 50.0 if name in ("RSI14", "STOCH") else 0.0
        assert set(history.values[key][: klines - 1]) <= {filler}
        assert np.count_nonzero(history.values[key] == filler) < klines + 60 or klines > 500
    assert indicator.longest_warm_up == max(WARM_UPS[name].values()) or indicator.longest_warm_up > 500


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("MA7", 7), ("EMA20", 20), ("ATR14", 14), ("RSI14", 15), ("MACD", 34), ("BOLL", 20), ("STOCH", 18), ("VWAP", 1),
        ("OBV", 1), ("MA600", 600), ("RSI499", 500), ("RSI600", 500),
    ],
)  # fmt: skip
def test_the_length_of_an_indicator_is_the_number_of_klines_from_which_its_values_count(name, length):
    assert parse_indicator(name).length == length


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("rsi14", "RSI14"),
        ("Macd", "MACD"),
        ("EMA9999", "EMA9999"),
        ("RSI", None),
        ("RSI0", None),
        ("RSI014", None),
        ("RSI10000", None),
        ("RSI14 ", None),
        ("RSI\u0661\u0664", None),
        ("MACD12", None),
        ("SMA20", None),
        ("", None),
    ],
)
def test_names(name, parsed):
    indicator = parse_indicator(name)
    assert (indicator and indicator.name) == parsed
    assert indicator == (parsed and parse_indicator(parsed))


def test_a_name_with_its_own_idea_of_equality_gets_nothing_that_is_not_its_own():
    class Evil(str):
        def __eq__(self, other):
            return True

        def __hash__(self):
            return hash("RSI14")

        def upper(self):
            return "RSI14"

    parse_indicator("RSI14")
    assert parse_indicator(Evil("zzz")) is None
    assert parse_indicator(14) is None


def test_unknown_names_and_no_klines_have_empty_entries():
    assert calculate_indicators(WALK, ["nope", "obv"]).keys() == {"NOPE", "OBV"}
    assert calculate_indicators(WALK, ["nope"]) == {"NOPE": {}}
    for klines in ([], KlineColumns.of(60_000, []), ReadyKlines(to_columns(WALK)).window(5, 5)):
        assert calculate_indicators(klines, ["RSI14", "MACD"]) == {"RSI14": {}, "MACD": {}}
    for name in [*TABLE, *LONG_PERIODS]:
        history = IndicatorHistory(KlineColumns.of(60_000, []), parse_indicator(name))
        assert history.at(0) == {}
        assert all(len(column) == 0 for column in (*history.values.values(), *history.defined.values()))


def test_one_kline_has_only_fillers():
    answers = calculate_indicators([Kline(0, 5.0, 8.0, 4.0, 6.0, 2.0)], [*TABLE, "ATR1", "MA1"])
    fillers = {"RSI7": 50.0, "RSI14": 50.0, "VWAP": 6.0, "ATR1": 4.0, "MA1": 6.0}
    for name, answer in answers.items():
        if "value" in answer:
            assert answer == {"value": fillers.get(name, 0.0), "series": [fillers.get(name, 0.0)]}
        else:
            assert set(answer.values()) == {50.0 if name == "STOCH" else 0.0}


def test_klines_may_be_columns_a_window_or_a_list():
    columns = to_columns(WALK)
    expected = calculate_indicators(WALK, TABLE)
    assert calculate_indicators(columns, TABLE) == expected
    assert calculate_indicators(tuple(ReadyKlines(columns).window(0, len(WALK))), TABLE) == expected
