"""Features of a run: one state of the database, cached as long as nothing has changed, and none of them later."""

from __future__ import annotations

from mmap import mmap
from pathlib import Path

import numpy as np
import pytest

from adapters import ColumnCache, Database, load_market, open_database, write_klines
from adapters.database import FEATURES, FeatureRows, write_features
from adapters.market import load_features
from engine import BacktestConfig, HistoricalDataProvider, TimedValues
from tests.support.klines import START_MS, random_klines

HOUR = 3_600_000
TIMES = START_MS + HOUR * np.arange(48)


def hourly(symbol: str, name: str, factor: float = 1.0) -> FeatureRows:
    return FeatureRows(symbol, name, TimedValues(TIMES, factor * np.arange(48.0)))


@pytest.fixture
def stored(any_database: Database) -> Database:
    for symbol in ("BTC", "ETH"):
        write_klines(any_database, "hyperliquid", symbol, "1m", random_klines(2 * 1440))
    parts = [hourly("BTC", "mood"), hourly("*", "mood", 2.0), hourly("*", "fear", 3.0), hourly("SOL", "else")]
    write_features(any_database, "hyperliquid", parts)
    write_features(any_database, "okx", [hourly("BTC", "foreign")])
    return any_database


def market_of(database: Database, cache: ColumnCache | bool) -> HistoricalDataProvider:
    times = {"start_time": START_MS, "end_time": START_MS + 24 * HOUR}
    config = BacktestConfig(code="", symbols=["BTC", "ETH"], **times)  # type: ignore[arg-type]
    return HistoricalDataProvider(load_market(database, config, cache))


@pytest.mark.parametrize("is_cached", [False, True])
def test_a_run_has_its_symbols_features_and_no_value_after_its_end(
    stored: Database, is_cached: bool, tmp_path: Path
) -> None:
    cache = ColumnCache(tmp_path) if is_cached else False
    for _ in range(2):
        provider = market_of(stored, cache)
        symbols = provider.market.symbols
        assert {name: each.feature_names for name, each in symbols.items()} == dict.fromkeys(symbols, ("fear", "mood"))
        provider.set_current_time(START_MS + 99 * HOUR)
        assert provider.get_feature("mood", "BTC", 2)["values"] == [23.0, 24.0]
        assert provider.get_feature("mood", "ETH")["value"] == 48.0
        assert provider.get_feature("fear", "ETH")["time"] == START_MS + 24 * HOUR
        assert provider.get_feature("foreign", "BTC") == {}


def is_mapped(column: object) -> bool:
    return column is not None and (isinstance(column, np.memmap | mmap) or is_mapped(getattr(column, "base", None)))


def test_what_is_cached_is_used_until_a_value_has_changed(tmp_path: Path, settled: None) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    write_features(database, "okx", [hourly("BTC", "mood"), hourly("*", "fear")])
    cache = ColumnCache(tmp_path / "cache")
    first = load_features(database, "okx", "BTC", int(TIMES[-1]), cache)
    entries = [*(tmp_path / "cache").rglob("value.npy")]
    assert len(entries) == 2
    again = load_features(database, "okx", "BTC", int(TIMES[-1]), cache)
    assert is_mapped(again["mood"].value)
    np.testing.assert_array_equal(first["mood"].value, again["mood"].value)
    write_features(database, "okx", [hourly("BTC", "mood", 5.0)])
    assert load_features(database, "okx", "BTC", int(TIMES[-1]), cache)["mood"].value[-1] == 235.0


def test_features_are_of_the_state_in_which_the_rest_is_read(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    write_features(database, "okx", [hourly("BTC", "mood")])
    other = open_database(tmp_path / "market.db")
    with database.snapshot(FEATURES) as snapshot:
        write_features(other, "okx", [hourly("BTC", "mood", 7.0), hourly("BTC", "new")])
        found = load_features(snapshot, "okx", "BTC", int(TIMES[-1]), cache=False)
        assert {name: each.value[-1] for name, each in found.items()} == {"mood": 47.0}
    assert {*load_features(database, "okx", "BTC", int(TIMES[-1]), cache=False)} == {"mood", "new"}
