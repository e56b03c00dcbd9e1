"""A database at a notebook: frames in and out, markets, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters import open_database, synthetic_klines, write_klines
from adapters.workbench import load
from adapters.workbench import open as open_workspace
from engine import ConfigurationError, DataError, MarketHistory
from engine.market import aggregate
from engine.periods import HOUR_MS, MINUTE_MS

START_MS = 1_704_067_200_000
INDEX = pd.date_range("2024-01-01", periods=6, freq="1h", tz="UTC")


def frame() -> pd.DataFrame:
    prices = {"open": 100.0, "high": 102.0, "low": 99.0, "close": [101.0, 101.5, 100.0, 100.5, 101.0, 101.5]}
    return pd.DataFrame({**prices, "volume": 3.0}, index=INDEX.rename("time"))


def test_frames_go_in_and_come_out_as_they_were(any_database_url: str) -> None:
    rates = pd.Series([1e-4, -2e-4], index=INDEX[[0, 4]])
    minutes = pd.date_range("2024-01-01", periods=3, freq="1min", tz="UTC")
    marks = pd.DataFrame({"open": 10.0, "high": 12.0, "low": 9.0, "close": [10.0, 11.0, 12.0]}, index=minutes)
    with open_workspace(any_database_url, create=True) as database:
        prices = pd.Series([9.0, 8.0], index=INDEX[:2])
        counts = database.write_frames(
            {"BTC": frame(), "ETH": frame()}, "binance", funding={"BTC": rates}, mark={"BTC": marks, "ETH": prices}
        )
        assert {name: count.inserted for name, count in counts.items()} == {
            "BTC 1h": 6,
            "BTC perp_funding": 2,
            "BTC market_asset_metrics": 3,
            "BTC perp_mark_klines": 3,
            "ETH 1h": 6,
            "ETH market_asset_metrics": 2,
        }
        assert database.write_frames(frame(), "binance", "BTC")["BTC 1h"].unchanged == 6
        pd.testing.assert_frame_equal(database.klines("BTC"), frame(), check_index_type=False, check_freq=False)
        part = database.klines("BTC", "1h", "2024-01-01T02:00:00Z", "2024-01-01T04:00:00Z", "binance")
        assert part["close"].tolist() == [100.0, 100.5]
        series = database.series
        assert series[["exchange", "symbol", "period", "count"]].values.tolist() == [
            ["binance", "BTC", "1h", 6],
            ["binance", "ETH", "1h", 6],
        ]
        assert series["last"].tolist() == [INDEX[-1]] * 2
        market = database.load("BTC")
    history = market.symbols["BTC"]
    assert history.flow.funding_rate is not None
    assert history.flow.funding_rate.rows.value.tolist() == [1e-4, -2e-4]
    assert history.flow.mark_price is not None
    assert history.flow.mark_price.at(START_MS + 2 * MINUTE_MS) == 11.0
    assert history.mark_klines is not None
    assert len(history.mark_klines) == 3


def test_a_market_is_loaded_as_a_run_loads_it(any_database_url: str) -> None:
    minutes = synthetic_klines("BTC", START_MS, 300, seed=3)
    database = open_database(any_database_url, create=True)
    for klines, period in ((minutes, "1m"), (aggregate(minutes, HOUR_MS), "1h")):
        write_klines(database, "okx", "BTC", period, klines)
    whole = load(any_database_url)
    assert [*whole.symbols] == ["BTC"]
    assert whole.symbols["BTC"].base.period_ms == MINUTE_MS
    assert np.array_equal(whole.symbols["BTC"].base.columns.close, minutes.close)
    part = load(any_database_url, "BTC", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z", cache=False)
    assert part.symbols["BTC"].base.columns.open_ms[-1] == START_MS + 2 * HOUR_MS
    assert load(any_database_url, ["BTC"], base_period="1h", exchange="OKX").symbols["BTC"].base.period_ms == HOUR_MS
    assert isinstance(whole, MarketHistory)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with pytest.raises(DataError, match="there is no database file"):
        open_workspace(url)
    with open_workspace(url, create=True) as database:
        database.write_frames(frame(), "binance", "BTC")
        with pytest.raises(ConfigurationError, match="holds no klines of SOL on binance"):
            database.load(["SOL"])
        with pytest.raises(DataError, match="holds no 5m klines of BTC on binance; stored: binance: BTC"):
            database.klines("BTC", "5m")
        with pytest.raises(DataError, match="start: 2024-01-01 has no time zone"):
            database.klines("BTC", start="2024-01-01")
        with pytest.raises(DataError, match="ASSET: the times in the index have no time zone"):
            database.write_frames(frame().tz_localize(None), "binance")
        assert repr(database) == f"<database {database.name}>"
    assert repr(database) == f"<database {database.name} (closed)>"
    with pytest.raises(DataError, match="was closed: use it inside of its with, or open it again"):
        _ = database.series


def test_nothing_stored_is_a_frame_without_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with open_workspace(url, create=True) as database:
        database.write_frames(frame(), "binance", "BTC")
        with database.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM crypto_klines")
        assert list(database.series) == ["exchange", "symbol", "period", "count", "first", "last"]
        with pytest.raises(ConfigurationError, match="holds no klines: import some"):
            database.load()
