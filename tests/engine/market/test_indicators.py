"""Indicators against a slow implementation of the contract's own words, and against published reference values."""

import copy
import json
import math
import pickle
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Kline, KlineColumns, calculate_indicators
from engine.market.indicators import (
    INDICATOR_WINDOW,
    IndicatorHistory,
    ValueWithSeries,
    parse_indicator,
    warm_up,
    window_values,
)
from engine.market.series import KlineWindow

TABLE = [
    "MA5",
    "MA10",
    "MA20",
    "EMA20",
    "EMA50",
    "EMA100",
    "RSI7",
    "RSI14",
    "MACD",
    "BOLL",
    "ATR14",
    "STOCH",
    "VWAP",
    "OBV",
]
OTHER_PERIODS = ["MA1", "MA50", "EMA1", "EMA12", "RSI1", "RSI21", "ATR1", "ATR7"]
LONG_PERIODS = ["MA500", "EMA499", "EMA500", "RSI500", "RSI9999", "ATR499", "ATR500", "MA501", "EMA501", "ATR501"]

DAY_S = 86_400


# The contract, section 3, word for word: one Python list for every key, as long as the klines.


def reference(klines: list[Kline], name: str) -> dict[str, list[float]]:
    family, period = name.rstrip("0123456789"), int(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
    closes = [kline.close for kline in klines]
    if family == "MA":
        return {"value": [mean(closes[i + 1 - period : i + 1]) if i + 1 >= period else 0.0 for i in range(len(klines))]}
    if family == "EMA":
        return {"value": [0.0 if value is None else value for value in ema(closes, period)]}
    if family == "RSI":
        return {"value": rsi(closes, period)}
    if family == "ATR":
        return {"value": atr(klines, period)}
    return {"MACD": macd, "BOLL": boll, "STOCH": stoch, "VWAP": vwap, "OBV": obv}[name](klines)


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def ema(values: list[float], period: int) -> list[float | None]:
    result: list[float | None] = [None] * len(values)
    for i in range(period - 1, len(values)):
        before = result[i - 1] if i else None
        if before is None:
            result[i] = mean(values[: i + 1])
        else:
            result[i] = before * (1 - 2 / (period + 1)) + values[i] * 2 / (period + 1)
    return result


def rsi(closes: list[float], period: int) -> list[float]:
    result = [50.0] * len(closes)
    for i in range(1, len(closes)):
        gain, loss = max(closes[i] - closes[i - 1], 0.0), max(closes[i - 1] - closes[i], 0.0)
        if i == 1:
            gains, losses = gain, loss
        else:
            gains = gains * (1 - 1 / period) + gain / period
            losses = losses * (1 - 1 / period) + loss / period
        if gains + losses > 0:
            result[i] = 100 * gains / (gains + losses)
    return result


def atr(klines: list[Kline], period: int) -> list[float]:
    ranges, result = [], [0.0] * len(klines)
    for i, kline in enumerate(klines):
        true_range = kline.high - kline.low
        if i:
            close = klines[i - 1].close
            true_range = max(true_range, abs(kline.high - close), abs(kline.low - close))
        ranges.append(true_range)
        if i == period - 1:
            result[i] = mean(ranges)
        elif i >= period:
            result[i] = result[i - 1] * (1 - 1 / period) + true_range / period
    return result


def macd(klines: list[Kline]) -> dict[str, list[float]]:
    closes = [kline.close for kline in klines]
    fast, slow = ema(closes, 12), ema(closes, 26)
    valid = [a - b for a, b in zip(fast, slow, strict=True) if a is not None and b is not None]
    filler = [0.0] * (len(klines) - len(valid))
    signal = ema(valid, 9)
    return {
        "macd": filler + valid,
        "signal": filler + [0.0 if value is None else value for value in signal],
        "histogram": filler + [0.0 if b is None else a - b for a, b in zip(valid, signal, strict=True)],
    }


def boll(klines: list[Kline]) -> dict[str, list[float]]:
    result: dict[str, list[float]] = {"upper": [], "middle": [], "lower": []}
    for i in range(len(klines)):
        closes = [kline.close for kline in klines[max(0, i - 19) : i + 1]]
        middle = band = 0.0
        if len(closes) == 20:
            middle = mean(closes)
            band = 2 * math.sqrt(math.fsum((close - middle) ** 2 for close in closes) / 19)
        for key, value in (("upper", middle + band), ("middle", middle), ("lower", middle - band)):
            result[key].append(value)
    return result


def stoch(klines: list[Kline]) -> dict[str, list[float]]:
    raw = []
    for i in range(13, len(klines)):
        window = klines[i - 13 : i + 1]
        low, high = min(kline.low for kline in window), max(kline.high for kline in window)
        raw.append(100 * (klines[i].close - low) / (high - low) if high > low else 50.0)
    k = [mean(raw[i - 2 : i + 1]) for i in range(2, len(raw))]
    d = [mean(k[i - 2 : i + 1]) for i in range(2, len(k))]
    return {"k": [50.0] * (len(klines) - len(k)) + k, "d": [50.0] * (len(klines) - len(d)) + d}


def vwap(klines: list[Kline]) -> dict[str, list[float]]:
    result, day = [], None
    for kline in klines:
        if kline.timestamp // DAY_S != day:
            day, turnover, volume = kline.timestamp // DAY_S, 0.0, 0.0
        turnover += (kline.high + kline.low + kline.close) / 3 * kline.volume
        volume += kline.volume
        result.append(turnover / volume if volume else 0.0)
    return {"value": result}


def obv(klines: list[Kline]) -> dict[str, list[float]]:
    result = [0.0] * len(klines)
    for i in range(1, len(klines)):
        change = klines[i].close - klines[i - 1].close
        result[i] = result[i - 1] + (klines[i].volume if change > 0 else -klines[i].volume if change < 0 else 0.0)
    return {"value": result}


# Klines to try them on.

SEGMENTS = ("walk", "jumps", "flat", "silent", "ticks", "collapse", "rally", "gap")


def make_klines(segments: list[tuple[str, int]], seed: int, period_s: int, start_s: int) -> list[Kline]:
    """Join segments of (kind, length); collapse and rally go by 1e7, jumps lie between klines, ticks are of 0.1."""
    random, klines, timestamp, price = Random(seed), [], start_s // period_s * period_s, 30_000.0
    for kind, length in segments:
        if kind == "gap":
            timestamp += length * period_s
            continue
        for _ in range(length):
            factor = {"walk": math.exp(random.gauss(0, 0.002)), "collapse": 10 ** (-7 / length)}.get(kind, 1.0)
            factor = 10 ** (7 / length) if kind == "rally" else factor
            opened = price * math.exp(random.gauss(0, 0.01)) if kind == "jumps" else price
            price = opened * factor
            if kind == "ticks":
                price = max(round(price + random.choice((-0.1, 0.0, 0.1)), 1), 0.1)
            wick = 0.0 if kind in ("flat", "silent") else price * 0.001 * random.random()
            volume = 0.0 if kind == "silent" or random.random() < 0.1 else random.expovariate(0.1)
            high, low = max(opened, price) + wick, min(opened, price) - wick
            klines.append(Kline(timestamp, opened, high, low, price, volume))
            timestamp += period_s
    return klines


def kline_lists(*lengths: int, most: int = 6) -> st.SearchStrategy[list[Kline]]:
    segment = st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(lengths))
    return st.builds(
        make_klines,
        st.lists(segment, min_size=1, max_size=most),
        st.integers(0, 2**32),
        st.sampled_from((60, 300, 3_600, DAY_S)),
        st.integers(1_600_000_000, 1_600_000_000 + DAY_S),
    )


