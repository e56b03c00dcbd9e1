"""Whether a configuration can be run on what is stored, on both databases."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from adapters import Database, create_database, load_market, open_database, synthetic_klines, write_klines
from adapters.database import (
    FeatureRows,
    TableRows,
    market_trades_aggregated,
    perp_funding,
    signal_definitions,
    signal_pools,
    write_features,
    write_rows,
)
from adapters.readiness import readiness, ready
from engine import BacktestConfig, ConfigurationError, KlineColumns, TimedValues
from engine.periods import DAY_MS, HOUR_MS
from tests.support.klines import random_klines

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
DAYS = 3
CODE = "class A:\n    def should_trade(self, data):\n        return None\n"


def filled(database: Database) -> Database:
    """Minutes of BTC on three days with an hour missing, of ETH on the last two, hours of SOL; funding of BTC."""
    create_database(database)
    klines = synthetic_klines("BTC", START, DAYS * 1_440, seed=1)
    hole = (klines.open_ms >= START + DAY_MS) & (klines.open_ms < START + DAY_MS + HOUR_MS)
    write_klines(database, "hyperliquid", "BTC", "1m", _kept(klines, ~hole))
    write_klines(database, "hyperliquid", "ETH", "1m", _kept(klines, klines.open_ms >= START + DAY_MS))
    write_klines(database, "hyperliquid", "SOL", "1h", random_klines(72, period="1h", start_ms=START))
    write_klines(database, "okx", "DOGE", "1m", klines)
    at = START + np.arange(0, DAYS * DAY_MS, HOUR_MS)
    rates = TableRows(perp_funding, at, {"funding_rate": np.full(len(at), 1e-5)})
    write_rows(database, "hyperliquid", "BTC", [rates])
    return database


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """It is only read."""
    return filled(open_database(tmp_path_factory.mktemp("readiness") / "market.db", create=True))


def _kept(klines: KlineColumns, rows: Any) -> KlineColumns:
    names = ("open_ms", "open", "high", "low", "close", "volume")
    return KlineColumns(klines.period_ms, *(getattr(klines, name)[rows] for name in names))


def found(database: Database, **changes: Any) -> list[tuple[str, str, bool]]:
    values = {
        "code": CODE,
        "symbols": ["BTC"],
        "start_time": START + DAY_MS + 2 * HOUR_MS,
        "end_time": START + 2 * DAY_MS,
        "scheduled_interval": "1h",
    }
    config = BacktestConfig.from_dict({**values, **changes})
    return [(each.field, each.message, each.is_problem) for each in readiness(database, config)]


def test_what_can_be_run_as_it_is_has_no_findings(market: Database) -> None:
    assert found(market) == []


def test_a_database_without_any_tables_has_nothing_to_run(any_database: Database) -> None:
    ((field, message, is_problem), *others) = found(any_database, signal_pool_ids=[1])
    assert (field, is_problem) == ("signal_pool_ids", True)
    assert "no signal pools are stored" in message
    assert [(each[0], each[2]) for each in others] == [("exchange", True)]


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"exchange": "binance"}, "exchange", "there are no klines of binance; stored are those of hyperliquid, okx"),
        ({"symbols": ["DOGE"]}, "symbols", "DOGE has no klines on hyperliquid; okx has some; stored there: BTC, ETH"),
        ({"symbols": ["SOL"]}, "base_period", "SOL has no 1m klines, only those of 1h: choose one of them"),
        ({"start_time": START - DAY_MS}, "start_time", "is before all stored data: the klines go from 2024-01-01"),
        ({"strict_data": True, "end_time": START + 9 * DAY_MS}, "end_time", "end there or earlier"),
        (
            {"symbols": ["BTC", "ETH"], "start_time": START, "end_time": START + HOUR_MS},
            "symbols", "ETH has klines from 2024-01-02 00:00:00 UTC to 2024-01-04 00:00:00 UTC, and none in the range",
        ),
        ({"watch_period": "15s"}, "watch_period", "BTC: no 15-second rows are stored in the range; use 1m"),
        ({"signal_pool_ids": [9]}, "signal_pool_ids", "signal pool 9: the database has no such pool (there: none)"),
        ({"start_time": START, "strict_data": True}, "strict_data", "BTC: 60 of 2,880 klines of the range are missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_a_problem_of_its_field(
    market: Database, changes: dict[str, Any], field: str, text: str
) -> None:
    (first, *_) = found(market, **changes)
    assert (first[0], first[2]) == (field, True)
    assert text in first[1]
    assert market.name not in first[1]


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"start_time": START}, "symbols", "missing; the longest hole is 1h 0m from 2024-01-02 00:00:00 UTC; download"),
        ({"end_time": START + 9 * DAY_MS}, "end_time", "the run ends with them"),
        ({"symbols": ["BTC", "ETH"], "start_time": START + HOUR_MS}, "start_time", "before that nothing of it can be"),
        ({"code": CODE + "# 'RSI14' '1d'"}, "start_time", "RSI14 on 1d needs 15 klines before it is defined"),
        ({"symbols": ["ETH"]}, "funding", "ETH: no funding rate is stored in the range, so none is paid"),
        ({"trigger_price": "mark"}, "trigger_price", "BTC: no mark price is stored in the range"),
        ({"slippage_model": "spread"}, "slippage_model", "BTC: no spread is stored in the range"),
        ({"drill_down": True}, "drill_down", "BTC: no 15-second rows are stored in the range"),
        ({"code": CODE + "# get_flow"}, "code", "BTC: the program asks for flow"),
        ({"order_latency_ms": 90_000}, "order_latency_ms", "orders are under way for up to 1m"),
        ({"order_latency_ms": DAY_MS}, "order_latency_ms", "as long as the range: none arrives"),
        ({"code": CODE + "# get_feature( 'mood', "}, "code", "BTC: the program asks for feature mood, and none of"),
        ({"scheduled_interval": None}, "scheduled_interval", "nothing wakes the program"),
        ({"scheduled_interval": 90_000}, "scheduled_interval", "is longer than the range"),
    ],
)
def test_what_would_surprise_is_a_warning_of_its_field(
    market: Database, changes: dict[str, Any], field: str, text: str
) -> None:
    assert [(each[0], each[2]) for each in found(market, **changes) if text in each[1]] == [(field, False)]


def test_both_databases_tell_of_holes_and_of_what_is_stored_beside_klines(any_database: Database) -> None:
    filled(any_database)
    assert found(any_database) == []
    ((_, text, _),) = found(any_database, start_time=START)
    assert "60 of 2,880 klines of the range are missing; the longest hole is 1h 0m from 2024-01-02" in text
    told = found(any_database, symbols=["BTC", "ETH"], drill_down=True)
    assert [(field, text.partition(":")[0]) for field, text, _ in told] == [
        ("drill_down", "BTC, ETH"),
        ("funding", "ETH"),
    ]


def test_pools_that_are_off_or_broken_are_told(any_database: Database) -> None:
    market = filled(any_database)
    condition = {"metric": "price_change", "operator": ">", "threshold": 1, "time_window": "5m"}
    with market.writing() as connection:
        row = {"signal_name": "up", "trigger_condition": json.dumps(condition)}
        connection.execute(insert(signal_definitions).values(row))
        for enabled in (True, False):
            pool = {"pool_name": "pool", "signal_ids": "[1]", "symbols": '["BTC"]', "enabled": enabled}
            connection.execute(insert(signal_pools).values(pool))
    rows = (
        "BTC: signal pool 1 ('pool'), signal up: price_change needs 15-second rows with high and low prices (klines "
        "are not enough), and none are stored in the range, so it never holds"
    )
    assert found(market, signal_pool_ids=[1], scheduled_interval=None) == [("signal_pool_ids", rows, False)]
    told = "signal pool 2 ('pool'): is disabled and left out"
    assert found(market, signal_pool_ids=[1, 2]) == [("signal_pool_ids", each, False) for each in (told, rows)]
    at = START + DAY_MS + np.arange(0, DAY_MS, 15_000)
    prices = TableRows(market_trades_aggregated, at, {"high_price": at * 0.0 + 2, "low_price": at * 0.0 + 1})
    write_rows(market, "hyperliquid", "BTC", [prices])
    assert found(market, signal_pool_ids=[1]) == []
    assert found(market, signal_pool_ids=[2])[0] == ("signal_pool_ids", f"no pool is left to run ({told})", True)


def test_symbols_that_stand_in_no_rule_book_are_told(market: Database) -> None:
    assert found(market, venue="hyperliquid") == []
    ((field, text, is_problem),) = [each for each in found(market, venue="hyperliquid", symbols=["SOLO", "BTC"]) if
                                    each[0] == "venue"]  # fmt: skip
    assert (field, is_problem) == ("venue", False)
    assert text.startswith("SOLO: not in the rule book of hyperliquid, so what it says of unknown symbols counts, such")


def test_features_of_pools_and_programs_are_looked_for(any_database: Database) -> None:
    market = filled(any_database)
    condition = {"metric": "feature:mood", "operator": ">", "threshold": 1, "time_window": "5m"}
    with market.writing() as connection:
        row = {"signal_name": "glad", "trigger_condition": json.dumps(condition)}
        connection.execute(insert(signal_definitions).values(row))
        connection.execute(insert(signal_pools).values(pool_name="p", signal_ids="[1]", symbols="[]", enabled=True))
    code = CODE + "# data.get_feature('mood', symbol)"
    told = found(market, signal_pool_ids=[1], code=code)
    assert [(field, text.partition(", ")[2]) for field, text, _ in told] == [
        ("signal_pool_ids", "signal glad: there is no feature mood, so it never holds"),
        ("code", "and none of that name is stored"),
    ]
    rows = TimedValues(np.array([START]), np.array([1.0]))
    write_features(market, "hyperliquid", [FeatureRows("BTC", "mood", rows)])
    assert found(market, signal_pool_ids=[1], code=code) == []


def test_what_is_found_agrees_with_what_a_run_says(market: Database) -> None:
    for changes in ({"symbols": ["DOGE"]}, {"start_time": START - 9 * DAY_MS, "end_time": START - DAY_MS}):
        assert found(market, **changes)[0][2]
        values = {"code": CODE, "symbols": ["BTC"], "start_time": START, "end_time": START + DAY_MS, **changes}
        with pytest.raises(ConfigurationError):
            load_market(market, BacktestConfig.from_dict(values), cache=False)


def test_of_very_many_symbols_some_are_looked_at_and_that_is_said(
    market: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "MOST_SYMBOLS", 1)
    told = [each[1] for each in found(market, symbols=["BTC", "GONE"])]
    assert told == ["the first 1 of 2 symbols were compared with what is stored"]
