"""Signals as triggers: their order and edges, and what a run says about its pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import (
    BacktestConfig,
    BacktestResult,
    ConfigurationError,
    IndicatorCondition,
    MarketHistory,
    SimulationError,
    SymbolHistory,
    TriggerEvent,
    calculate_indicators,
)
from engine.market import aggregate
from engine.market.indicators import parse_indicator
from processes import IndicatorSignal, PoolSource, ProgramBacktestEngine, TriggerTimes
from tests.support.klines import START_MS, random_klines
from tests.support.runs import MINUTE, START, Hold, config, klines, market, run_script, walk
from tests.support.signal_markets import START as FLOW_START
from tests.support.signal_markets import history_of, pool_of, random_market
from tests.support.triggers import FLAT, times, triggers, when

CVD = {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"}


class Quiet:
    def should_trade(self, data: Any) -> None:
        return None


def run_pools(market: MarketHistory, pools: list[Any], start: int, **more: Any) -> BacktestResult:
    config = BacktestConfig(
        strategy=Quiet, symbols=["BTC"], start_time=start, end_time=start + 3_600_000, scheduled_interval="5m", **more
    )
    return ProgramBacktestEngine(market, [PoolSource(pool) for pool in pools]).run(config)


def test_a_pool_that_has_no_data_says_so() -> None:
    market = MarketHistory.from_klines({"BTC": random_klines(120)})
    result = run_pools(market, [pool_of([CVD])], START_MS)
    assert (
        "signal pool 7 ('pool'): undefined for BTC at 100 % of the times it was judged, for want of data"
        in result.warnings
    )


MOVES = {"metric": "price_change", "operator": "abs_gt", "threshold": 0.1, "time_window": "5m"}
FALLS = {"metric": "indicator:RSI14", "operator": "<", "threshold": 45.0, "time_window": "1m"}
LACK = (
    "price_change needs 15-second rows with high and low prices (klines are not enough), and there are none in the "
    "range"
)


def test_a_signal_without_data_is_left_out_of_an_or_pool_with_a_warning_that_names_it() -> None:
    market = MarketHistory.from_klines({"BTC": random_klines(120)})
    result = run_pools(market, [pool_of([FALLS, MOVES])], START_MS)
    alone = run_pools(market, [pool_of([FALLS])], START_MS)
    assert result.signal_triggers == alone.signal_triggers > 2
    assert f"signal pool 7 ('pool'): signal 'signal 1' is left out for BTC: {LACK}" in result.warnings
    assert not any("left out" in text for text in alone.warnings)


def test_a_signal_without_data_in_an_and_pool_is_an_error_that_names_it() -> None:
    market = MarketHistory.from_klines({"BTC": random_klines(120)})
    with pytest.raises(ConfigurationError) as caught:
        run_pools(market, [pool_of([FALLS, MOVES], "AND")], START_MS)
    assert caught.value.problems == (
        "signal pool 7 ('pool'): signal 'signal 1' has no value for BTC anywhere in the range, so the pool cannot "
        f"fire: {LACK}",
    )


def test_a_foreign_symbol_of_a_pool_is_a_warning_and_not_a_trigger() -> None:
    history = history_of(random_market(2))
    result = run_pools(MarketHistory([history]), [pool_of([CVD], symbols=("ETH", "BTC"))], FLOW_START)
    assert "signal pool 7 ('pool'): ETH ignored, not a configured symbol" in result.warnings
    only_eth = run_pools(MarketHistory([history]), [pool_of([CVD], symbols=("ETH",))], FLOW_START)
    assert only_eth.signal_triggers == 0


def test_a_window_without_klines_names_pool_and_period() -> None:
    base = aggregate(random_klines(600), 300_000)
    market = MarketHistory([SymbolHistory("BTC", base)])
    minutes = pool_of([{"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"}])
    with pytest.raises(ConfigurationError, match=r"signal pool 7 \('pool'\): BTC has no 1m klines"):
        run_pools(market, [minutes], START_MS, base_period="5m")


def test_signals_of_one_instant_come_in_order_of_source_then_symbol_of_the_configuration():
    sources = [
        TriggerTimes("X", times(4, 2), "late name"),
        TriggerTimes("Y", times(2), "early name"),
        TriggerTimes("X", times(2), "another"),
    ]
    for symbols in (("X", "Y"), ("Y", "X")):
        found = triggers(5, sources, symbols, scheduled_interval=None)
        assert [(minute, symbol, pool) for minute, _, symbol, pool in found] == [
            (2, "X", "late name"),
            (2, "Y", "early name"),
            (2, "X", "another"),
            (4, "X", "late name"),
        ]
    always = IndicatorSignal(IndicatorCondition("indicator:MA2", ">", 0, "1m"), "both")
    for symbols in (("X", "Y"), ("Y", "X")):
        found = triggers(5, [always], symbols, scheduled_interval=None)
        assert [(minute, symbol) for minute, _, symbol, _ in found] == [(2, symbols[0]), (2, symbols[1])]


def test_trigger_times_outside_of_the_run_are_left_out_and_doubles_are_one():
    source = TriggerTimes("X", times(-1, 0, 3, 3, 5, 5.001))
    assert when(triggers(5, [source], scheduled_interval=None)) == [(0, "signal"), (3, "signal"), (5, "signal")]


class Foreign:
    name = "foreign"

    def triggers(self, market, symbols, start_ms, end_ms):
        return [TriggerEvent(start_ms + MINUTE, "signal", "Z", pool_name="mine")]


@pytest.mark.parametrize(
    ("source", "says"), [(TriggerTimes("Z", times(1), "mine"), "mine fires for Z"), (Foreign(), "mine fires for 'Z'")]
)
def test_a_source_for_a_symbol_that_is_not_configured_is_a_configuration_error(source, says):
    with pytest.raises(ConfigurationError, match=says):
        ProgramBacktestEngine(FLAT, [source]).run(config(Hold, 5))


@pytest.mark.parametrize("holes", [0.0, 0.4])
@pytest.mark.parametrize(
    ("metric", "operator", "threshold", "window"),
    [
        ("RSI14", "<", 40.0, "5m"),
        ("RSI14", ">=", 60.0, "1m"),
        ("MA5", "greater_than", 85.2, "15m"),
        ("MACD", "gt", 0.0, "5m"),
        ("OBV", "abs_lt", 3.0, "1m"),
    ],
)
def test_the_edges_of_an_indicator_signal_are_those_of_a_slow_loop(metric, operator, threshold, window, holes):
    history = market(X=walk(1_500, seed=7, holes=holes))
    begin, end = 300, 1_400
    condition = IndicatorCondition(f"indicator:{metric}", operator, threshold, window)
    found = triggers(
        end, [IndicatorSignal(condition)], history=history, scheduled_interval=None, start_time=START + begin * MINUTE
    )

    compare = {
        "<": lambda v: v < threshold,
        ">=": lambda v: v >= threshold,
        "greater_than": lambda v: v > threshold,
        "gt": lambda v: v > threshold,
        "abs_lt": lambda v: abs(v) < threshold,
    }[operator]
    series = history.symbols["X"].series(window)
    columns, state, expected = series.columns, False, []
    for place in range(len(columns)):
        minute = (int(columns.open_ms[place]) + series.period_ms - START) / MINUTE
        first = max(0, place - 499)
        if not begin <= minute <= end or place + 1 - first < parse_indicator(metric).longest_warm_up:
            continue
        part = columns.slice(first, place + 1)
        answer = calculate_indicators([*_rows(part)], [metric])[metric]
        value = answer["macd"] if metric == "MACD" else answer["value"]
        if compare(value) and not state:
            expected.append(minute)
        state = bool(compare(value))
    assert [minute for minute, *_ in found] == expected
    assert expected


def _rows(columns):
    from engine.market.series import ReadyKlines

    return ReadyKlines(columns).window(0, len(columns))


def test_a_signal_tells_the_strategy_what_fired_and_with_which_value():
    history = market(X=klines(*[100.0] * 3, 110.0, 120.0, 120.0))
    condition = IndicatorCondition("indicator:MA2", ">", 108.0, "1m")
    script, _, _ = run_script(history, {}, 6, [IndicatorSignal(condition, "rising")], scheduled_interval=None)
    assert list(script.seen) == [5]
    data = script.seen[5]
    assert (data.trigger_type, data.signal_pool_name, data.pool_logic) == ("signal", "rising", "OR")
    (fact,) = data.triggered_signals
    expected = {
        "signal_name": "rising", "metric": "indicator:MA2", "operator": ">", "threshold": 108.0, "current_value": 115.0,
        "value": 115.0, "condition_met": True, "time_window": "1m",
    }  # fmt: skip
    assert {name: fact[name] for name in expected} == expected


class Odd:
    """A source that gives what it is told to, or raises it."""

    name = "odd"

    def __init__(self, answer):
        self.answer = answer

    def triggers(self, market, symbols, start_ms, end_ms):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (LookupError("mine"), "signal source 'odd' failed when it was asked for its triggers: LookupError: mine"),
        (None, "signal source 'odd' gave None: triggers.* returns a list of TriggerEvent"),
        ([5], "signal source 'odd' gave .5.: triggers"),
        ("XX", "signal source 'odd' gave 'XX'"),
    ],
)
def test_a_source_of_ones_own_that_fails_is_named(answer, says):
    with pytest.raises(SimulationError, match=says) as caught:
        ProgramBacktestEngine(FLAT, [Odd(answer)]).run(config(Hold, 5))
    assert caught.value.__cause__ is (answer if isinstance(answer, Exception) else None)


def test_times_of_numpy_are_times():
    instants = np.array([START + MINUTE, START + 2 * MINUTE])
    source = TriggerTimes("X", instants)
    assert [type(each) for each in source.times_ms] == [int, int]
    assert ProgramBacktestEngine(FLAT, [source]).run(config(Hold, 5, scheduled_interval=None)).signal_triggers == 2
