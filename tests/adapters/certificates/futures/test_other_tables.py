"""Tables that somebody holds of a market, with another future."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adapters.certificates.futures.other_tables import OtherTables, table_times
from engine import KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import aggregate
from engine.resampling import other_future
from tests.support.planted_leaks import DAY, HOUR, START, frame_of, market

MARKET = market()
CUT = START + 3 * DAY + 1234
CHANGED = other_future(MARKET, CUT, 7)
BASE, NOISE = (each.symbols["BTC"].base.columns for each in (MARKET, CHANGED))
FIRST = int(BASE.open_ms.searchsorted(CUT - 60_000, side="right"))


def tables():
    return OtherTables(MARKET, CHANGED, CUT, 7)


def test_a_market_and_its_parts_are_those_of_the_changed_one():
    of = tables().of
    assert of("it", MARKET) is CHANGED
    assert of("it", MARKET.symbols["ETH"]) is CHANGED.symbols["ETH"]
    np.testing.assert_array_equal(of("it", BASE).close, NOISE.close)
    np.testing.assert_array_equal(of("it", MARKET.symbols["BTC"].base).columns.high, NOISE.high)


def test_another_market_gets_noise_of_its_own():
    apart = MarketHistory([SymbolHistory("X", BASE)])
    other = tables().of("it", apart).symbols["X"].base.columns
    np.testing.assert_array_equal(other.close[:FIRST], BASE.close[:FIRST])
    assert (other.close[FIRST:] != BASE.close[FIRST:]).mean() > 0.99
    hours = aggregate(BASE, HOUR)
    changed = tables().of("it", hours)
    assert isinstance(changed, KlineColumns)
    assert changed.close[10] == hours.close[10]
    assert changed.close[-1] != hours.close[-1]


def test_columns_of_the_market_follow_it_in_frames_arrays_and_lists():
    made = tables()
    frame = frame_of(MARKET)
    other = made.of("frame", frame)
    np.testing.assert_array_equal(other["close"], NOISE.close)
    np.testing.assert_array_equal(other["volume"], NOISE.volume)
    np.testing.assert_array_equal(frame["close"], BASE.close)
    part = frame["close"].iloc[1000:6000]
    np.testing.assert_array_equal(made.of("series", part), NOISE.close[1000:6000])
    np.testing.assert_array_equal(made.of("array", BASE.low.copy()), NOISE.low)
    both = made.of("both", np.column_stack((BASE.open, BASE.close)))
    np.testing.assert_array_equal(both, np.column_stack((NOISE.open, NOISE.close)))
    assert made.of("list", BASE.close.tolist()) == NOISE.close.tolist()
    wide = pd.DataFrame({name: MARKET.symbols[name].base.columns.close for name in ("BTC", "ETH")}, frame.index)
    changed = made.of("wide", wide)
    np.testing.assert_array_equal(changed["ETH"], CHANGED.symbols["ETH"].base.columns.close)
    assert made.only_cut == []


def test_values_of_ones_own_change_after_the_cut_alone_and_are_named():
    made = tables()
    frame = frame_of(MARKET).assign(mean=lambda f: f["close"].rolling(9, min_periods=1).mean(), number=3)
    other = made.of("table", frame)
    assert made.only_cut == ["column mean of table"]
    after = int(BASE.open_ms.searchsorted(CUT, side="right"))
    np.testing.assert_array_equal(other["mean"][:after], frame["mean"][:after])
    assert (other["mean"][after:] != frame["mean"][after:]).mean() > 0.9
    np.testing.assert_array_equal(other["number"], frame["number"])
    times = START + HOUR * np.arange(200)
    rows = made.of("rows", TimedValues(times, np.arange(200.0)))
    known = int((times <= CUT).sum())
    np.testing.assert_array_equal(rows.value[:known], np.arange(float(known)))
    assert (rows.value[known:] != np.arange(200.0)[known:]).any()
    assert made.only_cut[1:] == ["rows"]


def test_what_is_no_table_of_the_market_stays_itself():
    made = tables()
    for each in (BASE.open_ms, np.ones(7), [1.0, 2.0], ["a"], "text", 1.5, {"a": 1}, None, object()):
        assert made.of("it", each) is each
    text = pd.DataFrame({"name": ["a", "b"]})
    assert made.of("it", text).equals(text)
    assert made.only_cut == []


def test_times_of_frames_are_found_also_without_a_zone():
    frame = frame_of(MARKET)
    np.testing.assert_array_equal(table_times(frame), BASE.open_ms)
    np.testing.assert_array_equal(table_times(frame.set_axis(frame.index.tz_localize(None))), BASE.open_ms)
    np.testing.assert_array_equal(table_times(frame["close"]), BASE.open_ms)
    assert table_times(pd.DataFrame({"a": [1.0, 2.0]})) is None
