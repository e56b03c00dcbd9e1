"""Calculated indicators: what may be given, and what has no answer."""

from engine import Kline, KlineColumns, calculate_indicators
from engine.market.indicators import IndicatorHistory, parse_indicator
from engine.market.series import KlineWindow
from tests.oracles.indicator_oracle import LONG_PERIODS, TABLE, WALK, to_columns


def test_unknown_names_and_no_klines_have_empty_entries():
    assert calculate_indicators(WALK, ["nope", "obv"]).keys() == {"NOPE", "OBV"}
    assert calculate_indicators(WALK, ["nope"]) == {"NOPE": {}}
    for klines in ([], KlineColumns.empty(60_000), KlineWindow(to_columns(WALK), 5, 5)):
        assert calculate_indicators(klines, ["RSI14", "MACD"]) == {"RSI14": {}, "MACD": {}}
    for name in [*TABLE, *LONG_PERIODS]:
        history = IndicatorHistory(KlineColumns.empty(60_000), parse_indicator(name))
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
    assert calculate_indicators(KlineWindow(columns, 0, len(WALK) - 1, WALK[-1]), TABLE) == expected
