"""Indicators against a slow implementation of the contract's own words, and against published reference values."""

import math
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import KlineColumns, calculate_indicators
from engine.market.indicators import INDICATOR_WINDOW, parse_indicator
from engine.market.series import ReadyKlines
from tests.oracles.indicator_oracle import (
    LONG_PERIODS,
    OTHER_PERIODS,
    TABLE,
    WALK,
    assert_same,
    kline_lists,
    make_klines,
    reference,
    to_columns,
    tolerance,
)

DAY_S = 86_400


def window_values(columns, indicator, window=INDICATOR_WINDOW):
    return indicator.values(columns, window)


@settings(max_examples=100, deadline=None)
@given(kline_lists(1, 2, 5, 14, 33, 80))
def test_calculated_series_follow_the_contract(klines):
    answers = calculate_indicators(klines, [*TABLE, *OTHER_PERIODS])
    for name in [*TABLE, *OTHER_PERIODS] if klines else []:
        expected = reference(klines, name)
        for key, column in expected.items():
            assert_same(answers[name][key], column[-1], tolerance(klines, name), (name, key))
        if "value" in expected:
            assert len(answers[name]["series"]) == len(klines)
            for i, value in enumerate(answers[name]["series"]):
                assert_same(value, expected["value"][i], tolerance(klines[: i + 1], name), (name, i))


@pytest.mark.parametrize("name", [*TABLE, *OTHER_PERIODS])
def test_every_prefix_of_a_day_follows_the_contract(name):
    columns, whole = to_columns(WALK[:130]), reference(WALK[:130], name)
    values = window_values(columns, parse_indicator(name))
    assert list(values) == list(whole)
    for key, column in whole.items():
        for i, value in enumerate(column):
            assert_same(values[key].item(i), value, tolerance(WALK[: i + 1], name), (key, i))


@settings(max_examples=80, deadline=None)
@given(kline_lists(1, 20, 150, 350, 499, 500, 700, most=4), st.randoms(use_true_random=False))
def test_window_values_are_those_of_each_window(klines, random):
    columns = to_columns(klines)
    rows = [random.randrange(len(klines)) for _ in range(6)] if klines else []
    for name in [*TABLE, *LONG_PERIODS]:
        values = window_values(columns, parse_indicator(name))
        for i in rows:
            window = klines[max(0, i - 499) : i + 1]
            for key, column in reference(window, name).items():
                assert_same(values[key].item(i), column[-1], tolerance(window, name), (name, key, i))


@settings(max_examples=150, deadline=None)
@given(kline_lists(1, 5, 14, 30, 60, most=5), st.integers(1, 60), st.randoms(use_true_random=False))
def test_short_windows_too(klines, window, random):
    """With a short window hardly anything of the column's own means is left to rely on."""
    columns = to_columns(klines)
    rows = [random.randrange(len(klines)) for _ in range(10)] if klines else []
    highest = max((kline.close for kline in klines), default=0.0)
    for name in [*TABLE, *OTHER_PERIODS]:
        values = window_values(columns, parse_indicator(name), window)
        for i in rows:
            part = klines[max(0, i - window + 1) : i + 1]
            absolute = 1e-9 * highest if name == "MACD" else tolerance(part, name)
            for key, column in reference(part, name).items():
                assert_same(values[key].item(i), column[-1], absolute, (name, key, i))


@pytest.mark.parametrize("name", [*TABLE, *OTHER_PERIODS, *LONG_PERIODS])
def test_the_future_changes_no_value(name):
    indicator, columns = parse_indicator(name), to_columns(WALK)
    whole = window_values(columns, indicator)
    for rows in (0, 1, 2, 30, 499, 500, 501, 800):
        for key, column in window_values(columns.slice(0, rows), indicator).items():
            assert column.tobytes() == whole[key][:rows].tobytes()


def test_flat_klines_after_a_crash_are_exactly_neutral():
    klines = make_klines([("walk", 300), ("collapse", 10), ("flat", 1_200)], 3, 60, 1_600_000_000)
    columns = to_columns(klines)
    for name, value in {"RSI14": 50.0, "RSI500": 50.0, "ATR14": 0.0, "ATR500": 0.0}.items():
        calm = window_values(columns, parse_indicator(name))["value"][810:]
        assert set(calm.tolist()) == {value}, name
    assert set(window_values(columns, parse_indicator("STOCH"))["d"][400:].tolist()) == {50.0}


