"""A market with another future, in memory and through a database: the same past, and what is held follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters import synthetic_flow_history, synthetic_klines
from adapters.certificates.futures.cut_market import HeldFuture, OtherFuture, StoredFuture
from adapters.trials import Ground, Job, Trial, TrialRunner
from engine import BacktestConfig, DataError, MarketHistory, SymbolHistory, TimedValues
from engine.market import aggregate
from engine.market.flow import FlowHistory
from tests.support.planted_leaks import DAY, HOUR, MINUTE, START, frame_of
from tests.support.runs import klines

CUT = START + DAY + 5 * HOUR + 30_500


class Looks:
    """Trades by flow and a feature."""

    def should_trade(self, data):
        from engine import Decision

        flow, mood = data.get_flow("BTC", "CVD", "1h"), data.get_feature("mood", "BTC")
        is_up = bool(flow) and bool(mood) and flow["current"] > 0.0
        if "BTC" in data.positions:
            return None if is_up else Decision("close", "BTC")
        return Decision("buy", "BTC", target_portion_of_balance=0.4, leverage=2) if is_up else None


@pytest.fixture(scope="module")
def whole():
    """Klines, longer ones, marks, flow, funding and features."""
    base = synthetic_klines("BTC", START - DAY, 4 * 1440, seed=3)
    flow = synthetic_flow_history("BTC", base, 3)
    rates = TimedValues(START + 8 * HOUR * np.arange(9) + 12, 1e-4 * np.cos(np.arange(9.0)))
    series = {name: getattr(flow, name) for name in ("mark_price", "open_interest", "oracle_price")}
    latest = {name: each.rows for name, each in series.items() if each is not None}
    both = FlowHistory(flow.trades, flow.book, **latest, funding_rate=rates)
    mood = TimedValues(START + 45 * MINUTE * np.arange(90), np.sin(np.arange(90.0)))
    marks = replace(base, volume=np.zeros(len(base)))
    history = SymbolHistory("BTC", base, [aggregate(base, HOUR)], both, marks, {"mood": mood})
    return MarketHistory([history])


CONFIG = BacktestConfig(
    strategy=Looks, symbols=["BTC"], start_time=START, end_time=START + 2 * DAY, scheduled_interval="5m",
    trigger_price="mark", exchange="Binance",
)  # fmt: skip


def test_through_a_database_the_run_is_the_same_to_the_cut(whole):
    future = OtherFuture(CUT, 11)
    with TrialRunner(Job(CONFIG, {"": Ground(whole)})) as runner:
        (real,) = runner([Trial(0, stop_ms=CUT)])
        (memory,) = runner([Trial(1, change=future, stop_ms=CUT)])
        (stored,) = runner([Trial(2, change=StoredFuture(future, CONFIG), stop_ms=CUT)])
    assert (real.error, memory.error, stored.error) == (None, None, None)
    assert real.journal.count(b"\n") > 60
    assert b'"message":"funding' in real.journal
    assert real.journal == memory.journal == stored.journal


def test_what_comes_back_from_the_database_is_the_changed_market(whole):
    future = OtherFuture(CUT, 11)
    memory, stored = future.applied(whole).symbols["BTC"], StoredFuture(future, CONFIG).applied(whole).symbols["BTC"]
    until = CUT + DAY // 2
    for name in ("open", "high", "low", "close", "volume"):
        ours, theirs = (each.base.columns.until(until) for each in (memory, stored))
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for table in ("trades", "book", "mark_price", "funding_rate"):
        one, other = memory.flow.times(table), stored.flow.times(table)
        np.testing.assert_array_equal(one[one <= until], other[other <= until])
    np.testing.assert_array_equal(memory.flow.trades.until(until).vwap, stored.flow.trades.until(until).vwap)
    ours, theirs = (each.feature("mood").rows.until(until) for each in (memory, stored))
    np.testing.assert_array_equal(ours.value, theirs.value)
    assert stored.mark_klines is not None
    changed, real = memory.feature("mood").rows.value, whole.symbols["BTC"].feature("mood").rows.value
    assert (changed != real).any()


def test_strict_data_stay_whole_in_the_database(whole):
    strict, holes = replace(CONFIG, strict_data=True), OtherFuture(START + HOUR, 11)
    whole_again = StoredFuture(holes, strict).applied(whole).symbols["BTC"].base.columns
    part = StoredFuture(holes, replace(CONFIG, end_time=START + 3 * DAY)).applied(whole).symbols["BTC"].base.columns
    assert (np.diff(whole_again.open_ms) == MINUTE).all()
    assert (np.diff(part.open_ms) > MINUTE).sum() == 1
    assert part.open_ms[-1] == START + 3 * DAY - MINUTE


def test_what_no_database_can_hold_is_refused():
    odd = MarketHistory([SymbolHistory("X", klines(*[100.0] * 30, start_ms=START + 5))])
    config = BacktestConfig(
        strategy=Looks, symbols=["X"], start_time=START + 5, end_time=START + 20 * MINUTE, scheduled_interval="5m"
    )
    with pytest.raises(DataError, match="whole seconds"):
        StoredFuture(OtherFuture(START + 10 * MINUTE, 1), config).applied(odd)


def test_tables_that_are_held_have_the_other_future_while_a_run_lasts(whole):
    frame = frame_of(whole)

    class Holder:
        def __init__(self):
            self.frame, self.market = frame, whole

    holder, changed = Holder(), OtherFuture(CUT, 11).applied(whole)
    with HeldFuture(CUT, 11).entered([holder], whole, changed):
        assert holder.market is changed
        np.testing.assert_array_equal(holder.frame["close"], changed.symbols["BTC"].base.columns.close)
    assert holder.frame is frame
    assert holder.market is whole
    with pytest.raises(KeyError), HeldFuture(CUT, 11).entered([holder], whole, changed):
        raise KeyError
    assert holder.frame is frame


def test_functions_of_features_are_called_with_tables_of_the_other_future(whole):
    frame = frame_of(whole)

    def later(market):
        close = frame["close"].shift(-60).dropna()
        return {"time": market.symbols["BTC"].base.columns.open_ms[: len(close)], "value": close.to_numpy()}

    market = MarketHistory(whole.symbols, features={"later": later})
    first, both = (CUT - (START - DAY)) // MINUTE, (market, OtherFuture(CUT, 2).applied(market))
    real, changed = (each.symbols["BTC"].feature("later").rows.value for each in both)
    same = real == changed
    assert same[: first - 62].all()
    assert same[first - 58 :].mean() < 0.1
