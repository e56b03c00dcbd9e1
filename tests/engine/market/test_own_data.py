"""Data of one's own becomes series by symbol and name, from whatever has titled columns."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from engine import DataError, HistoricalDataProvider, MarketHistory, SymbolHistory, TimedValues
from engine.market import ALL_SYMBOLS, feature_tables
from tests.support.runs import MINUTE, START, klines

TIMES = np.array([START, START + 1_500, START + MINUTE])
TEN = klines(*[10.0] * 10)


def rows(found):
    return {
        (symbol, name): [*zip((each.timestamp_ms - START).tolist(), each.value.tolist(), strict=True)]
        for symbol, of_it in found.items()
        for name, each in of_it.items()
    }


WHOLE = [(0, 1.0), (1_500, 2.0), (MINUTE, 3.0)]


def moments(zone=UTC):
    return [datetime.fromtimestamp(each / 1_000, zone) for each in TIMES.tolist()]


@pytest.mark.parametrize(
    "time",
    [
        TIMES,
        TIMES.tolist(),
        TIMES.astype("datetime64[ms]"),
        moments(),
        [each.isoformat() for each in moments()],
        pd.Series(moments()),
        pd.Series(TIMES.astype("datetime64[ms]")).astype("datetime64[ns]"),
        pd.Series(moments()).dt.tz_convert("Asia/Kathmandu"),
    ],
    ids=["int64", "ints", "datetime64", "datetimes", "texts", "aware series", "naive series", "another zone"],
)
def test_times_of_every_kind_are_the_same_instants(time):
    table = {"time": time, "mood": [1, 2, 3]}
    assert rows(feature_tables({"mood": table})) == {(ALL_SYMBOLS, "mood"): WHOLE}
    assert rows(feature_tables({"mood": pd.DataFrame(table)})) == {(ALL_SYMBOLS, "mood"): WHOLE}


def test_a_fraction_of_a_millisecond_is_known_at_the_end_of_it():
    times = np.array([START * 1_000, START * 1_000 + 1, START * 1_000 + 2_000], "datetime64[us]")
    found = feature_tables({"mood": {"time": times, "mood": [1, 2, 3]}})
    assert rows(found) == {(ALL_SYMBOLS, "mood"): [(0, 1.0), (1, 2.0), (2, 3.0)]}


def test_of_several_columns_each_is_a_feature_with_its_title():
    found = feature_tables({"mood": pd.DataFrame({"time": TIMES, "up": [1, 2, 3], "down": [4, 5, 6]})})
    assert [*found[ALL_SYMBOLS]] == ["mood.up", "mood.down"]
    assert found[ALL_SYMBOLS]["mood.down"].value.tolist() == [4.0, 5.0, 6.0]


def test_a_column_of_symbols_gives_each_its_own_rows():
    table = {"time": [START, START, START + 1], "symbol": ["BTC", "ETH", "BTC"], "x": [1, 2, 3]}
    assert rows(feature_tables({"mood": table})) == {("BTC", "mood"): [(0, 1.0), (1, 3.0)], ("ETH", "mood"): [(0, 2.0)]}


def test_a_symbol_keeps_what_it_has_before_what_is_for_all():
    own = SymbolHistory("X", TEN, features={"mood": TimedValues([START], [7.0])})
    table = {"time": [START], "symbol": ["Y"], "v": [8.0]}
    market = MarketHistory(
        [own, SymbolHistory("Y", TEN), SymbolHistory("Z", TEN)],
        features={"mood": TimedValues([START], [1.0]), "other": table},
    )
    provider = HistoricalDataProvider(market)
    provider.set_current_time(START)
    assert [provider.get_feature("mood", symbol)["value"] for symbol in "XYZ"] == [7.0, 1.0, 1.0]
    assert [provider.get_feature("other", symbol).get("value") for symbol in "XYZ"] == [None, 8.0, None]
    assert own.feature_names == ("mood",)
    assert market.symbols["Y"].feature_names == ("mood", "other")


GOOD = {"time": TIMES, "x": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            {**GOOD, "x": [1.0, float("nan"), float("inf")]},
            "2 values are missing or not finite, the first at 2024-01-01",
        ),
        ({**GOOD, "x": [1.0, None, 2.0]}, "1 values are missing or not finite"),
        ({**GOOD, "x": ["1", "two", "3"]}, "holds what is no number"),
        ({**GOOD, "x": [1.0]}, "there are 3 times and 1 values"),
        ({**GOOD, "symbol": ["BTC"]}, "there are 3 times and 1 symbols"),
        ({**GOOD, "time": TIMES[::-1]}, "does not come after"),
        ({**GOOD, "time": TIMES[[0, 0, 1]]}, "does not come after"),
        ({**GOOD, "time": TIMES // 1_000}, "as epoch seconds it is 2024-01-01"),
        ({**GOOD, "time": [datetime(2024, 1, 1) + timedelta(hours=each) for each in range(3)]}, "has no time zone"),
        ({"when": TIMES, "x": [1, 2, 3]}, "no column 'time' that says when a value is known (there: when, x)"),
        ({"time": TIMES}, "there is no column of values"),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_refused_by_name(table, says):
    with pytest.raises(DataError) as raised:
        feature_tables({"mood": table})
    assert str(raised.value).startswith("feature mood")
    assert says in str(raised.value)


def test_a_symbols_own_features_are_checked_alike():
    with pytest.raises(DataError, match="feature mood: 1 values are missing or not finite"):
        SymbolHistory("X", TEN, features={"mood": TimedValues([START], [float("nan")])})
    with pytest.raises(DataError, match="is no name of a feature"):
        SymbolHistory("X", TEN, features={" ": TimedValues([START], [1.0])})


@pytest.mark.parametrize("name", ["", " mood", "mo\nod", "x" * 81, 5])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(DataError, match="is no name of a feature"):
        feature_tables({name: TimedValues([START], [1.0])})