def to_columns(klines: list[Kline], period_ms: int = 60_000) -> KlineColumns:
    if not klines:
        return KlineColumns.empty(period_ms)
    timestamp, *rest = (np.array(column) for column in zip(*klines, strict=True))
    return KlineColumns(period_ms, timestamp * 1_000, *rest)


def tolerance(klines: list[Kline], name: str) -> float:
    """The absolute error that differences of large numbers bring with them: 1e-9 of the numbers subtracted."""
    if not klines:
        return 0.0
    if name == "OBV":
        return 1e-9 * sum(kline.volume for kline in klines)
    if name in ("MACD", "BOLL"):
        return 1e-9 * max(kline.close for kline in klines[-26:])
    return 0.0


def assert_same(actual: float, expected: float, absolute: float, where: object) -> None:
    assert type(actual) is float, where
    assert math.isclose(actual, expected, rel_tol=1e-9, abs_tol=absolute), (where, actual, expected)


WALK = make_klines(
    [("walk", 300), ("jumps", 400), ("silent", 30), ("walk", 20), ("gap", 2_000), ("ticks", 400)], 7, 60, 1_600_040_000
)


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


@settings(max_examples=80, deadline=None)
@given(kline_lists(1, 10, 50, 300, 500, most=5), st.randoms(use_true_random=False))
def test_a_forming_kline_is_the_last_of_its_window(klines, random):
    columns = to_columns(klines)
    stops = {0, 1, 2, 13, 14, 33, 34, 498, 499, 500, *(random.randrange(1_500) for _ in range(6))}
    for name in [*TABLE, *LONG_PERIODS]:
        history = IndicatorHistory(columns, parse_indicator(name))
        for stop in (stop for stop in stops if stop < len(klines)):
            forming = klines[stop]
            window = klines[max(0, stop - 499) : stop + 1]
            answer = history.at(stop, forming)
            for key, column in reference(window, name).items():
                assert_same(answer[key], column[-1], tolerance(window, name), (name, key, stop))


