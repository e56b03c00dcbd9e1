"""Forming klines against a slow version of the contract's rule."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import PERIOD_MS, DataError, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import RegimeConfig, disagreeing
from tests.oracles.signal_oracle import SlowMarket
from tests.support import runs
from tests.support.runs import HOUR, klines, run_script
from tests.support.signal_markets import START, history_of, random_market

seeds = st.integers(0, 2**32)


def slow_forming(market: SlowMarket, period: int, now: int) -> tuple[float, float, float, float, float] | None:
    """open, high, low, close, volume of the kline that contains now (contract section 2)."""
    opened = now // period * period
    if opened == now:
        return None
    minutes = [row for row in market.minutes if row[0] >= opened and row[0] + 60_000 <= now]
    known = minutes[-1][0] + 60_000 if minutes else opened
    volume = sum(row[5] for row in minutes) + sum(
        (row[1] + row[2]) / 100 for row in market.trades if known < row[0] <= now
    )
    marks = [row[1] for row in market.mark if opened <= row[0] <= now and row[1] is not None]
    if marks:
        return marks[0], max(marks), min(marks), marks[-1], volume
    if not minutes:
        return None
    return minutes[0][1], max(r[2] for r in minutes), min(r[3] for r in minutes), minutes[-1][4], volume


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_forming_klines_have_the_volume_so_far(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    history = history_of(market)
    for _ in range(25):
        now = START + rng.randrange(-900_000, 9_000_000) // rng.choice([1, 15_000]) * rng.choice([1, 15_000])
        for period in ("1m", "5m", "1h"):
            ours, theirs = history.forming(PERIOD_MS[period], now), slow_forming(market, PERIOD_MS[period], now)
            assert (ours is None) == (theirs is None), (period, now)
            if ours is not None and theirs is not None:
                assert ours.whole.timestamp == now // PERIOD_MS[period] * PERIOD_MS[period] // 1000
                assert tuple(ours.whole[1:]) == pytest.approx(theirs, rel=1e-9)
                assert ours.close == ours.whole.close


def hourly(*rows: tuple[float, ...]) -> KlineColumns:
    return klines(*rows, period_ms=HOUR)


def test_longer_klines_come_from_their_minutes_where_all_are_there_else_as_they_are_stored() -> None:
    minutes = klines(*[(100.0, 101.0, 99.0, 100.0, 1.0)] * 120, None, *[(100.0, 101.0, 99.0, 100.0, 1.0)] * 60)
    stored = hourly(
        (100.0, 101.0, 99.0, 100.0, 7.0), (100.0, 101.0, 99.0, 100.0, 60.0), (100.0, 105.0, 99.0, 100.0, 9.0)
    )
    history = SymbolHistory("X", minutes, [stored])
    series = history.series("1h")
    assert series is not None
    assert series.columns.volume.tolist() == [60.0, 60.0, 9.0, 1.0]
    assert series.columns.high.tolist() == [101.0, 101.0, 105.0, 101.0]


def test_stored_klines_that_are_not_what_their_minutes_say_are_a_warning() -> None:
    minutes = klines(*[(100.0, 101.0, 99.0, 100.0, 1.0)] * 180)
    right, half = (100.0, 101.0, 99.0, 100.0, 60.5), (100.0, 101.0, 99.0, 100.0, 31.0)
    lower = (100.0, 101.0, 98.99, 100.0, 60.0)
    assert disagreeing(hourly(right, half, lower), minutes).tolist() == minutes.open_ms[[60, 120]].tolist()
    market = MarketHistory([SymbolHistory("X", minutes, [hourly(right, half)])])
    _, _, result = run_script(market, {}, 170)
    assert (
        "X: 1 stored 1h klines are not what their 1m klines say, the first at 2024-01-01 01:00:00 UTC; the latter count"
    ) in result.warnings


def test_a_history_keeps_the_klines_of_the_mark_price_when_it_is_copied() -> None:
    marks = klines((100.0, 110.0, 90.0, 105.0, 0.0))
    with_marks = pickle.loads(pickle.dumps(SymbolHistory("X", klines(100.0), mark_klines=marks)))
    assert (with_marks.mark_klines.high.tolist(), with_marks.mark_klines.low.tolist()) == ([110.0], [90.0])
    assert pickle.loads(pickle.dumps(SymbolHistory("X", klines(100.0)))).mark_klines is None


RUNS_FROM = runs.START


def test_a_market_until_an_instant_knows_what_was_known_then_and_no_value_later() -> None:
    minutes = klines(*[(100.0 + n, 101.0 + n, 99.0 + n, 100.5 + n, 1.0) for n in range(180)])
    stored = hourly(*[(100.0, 400.0, 50.0, 100.0, 7.0)] * 3)
    values = TimedValues(RUNS_FROM + HOUR * np.arange(4), np.arange(4.0))
    flow = FlowHistory(
        mark_price=values, funding_rate=TimedValues(RUNS_FROM + HOUR * np.arange(1, 4) + 60_000, np.ones(3))
    )
    history = SymbolHistory(
        "X", minutes, [stored], flow, minutes, {"mood": values, "late": TimedValues([RUNS_FROM + 9 * HOUR], [1.0])}
    )
    market = MarketHistory([history], RegimeConfig(trap_oi_z=-1.0), remarks=["a remark"])
    cut = market.until(RUNS_FROM + HOUR)
    known = cut.symbols["X"]
    assert known.base.columns.open_ms.tolist() == minutes.open_ms[:61].tolist()
    assert known.mark_klines is not None
    assert len(known.mark_klines) == 61
    assert [known.series(period).columns.open_ms[-1] for period in ("1m", "1h")] == [RUNS_FROM + HOUR] * 2
    assert known.feature_names == ("late", "mood")
    assert known.feature("mood").rows.value.tolist() == [0.0, 1.0]
    assert len(known.feature("late").rows) == 0
    assert known.flow.mark_price.rows.value.tolist() == [0.0, 1.0]
    assert len(known.flow.funding_rate.rows) == 1  # of the settlement at the end, which is stamped after it
    assert (cut.regime, cut.remarks) == (market.regime, market.remarks)
    assert np.shares_memory(known.base.columns.close, minutes.close)
    assert market.until(RUNS_FROM - HOUR).symbols["X"].mark_klines is None


def twice(market: MarketHistory) -> dict[str, Any]:
    """The double of each close, known when its kline is over."""
    columns = market.symbols["X"].base.columns
    return {"time": columns.open_ms + 60_000, "value": 2.0 * columns.close}


def test_a_feature_may_be_a_function_of_the_market_and_is_worked_out_anew_on_another() -> None:
    minutes = klines(*[100.0 + n for n in range(90)])
    table = {"time": RUNS_FROM + HOUR * np.arange(2), "value": np.arange(2.0)}
    market = MarketHistory([SymbolHistory("X", minutes)], features={"twice": twice, "table": table})
    assert market.symbols["X"].feature_names == ("table", "twice")
    assert market.given["X"].feature_names == ("table",)
    assert market.feature_functions == {"twice": twice}
    assert market.symbols["X"].feature("twice").rows.value[-1] == 378.0
    for other, last in ((market.until(RUNS_FROM + HOUR), 320.0), (pickle.loads(pickle.dumps(market)), 378.0)):
        assert other.feature_functions == {"twice": twice}
        assert other.symbols["X"].feature("twice").rows.value[-1] == last
        assert other.symbols["X"].feature_names == ("table", "twice")
    plain = MarketHistory([SymbolHistory("X", minutes)], features={"table": table})
    assert plain.given is plain.symbols


def test_what_a_function_gives_is_checked_as_a_table_is() -> None:
    with pytest.raises(DataError, match="feature odd: there is no column 'time'"):
        MarketHistory([SymbolHistory("X", klines(100.0))], features={"odd": lambda market: {"value": [1.0]}})