def test_flat_klines_for_a_very_long_time_are_neutral_again_after_a_tick():
    klines = make_klines([("walk", 30), ("flat", 60_000)], 3, 60, 1_600_000_000)
    last = klines[-1]
    for i in range(1, 400):
        klines.append(last._replace(timestamp=last.timestamp + 60 * i, close=last.close + (0.5 if i == 300 else 0.0)))
    columns = to_columns(klines)
    for name in ("RSI7", "RSI14", "ATR7", "ATR14", "EMA100", "MACD"):
        values = window_values(columns, parse_indicator(name))
        for row in (29_000, 60_029, 60_329, 60_330, 60_331, 60_400):
            window = klines[row - 499 : row + 1]
            for key, column in reference(window, name).items():
                assert_same(values[key].item(row), column[-1], tolerance(window, name), (name, row))


# Published values.


SKENDER = {
    # indicator: (file, {key: column}, first row compared, decimals published)
    "MA20": ("sma", {"value": "sma"}, 19, 1e-9),
    "EMA20": ("ema", {"value": "ema"}, 19, 1e-9),
    "MACD": ("macd", {"macd": "macd", "signal": "signal", "histogram": "histogram"}, 33, 1e-9),
    "ATR14": ("atr", {"value": "atr"}, 480, 1e-9),
    "RSI14": ("rsi", {"value": "rsi"}, 480, 1e-9),
    "STOCH": ("stoch", {"k": "k", "d": "d"}, 17, 1e-9),
    "OBV": ("obv", {"value": "obv"}, 0, 1e-9),
    "VWAP": ("vwap", {"value": "vwap"}, 0, 1e-9),
}


def skender_columns(folder: Path) -> KlineColumns:
    pandas = pytest.importorskip("pandas")
    quotes = pandas.read_parquet(folder / "ref" / "skender_quotes_default.parquet")
    minutes = np.arange(len(quotes)) * 60_000  # all in one UTC day: the published VWAP never restarts
    return KlineColumns(60_000, minutes, *(quotes[name] for name in ("open", "high", "low", "close", "volume")))


@pytest.mark.parametrize("name", SKENDER)
def test_published_values_of_skender(name, shared_data):
    import pandas

    file, keys, first, relative = SKENDER[name]
    columns = skender_columns(shared_data)
    published = pandas.read_parquet(shared_data / "ref" / f"skender_{file}.parquet")
    values = parse_indicator(name).values(columns, len(columns))
    for key, column in keys.items():
        np.testing.assert_allclose(values[key][first:], published[column][first:], rtol=relative, atol=1e-9)


def test_published_bollinger_bands_of_skender(shared_data):
    import pandas

    published = pandas.read_parquet(shared_data / "ref" / "skender_bb.parquet")[19:]
    values = window_values(skender_columns(shared_data), parse_indicator("BOLL"))
    to_population = math.sqrt(19 / 20)
    for key in ("upper", "lower"):
        band = (values[key] - values["middle"])[19:] * to_population
        np.testing.assert_allclose(band, published[f"{key}Band"] - published["sma"], rtol=1e-9, atol=1e-9)


def test_a_real_year_of_minutes_with_holes(shared_data):
    import pandas

    frame = pandas.read_parquet(shared_data / "bitfinex_spot_BTCUSD_1m_2019.parquet")
    columns = KlineColumns(
        60_000, *(frame[name] for name in ("timestamp_ms", "open", "high", "low", "close", "volume"))
    )
    rows = [3, 499, 500, *(Random(2).randrange(len(columns)) for _ in range(12))]
    windows = {row: ReadyKlines(columns).window(max(0, row - 499), row + 1) for row in rows}
    for name in [*TABLE, "RSI200", "EMA400"]:
        values = window_values(columns, parse_indicator(name))
        for row, window in windows.items():
            for key, column in reference(window, name).items():
                assert_same(values[key].item(row), column[-1], tolerance(window, name), (name, key, row))
