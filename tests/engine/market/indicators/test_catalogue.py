"""The names of indicators, and from when on their values are defined."""

import numpy as np
import pytest

from engine.market.indicators import IndicatorHistory, parse_indicator, warm_up
from tests.oracles.indicator_oracle import WALK, to_columns

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
    assert indicator.longest_warm_up == warm_up(name)


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
    assert (warm_up(name) is None) == (parsed is None)


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
