"""Results and markets in other processes: they answer the same there, and a kept result holds no market."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from engine import (
    Decision,
    FlowHistory,
    IndicatorCondition,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    TimedValues,
    TriggerEvent,
)
from processes import PoolSource, ProgramBacktestEngine
from tests.support.runs import MINUTE, START, buy, close, config, klines, market, run, run_script, walk


def started(seed):
    """A run in another process; the result comes back pickled."""
    return run(marked_market(seed), Random, 1_200, **FIELDS)


FIELDS = {"scheduled_interval": 30, "fee_rate": 0.05, "mark_stale_ms": 45_000}


def marked_market(seed):
    random = np.random.default_rng(seed)
    times = START + np.unique(random.integers(0, 1_200, 700)) * MINUTE + 30_000
    flow = FlowHistory(mark_price=TimedValues(times, 100.0 + random.random(len(times))))
    return MarketHistory(
        [SymbolHistory("X", walk(1_200, seed, holes=0.1), flow=flow), SymbolHistory("Y", walk(1_200, seed + 1))]
    )


class Random:
    """In and out of two symbols at half minutes, with brackets and a log."""

    def init(self, params):
        self.random = np.random.default_rng(3)

    def should_trade(self, data):
        symbol = "XY"[int(self.random.integers(2))]
        if self.random.random() < 0.8:
            return None
        print(symbol) if self.random.random() < 0.1 else None
        if symbol in data.positions:
            return close(symbol)
        price = data.get_price(symbol)
        return buy(symbol, 0.2, 3, take_profit_price=price * 1.01, stop_loss_price=price * 0.99)


def answers(result):
    """Everything that a result says."""
    frames = "trades_frame fills_frame triggers_frame equity_frame monthly_returns records_frame".split()
    return (
        json.dumps(result.to_dict(timing=False, all_triggers=True)),
        result.to_json(timing=False, all_triggers=True),
        result.equity.equity.tobytes(),
        [getattr(result, name).to_csv() for name in frames],
        result.by("side").to_csv(),
        result.daily_returns.to_csv(),
        repr(result),
    )


def test_a_result_of_another_process_answers_everything_the_same():
    here = started(5)
    assert here.total_trades > 50
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        there = pool.submit(started, 5).result(timeout=120)
    assert answers(there) == answers(here)
    assert answers(pickle.loads(pickle.dumps(there))) == answers(here)
    assert answers(copy.deepcopy(here)) == answers(here)
    with pytest.raises(ValueError, match="read-only"):
        there.equity.equity[0] = 1.0


@pytest.mark.parametrize("looked_at", [False, True])
def test_a_kept_result_holds_no_market(looked_at):
    history = marked_market(6)
    pool = SignalPool(1, "dips", (SignalDefinition(1, "dip", IndicatorCondition("indicator:RSI14", "<", 45.0, "5m")),))
    settings = config(Random, 1_200, ("X", "Y"), **FIELDS)
    result = ProgramBacktestEngine(history, [PoolSource(pool)]).run(settings)
    assert result.signal_triggers > 10
    if looked_at:
        expected = answers(result)
    there = [weakref.ref(each) for each in (history, *history.symbols.values())]
    del history
    gc.collect()
    assert [each() for each in there] == [None] * 3
    kept = answers(result)
    if looked_at:
        assert kept == expected
    assert answers(pickle.loads(pickle.dumps(result))) == kept


def test_answers_to_queries_come_along():
    history = marked_market(7)

    class Asks(Random):
        def should_trade(self, data):
            data.get_klines("X", "5m", 3)
            data.get_indicator("Y", "RSI14", "5m")
            return super().should_trade(data)

    result = ProgramBacktestEngine(history).run(config(Asks, 600, ("X", "Y"), **FIELDS), record_queries=True)
    expected = answers(result)
    there = pickle.dumps(result)
    reference = weakref.ref(history)
    del history, result
    gc.collect()
    assert reference() is None
    assert answers(pickle.loads(there)) == expected
    assert '"query": "get_klines"' in expected[0]


def test_what_is_pickled_grows_with_the_minutes_in_positions_only():
    def pickled(minutes):
        decisions = {1: buy(), minutes: close()}
        _, _, result = run_script(market(X=walk(30_000, 8)), decisions, 29_000, scheduled_interval=60)
        result.equity.equity.sum()  # what is made when it is read stays here
        return len(pickle.dumps(result))

    few, many = pickled(100), pickled(20_100)
    assert many - few < 8.1 * 20_000


class Odd:
    """Says things of kinds that cannot be pickled."""

    def should_trade(self, data):
        reason = lambda: None  # noqa: E731
        return buy(reason=reason) if not data.positions else Decision("hold", "X", reason)


def test_what_cannot_be_pickled_is_kept_as_it_is_shown():
    class Own:
        def triggers(self, market, symbols, start_ms, end_ms):
            facts = ({"signal_name": "own", "value": object(), "call": lambda: 1},)
            return [TriggerEvent(START + 90_000, "signal", "X", triggered_signals=facts)]

    history = market(X=klines(*[100.0] * 6))
    result = ProgramBacktestEngine(history, [Own()]).run(config(Odd, 4))
    assert answers(pickle.loads(pickle.dumps(result))) == answers(result)
    assert answers(copy.deepcopy(result)) == answers(result)


def test_a_market_goes_to_another_process_with_all_that_was_recorded():
    history = marked_market(9)
    run(history, Random, 1_200, **FIELDS)  # with what was worked out for a run
    for copied in (pickle.loads(pickle.dumps(history)), copy.deepcopy(history)):
        again = run(copied, Random, 1_200, **FIELDS)
        assert again.to_json(timing=False) == run(history, Random, 1_200, **FIELDS).to_json(timing=False)
        columns = copied.symbols["X"].base.columns
        for column in (columns.open_ms, *columns.figures, copied.symbols["X"].flow.mark_price.rows.value):
            assert not column.flags.writeable
