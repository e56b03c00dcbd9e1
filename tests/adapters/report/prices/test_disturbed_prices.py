"""What a chart shows of a run with faults: the prices that it saw, and when each fault was on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters import open_database
from adapters.report import KlineReader, ResultReader
from adapters.report.memory_description import describe_result
from adapters.report.prices.disturbed_prices import SeenFaults
from adapters.report.prices.kept_prices import prices_of
from adapters.report.stored_description import describe_stored
from engine import MarketHistory
from processes import faults
from tests.support.runs import HOUR, MINUTE, START, Hold, config, market, walk, wired
from tests.support.stored_runs import StoredTwice, eventful_twice

CRASH: dict[str, Any] = {"kind": "flash_crash", "percent": 30.0, "duration": "40m", "seed": 5, "every": "1d"}
GIVEN = [CRASH, {"kind": "wick", "rate_per_day": 12, "duration": "1m", "seed": 2}, {"kind": "fees"}]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> StoredTwice:
    return eventful_twice(tmp_path_factory.mktemp("disturbed"), faults=GIVEN)


def seen_market(history: MarketHistory, *given: Any, minutes: int = 600) -> MarketHistory:
    return wired(history, config(Hold(), minutes, tuple(history.symbols), faults=list(given))).market


def test_the_klines_are_those_that_the_run_saw() -> None:
    history = market(X=walk(700), Y=walk(700, 2))
    own = faults.own(lambda sim, fault: iter(()), "mine", every="1h", duration="5m")
    given = (*GIVEN, own)
    settings = config(Hold(), 600, ("X", "Y"), faults=list(given))
    told = {"faults": [each if isinstance(each, dict) else each.to_dict() for each in given], "symbols": ["X", "Y"]}
    found = SeenFaults.of(told, settings.start_ms, settings.end_ms)
    seen = seen_market(history, *given)
    for symbol in ("X", "Y"):
        columns = found.columns(symbol, history.symbols[symbol].base.columns)
        for name in ("open", "high", "low", "close"):
            assert np.array_equal(getattr(columns, name), getattr(seen.symbols[symbol].base.columns, name))
    assert seen.symbols["X"].base.columns.low.min() < 0.8 * history.symbols["X"].base.columns.low.min()
    names = [each["name"] for each in found.described(["fault fees: once, 10h 0m in all; fills dearer: 3", "else"])]
    assert names == ["flash_crash", "wick", "fees", "mine"]


def test_each_fault_is_told_with_what_it_is_and_did_and_when_it_was_on() -> None:
    given = {"faults": [{**CRASH, "start": START + HOUR, "every": None, "symbols": ["X"]}], "symbols": ["X", "Y"]}
    found = SeenFaults.of(given, START, START + 2 * HOUR - MINUTE * 50)
    assert found.described(["fault flash_crash: once, 10m in all; klines moved: 10"]) == [
        {
            "name": "flash_crash",
            "about": "prices go so far down (or up) and come back, marks with them, 30 %, down",
            "effect": "once, 10m in all; klines moved: 10",
            "symbols": ["X"],
            "starts": [START + HOUR],
            "ends": [START + HOUR + 10 * MINUTE],
        }
    ]


def test_without_faults_nothing_is_copied() -> None:
    columns = walk(60)
    for given in ({}, {"faults": []}, {"faults": [{"kind": "outage"}], "symbols": ["X"]}):
        assert SeenFaults.of(given, START, START + HOUR).columns("X", columns) is columns


def test_in_memory_stored_and_served_they_are_the_same(twice: StoredTwice) -> None:
    result, database = twice.result, twice.database
    reader = ResultReader(database)
    stored = reader.faults(twice.run_id)
    assert stored.key
    assert reader.summary(twice.run_id)["faults"] == stored.described(result.warnings)
    window = ("hyperliquid", "BTC", result.start_time, result.start_time + 2 * HOUR, None, 1_500)
    klines = KlineReader(database)
    calm, crashed = klines.klines(*window), klines.klines(*window, stored)
    assert min(crashed["low"]) < 0.75 * min(calm["low"])
    seen = stored.columns("BTC", twice.market.symbols["BTC"].base.columns)
    first = int(np.searchsorted(seen.open_ms, result.start_time))
    assert crashed["low"] == seen.low[first : first + 120].tolist()
    assert prices_of(twice.market, result).keys() == {*result.config["symbols"]}


def test_the_fills_of_a_crash_lie_on_the_klines_that_are_drawn(twice: StoredTwice) -> None:
    seen = SeenFaults.of(twice.result.config, twice.result.start_time, twice.result.end_time)
    drawn = {symbol: seen.columns(symbol, each.base.columns) for symbol, each in twice.market.symbols.items()}
    assert twice.result.trades
    for trade in twice.result.trades:
        columns = drawn[trade.symbol]
        place = int(np.searchsorted(columns.open_ms, trade.exit_timestamp)) - 1
        low, high = columns.low[place : place + 2].min(), columns.high[place : place + 2].max()
        assert low * 0.99 <= trade.exit_price <= high * 1.01


def test_a_database_that_is_opened_to_read_has_them_too(twice: StoredTwice, tmp_path: Path) -> None:
    read_only = open_database(f"sqlite:///{twice.path}", read_only=True)
    assert ResultReader(read_only).faults(twice.run_id).key == ResultReader(twice.database).faults(twice.run_id).key


def test_trailing_stops_are_drawn_as_they_followed_the_prices_that_the_run_saw(twice: StoredTwice) -> None:
    ours, theirs = describe_result(twice.result, twice.market), describe_stored(twice.database, twice.run_id)
    assert ours.lines["kind"].tolist().count("step") > 10
    assert ours.trade_columns()["lines"] == theirs.trade_columns()["lines"]
    assert ours.marks_note == theirs.marks_note == ""