@pytest.mark.parametrize("name", [*TABLE, *OTHER_PERIODS, *LONG_PERIODS])
def test_the_future_changes_no_value(name):
    indicator, columns = parse_indicator(name), to_columns(WALK)
    whole = window_values(columns, indicator)
    for rows in (0, 1, 2, 30, 499, 500, 501, 800):
        for key, column in window_values(columns.slice(0, rows), indicator).items():
            assert column.tobytes() == whole[key][:rows].tobytes()


@pytest.mark.parametrize("name", [*TABLE, *LONG_PERIODS])
def test_a_history_answers_like_calculate_indicators(name):
    history = IndicatorHistory(to_columns(WALK), parse_indicator(name))
    for stop in (1, 20, 499, 500, 777, len(WALK) - 1):
        forming = WALK[stop]
        window = WALK[max(0, stop - 499) : stop + 1]
        for at, klines in ((history.at(stop, forming), window), (history.at(stop), WALK[max(0, stop - 500) : stop])):
            expected = calculate_indicators(klines, [name])[name]
            assert list(at) == list(expected)
            for key in at:
                assert at[key] == pytest.approx(expected[key], rel=1e-9), key
            if "series" in at:
                assert len(at["series"]) == min(len(klines), INDICATOR_WINDOW)
                assert at["series"][-1] == at["value"]


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


def test_vwap_is_defined_where_something_was_traded_that_day():
    klines = [
        Kline(DAY_S * 20_000 + 60 * i - 120, 1.0, 2.0, 1.0, 1.5, volume) for i, volume in enumerate((0, 3, 0, 0, 5))
    ]
    history = IndicatorHistory(to_columns(klines), parse_indicator("VWAP"))
    assert history.values["value"].tolist() == [0.0, 1.5, 0.0, 0.0, 1.5]
    assert history.defined["value"].tolist() == [False, True, False, False, True]
    next_day = Kline(DAY_S * 20_001, 9.0, 9.0, 9.0, 9.0, 0.0)
    assert history.at(5, next_day)["value"] == 0.0
    assert history.at(5, next_day._replace(volume=1.0))["value"] == 9.0


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


class Builds:
    """A series of 1, 2, 3 that counts how often it is made."""

    def __init__(self):
        self.count = 0
        self.answer = ValueWithSeries(3.0, self)

    def __call__(self):
        self.count += 1
        return [1.0, 2.0, 3.0]


def test_a_series_is_not_made_until_it_is_read():
    made = Builds()
    answer = made.answer
    assert answer["value"] == answer.get("value", 0) == 3.0
    assert answer
    assert len(answer) == 2
    assert "series" in answer
    assert "nope" not in answer
    assert answer.get("nope", 1) == 1
    with pytest.raises(KeyError, match="nope"):
        answer["nope"]
    assert made.count == 0
    assert answer["series"][-2] == 2.0
    assert answer.get("series") is answer["series"]
    assert made.count == 1


@pytest.mark.parametrize(
    "look",
    [
        dict,
        copy.copy,
        copy.deepcopy,
        lambda answer: answer.copy(),
        lambda answer: answer | {},
        lambda answer: {} | answer,
        lambda answer: {**answer},
        lambda answer: dict(answer.items()),
        lambda answer: {key: answer[key] for key in answer},
        lambda answer: dict(zip(answer.keys(), answer.values(), strict=True)),
        lambda answer: json.loads(json.dumps(answer)),
        lambda answer: json.loads(json.dumps([answer], indent=1))[0],
        lambda answer: pickle.loads(pickle.dumps(answer)),
        lambda answer: eval(repr(answer)),  # noqa: S307
        lambda answer: {"series": answer.setdefault("series"), "value": answer.pop("value")},
        lambda answer: dict([answer.popitem(), answer.popitem()]),
        lambda answer: {key: answer[key] for key in reversed(answer)},
    ],
)
def test_whatever_looks_at_all_of_it_sees_both_keys(look):
    made = Builds()
    assert look(made.answer) == {"value": 3.0, "series": [1.0, 2.0, 3.0]}
    assert made.count == 1


def test_answers_are_equal_to_what_they_hold():
    for left, right in (
        ({"value": 3.0, "series": [1.0, 2.0, 3.0]}, Builds().answer),
        (Builds().answer, Builds().answer),
    ):
        assert left == right
    assert Builds().answer != {"value": 3.0}


def test_an_answer_can_be_changed_like_a_dictionary():
    answer = Builds().answer
    answer["series"] = []
    assert answer == {"value": 3.0, "series": []}
    answer = Builds().answer
    del answer["series"]
    assert dict(answer) == {"value": 3.0}
    assert "series" not in answer
    answer = Builds().answer
    answer.clear()
    assert not answer
    assert answer == {}


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
    windows = {row: list(KlineWindow(columns, max(0, row - 499), row + 1)) for row in rows}
    for name in [*TABLE, "RSI200", "EMA400"]:
        values = window_values(columns, parse_indicator(name))
        for row, window in windows.items():
            for key, column in reference(window, name).items():
                assert_same(values[key].item(row), column[-1], tolerance(window, name), (name, key, row))
