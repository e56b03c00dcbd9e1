"""The orders of a result come back as they were, on either database, and go with it."""

from __future__ import annotations

import json
import zlib

import pytest

from adapters import Database, create_database
from adapters.database import backtest_orders
from adapters.orders import order_columns, stored_orders
from adapters.results import ResultStore, delete_results, restored_result
from engine import BacktestConfig, BacktestResult, DataError, Decision, MarketData, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.databases import Raw
from tests.support.klines import START_MS, random_klines


class Turns:
    def should_trade(self, data: MarketData) -> Decision:
        if data.positions:
            return Decision("close", "BTC")
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=1, trailing_stop_percent=0.5)


CONFIG = BacktestConfig(
    strategy=Turns,
    symbols=["BTC"],
    start_time=START_MS + 10 * 60_000,
    end_time=START_MS + 800 * 60_000,
    scheduled_interval=3_600,
)


def stored(database: Database) -> tuple[int, BacktestResult, MarketHistory]:
    market = MarketHistory.from_klines({"BTC": random_klines(1_000)})
    with ResultStore(database).saving(CONFIG) as run:
        result = ProgramBacktestEngine(market).run(CONFIG, prepare=run.watch)
        run.complete(result)
    return run.run_id, result, market


def test_what_is_stored_is_what_there_was(any_database: Database) -> None:
    create_database(any_database)
    run_id, result, market = stored(any_database)
    columns = order_columns(result, lambda symbol, marks: market.symbols[symbol].watch("1m"))
    assert stored_orders(any_database, run_id) == json.loads(json.dumps(columns))
    assert columns is not None
    assert len(columns["fills"]["time"]) == result.fills > 2
    assert len(columns["levels"]["time"]) > 2
    restored = restored_result(any_database, run_id)
    assert order_columns(restored) == stored_orders(any_database, run_id)
    delete_results(any_database, [run_id])
    assert stored_orders(any_database, run_id) is None


def test_results_of_older_versions_and_broken_rows(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    run_id, result, _ = stored(any_database)
    older = stored_orders(any_database, run_id)
    assert older is not None
    at_open = older["fills"].pop("at_open")  # none that an older version stored has it
    with any_database.writing() as connection:
        connection.execute(backtest_orders.update().values(packed=zlib.compress(json.dumps(older).encode())))
    found = stored_orders(any_database, run_id)
    assert found is not None
    assert found["fills"]["at_open"] == [False] * len(at_open)
    with any_database.writing() as connection:
        connection.execute(backtest_orders.update().values(packed=b"nothing"))
    with pytest.raises(DataError, match=f"the orders of result {run_id} cannot be read"):
        stored_orders(any_database, run_id)
    raw.execute("drop table backtest_orders")
    assert stored_orders(any_database, run_id) is None
    assert order_columns(restored_result(any_database, run_id)) is None
    again, *_ = stored(any_database)
    found = stored_orders(any_database, again)
    assert found is not None
    assert len(found["fills"]["time"]) == result.fills
