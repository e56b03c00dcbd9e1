"""What a back-test on a database runs on where that is not said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import Database, open_database, synthetic_klines, write_klines
from adapters.workbench.stored_defaults import with_stored_defaults
from engine import ConfigurationError
from engine.instants import FIRST_MS, LAST_MS
from engine.market import aggregate
from engine.periods import HOUR_MS, MINUTE_MS

START_MS = 1_704_067_200_000


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(tmp_path / "market.db", create=True)


def store(database: Database, exchange: str, symbol: str, period: str, start_ms: int = START_MS) -> None:
    minutes = synthetic_klines(symbol, start_ms, 240, seed=1)
    klines = minutes if period == "1m" else aggregate(minutes, HOUR_MS)
    write_klines(database, exchange, symbol, period, klines)


def test_the_only_exchange_all_its_symbols_and_all_of_its_time(database: Database) -> None:
    store(database, "okx", "BTC", "1m")
    store(database, "okx", "ETH", "1m", START_MS + HOUR_MS)
    store(database, "okx", "ETH", "1h")
    assert with_stored_defaults(database, {}) == {
        "exchange": "okx",
        "symbols": ["BTC", "ETH"],
        "base_period": "1m",
        "start_time": START_MS,
        "end_time": START_MS + 5 * HOUR_MS,
    }


def test_what_is_said_counts(database: Database) -> None:
    store(database, "okx", "BTC", "1m")
    store(database, "okx", "ETH", "1h")
    assert with_stored_defaults(database, {})["base_period"] == "1m"  # no period has both: the loading says so
    of_one = with_stored_defaults(database, {"symbols": ["ETH"], "fee_rate": 1.0})
    assert of_one == {
        "exchange": "okx",
        "symbols": ["ETH"],
        "fee_rate": 1.0,
        "base_period": "1h",
        "start_time": START_MS,
        "end_time": START_MS + 4 * HOUR_MS,
    }
    given = {"exchange": "x", "symbols": ["Y"], "base_period": "1m", "start_time": 1, "end_time": 2}
    assert with_stored_defaults(database, given) == given
    nothing = with_stored_defaults(database, {"symbols": ["SOL"]})
    assert (nothing["start_time"], nothing["end_time"]) == (FIRST_MS, LAST_MS)


def test_of_several_exchanges_the_default_one_or_none(database: Database) -> None:
    store(database, "okx", "BTC", "1m")
    store(database, "binance", "BTC", "1m", START_MS + MINUTE_MS)
    with pytest.raises(ConfigurationError, match=r"exchange: .* holds those of several: binance: BTC \(1m\); okx"):
        with_stored_defaults(database, {})
    assert with_stored_defaults(database, {"exchange": "OKX"})["start_time"] == START_MS
    store(database, "hyperliquid", "BTC", "1m", START_MS + 2 * MINUTE_MS)
    assert with_stored_defaults(database, {})["exchange"] == "hyperliquid"
