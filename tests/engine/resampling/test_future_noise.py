"""A market of which only the past is the recorded one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from adapters import synthetic_flow_history, synthetic_klines
from engine import KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import aggregate
from engine.market.flow import LATEST_VALUES, FlowHistory
from engine.resampling import other_future

START, MINUTE, HOUR, DAY = 1_704_067_200_000, 60_000, 3_600_000, 86_400_000
CUTS = [START + DAY, START + DAY + 7 * MINUTE, START + DAY + 7 * MINUTE + 30_500, START + DAY - 1]


def recorded():
    klines = synthetic_klines("BTC", START, 2 * 1440, seed=4)
    holes = np.ones(len(klines), bool)
    holes[[5, 700, 1500, 1501, 2000]] = False
    base = klines.where(holes)
    flow = synthetic_flow_history("BTC", klines, 4)
    assert flow.trades is not None
    latest = {name: getattr(flow, name).rows for name in LATEST_VALUES if getattr(flow, name) is not None}
    rates = TimedValues(START + 8 * HOUR * np.arange(7) + np.array([0, 12, -5000, 12, 0, 900, 0]), np.full(7, 1e-4))
    whole = FlowHistory(flow.trades, flow.book, **{**latest, "funding_rate": rates})
    marks = KlineColumns(MINUTE, base.open_ms, *base.figures[:4], np.zeros(len(base)))
    mood = TimedValues(START + 17 * MINUTE * np.arange(150), np.sin(np.arange(150.0)))
    halves = KlineColumns(
        MINUTE // 2, np.sort(np.r_[base.open_ms, base.open_ms + MINUTE // 2]), *map(twice, base.figures)
    )
    return SymbolHistory("BTC", base, [aggregate(klines, HOUR)], whole, marks, {"mood": mood}, [halves])


def twice(column):
    return np.repeat(column, 2)


HISTORY = recorded()
MARKET = MarketHistory([HISTORY, SymbolHistory("ETH", synthetic_klines("ETH", START, 2 * 1440, seed=4))])


def other(cut, seed=1):
    return other_future(MARKET, cut, seed).symbols["BTC"]


def sets_of_klines(history):
    return {
        "base": history.base.columns,
        "hours": history.stored[0],
        "marks": history.mark_klines,
        "finer": history.finer[0],
    }


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", ["base", "hours", "marks", "finer"])
def test_klines_that_are_known_stay_and_all_others_are_noise_of_their_shape(cut, name):
    real, noise = sets_of_klines(HISTORY)[name], sets_of_klines(other(cut))[name]
    np.testing.assert_array_equal(noise.open_ms, real.open_ms)
    known = real.open_ms + real.period_ms <= cut
    for one, two in zip(noise.figures, real.figures, strict=True):
        np.testing.assert_array_equal(one[known], two[known])
    is_open = (real.open_ms <= cut) & ~known
    np.testing.assert_array_equal(noise.open[is_open], real.open[is_open])
    assert (noise.close[~known] != real.close[~known]).mean() > 0.95
    assert (noise.high >= np.maximum(noise.open, noise.close)).all()
    assert (noise.low <= np.minimum(noise.open, noise.close)).all()
    assert (noise.low > 0.0).all()
    assert ((noise.volume > 0.0) | (real.volume == 0.0)).all()
    np.testing.assert_allclose(10 * noise.close, np.round(10 * noise.close), rtol=0, atol=1e-6)
    first = int(np.argmin(known))
    assert abs(np.log(noise.close[first] / real.close[first - 1])) < 0.05


@pytest.mark.parametrize("cut", CUTS)
def test_rows_of_the_flow_that_are_known_stay_and_all_others_are_noise(cut):
    real, noise = HISTORY.flow, other(cut).flow
    tables = [(real.trades, noise.trades), (real.book, noise.book)]
    tables += [(getattr(real, name).rows, getattr(noise, name).rows) for name in ("mark_price", "open_interest")]
    for one, two in tables:
        np.testing.assert_array_equal(one.timestamp_ms, two.timestamp_ms)
        known = one.timestamp_ms <= cut
        for each in fields(one)[1:]:
            ours, theirs = getattr(one, each.name), getattr(two, each.name)
            np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
            np.testing.assert_array_equal(ours[known], theirs[known])
            assert (ours[~known] != theirs[~known]).mean() > 0.8, each.name
    trades = noise.trades
    there = ~np.isnan(trades.high)
    assert (trades.high[there] >= trades.low[there]).all()
    assert (trades.buy_volume >= 0.0).all()


def test_prices_of_one_symbol_take_one_walk():
    noise = other(CUTS[0])
    base, marks = noise.base.columns, noise.flow.mark_price.rows
    place = base.open_ms.searchsorted(marks.timestamp_ms[-500:] - MINUTE)
    near = base.close[np.minimum(place, len(base) - 1)]
    assert np.abs(np.log(marks.value[-500:] / near)).max() < 0.05


def test_a_rate_is_known_when_it_is_settled_also_where_it_is_stamped_later():
    """Stamps lie 12 ms after 08:00, 5 s before 16:00 and 12 ms after midnight."""
    real = HISTORY.flow.funding_rate.rows

    def changed(cut):
        return np.flatnonzero(other(cut).flow.funding_rate.rows.value != real.value).tolist()

    assert changed(START + 8 * HOUR - 1)[0] == 1
    assert changed(START + 8 * HOUR)[0] == 2
    assert changed(START + 16 * HOUR - 5001)[0] == 2
    assert changed(START + 16 * HOUR - 5000)[0] == 3
    assert changed(START + 24 * HOUR)[0] == 4


def test_features_change_after_the_cut_alone_and_those_of_functions_are_made_anew():
    seen = []

    def double(market):
        seen.append(market)
        c = market.symbols["BTC"].base.columns
        return {"time": c.open_ms + MINUTE, "value": 2.0 * c.close}

    market = MarketHistory([HISTORY], features={"double": double})
    changed = other_future(market, CUTS[2], 3)
    assert changed.feature_functions == {"double": double}
    assert seen == [market, changed]
    history = changed.symbols["BTC"]
    np.testing.assert_array_equal(history.feature("double").rows.value, 2.0 * history.base.columns.close)
    mood, real = (each.feature("mood").rows for each in (history, HISTORY))
    known = real.timestamp_ms <= CUTS[2]
    np.testing.assert_array_equal(mood.value[known], real.value[known])
    assert (mood.value[~known] != real.value[~known]).all()


def test_the_seed_decides_and_the_given_market_stays_as_it_is():
    before = HISTORY.base.columns.close.copy()
    one, same, another = (other(CUTS[1], seed).base.columns.close for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, same)
    assert (one != another).any()
    np.testing.assert_array_equal(HISTORY.base.columns.close, before)
    eth = other_future(MARKET, CUTS[1], 5).symbols["ETH"].base.columns.close
    assert np.corrcoef(np.diff(np.log(eth[1500:])), np.diff(np.log(one[-len(eth[1500:]) :])))[0, 1] < 0.2


def test_after_the_end_nothing_is_left_to_change():
    history = other(START + 3 * DAY)
    for name, columns in sets_of_klines(history).items():
        np.testing.assert_array_equal(columns.close, sets_of_klines(HISTORY)[name].close)


def test_what_was_done_is_a_remark():
    assert other_future(MARKET, START + DAY, 1).remarks == (
        "no recorded market: what becomes known after 2024-01-02 00:00:00 UTC is noise",
    )
