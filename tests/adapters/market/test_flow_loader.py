from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters import (
    Database,
    create_database,
    load_flow,
    load_klines,
    load_mark_klines,
    load_market,
    load_regime_config,
    open_database,
    stored_series,
    write_rows,
)
from adapters.database import mark_kline_rows
from adapters.database.schema import metadata
from engine import BacktestConfig, DataError, FlowHistory
from engine.market import RegimeConfig
from engine.market.flow import LATEST_VALUES
from tests.support.databases import EmptyDatabases, Raw
from tests.support.klines import assert_same, random_klines
from tests.support.reference_files import copy_tables, reference_file
from tests.support.signal_markets import recorded

pytestmark = [pytest.mark.xdist_group("flow loader"), pytest.mark.usefixtures("settled")]

START_MS = 1_748_736_000_000
DAY_MS = 86_400_000
BTC = ("hyperliquid", "BTC")


@pytest.fixture(scope="module")
def reference(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of the reference market in an SQLite file that perpsim has not made."""
    return reference_file(shared, tmp_path_factory.mktemp("reference"), days=2)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, reference: Path) -> Iterator[Database]:
    """The same market in a database of each kind; the tests only read it."""
    if request.param == "sqlite":
        yield open_database(reference, read_only=True)
        return
    databases: EmptyDatabases = request.getfixturevalue("empty_databases")
    with databases.one() as url:
        create_database(open_database(url))
        copy_tables(reference, url)
        yield open_database(url)


def columns(flow: FlowHistory) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for table in ("trades", "book"):
        rows = getattr(flow, table)
        found |= {} if rows is None else {f"{table}.{f.name}": getattr(rows, f.name) for f in fields(rows)}
    for name in LATEST_VALUES:
        latest = getattr(flow, name)
        if latest is not None:
            found |= {f"{name}.time": latest.rows.timestamp_ms, name: latest.rows.value}
    return found


def assert_equal(one: FlowHistory, other: FlowHistory) -> None:
    first, second = columns(one), columns(other)
    assert first.keys() == second.keys()
    for name, column in first.items():
        np.testing.assert_array_equal(column, second[name], err_msg=name, strict=True)


def test_the_reference_market_is_the_same_from_every_database(market: Database, reference: Path) -> None:
    file = open_database(reference, read_only=True)
    for symbol in ("BTC", "ETH"):
        flow = load_flow(market, "Hyperliquid", symbol, START_MS, START_MS + DAY_MS)
        assert len(columns(flow)["trades.timestamp_ms"]) == 5761
        assert_equal(flow, load_flow(file, "hyperliquid", symbol, START_MS, START_MS + DAY_MS, cache=False))
        for period in ("1m", "5m", "1d"):
            one, other = (load_klines(each, "hyperliquid", symbol, period) for each in (market, file))
            for name in ("open_ms", "open", "high", "low", "close", "volume"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)
    assert stored_series(market) == stored_series(file)
    assert load_regime_config(market) == load_regime_config(file) == RegimeConfig()


@pytest.mark.parametrize("cache", [False, True])
def test_rows_are_loaded_up_to_the_end_with_it(market: Database, cache: bool) -> None:
    for _ in range(2):
        flow = load_flow(market, *BTC, START_MS, START_MS + 60_000, cache=cache)
        assert flow.trades is not None
        assert flow.trades.timestamp_ms.tolist() == [START_MS + n * 15_000 for n in range(5)]
        assert flow.mark_price is not None
        assert flow.mark_price.rows.timestamp_ms[-1] == START_MS + 60_000
        assert flow.funding_rate is not None  # a rate of the end may be stamped up to 25 minutes later
        assert flow.funding_rate.rows.timestamp_ms[-1] > START_MS + 60_000


def test_the_cache_gives_what_the_database_gives(market: Database, private_cache: Path) -> None:
    for end in (START_MS + DAY_MS, START_MS + 3600_000, START_MS + 2 * DAY_MS):
        assert_equal(load_flow(market, *BTC, START_MS, end), load_flow(market, *BTC, START_MS, end, cache=False))
    assert len(list(private_cache.rglob("meta.json"))) == 4  # that there is no table of payments is one


def test_rows_that_no_question_reaches_are_left_out(market: Database) -> None:
    flow = load_flow(market, *BTC, START_MS + 51 * DAY_MS, START_MS + 52 * DAY_MS)
    assert flow.trades is not None
    assert flow.trades.timestamp_ms[0] == START_MS + DAY_MS + 15_000
    assert flow.mark_price is not None
    assert flow.mark_price.rows.timestamp_ms[0] == START_MS


def test_a_symbol_without_rows_and_a_database_without_tables_are_empty(market: Database, tmp_path: Path) -> None:
    assert recorded(load_flow(market, "hyperliquid", "btc", START_MS, START_MS + DAY_MS)) == []
    assert recorded(load_flow(market, "hyperliquid", "DOGE", START_MS, START_MS + DAY_MS, cache=False)) == []
    bare = open_database(tmp_path / "bare.db", create=True)
    assert recorded(load_flow(bare, *BTC, START_MS, START_MS + DAY_MS)) == []
    assert load_mark_klines(bare, *BTC, START_MS + DAY_MS) is None
    assert load_regime_config(bare) == RegimeConfig()


def insert(raw: Raw, table: str, **values: Any) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    raw.execute(f"insert into {table} ({names}) values ({marks})", **values)


@pytest.fixture
def empty(any_database: Database) -> Database:
    create_database(any_database)
    return any_database


def row(time: int, **values: Any) -> dict[str, Any]:
    return {"exchange": "x", "symbol": "BTC", "timestamp": time, **values}


def test_each_value_may_stand_in_a_row_of_its_own(empty: Database, raw: Raw) -> None:
    insert(raw, "market_asset_metrics", **row(1000, mark_price=7.5))
    insert(raw, "market_asset_metrics", **row(2000, open_interest=3.0))
    insert(raw, "market_asset_metrics", **row(3000, day_notional_volume=4e9))
    flow = load_flow(empty, "x", "BTC", 0, 5000)
    assert flow.mark_price is not None
    assert flow.open_interest is not None
    assert (flow.mark_price.at(2500), flow.open_interest.at(2500)) == (7.5, 3.0)
    assert flow.day_notional_volume is not None
    assert flow.day_notional_volume.fresh(3500, 60_000) == 4e9
    assert flow.oracle_price is None


#: perp_funding as the platform makes it: its times are seconds.
PLATFORM_FUNDING = (
    "create table perp_funding (id integer primary key, exchange varchar(20), symbol varchar(20), timestamp integer,"
    " funding_rate {0}, mark_price {0}, created_at timestamp, unique (exchange, symbol, timestamp))"
)


@pytest.mark.parametrize("cached", [False, True])
def test_funding_of_a_platforms_database_is_in_seconds(any_database: Database, raw: Raw, cached: bool) -> None:
    raw.execute(PLATFORM_FUNDING.format("numeric(18, 8)"))
    for place in range(4):
        time = 1_704_067_200 + place * 3_600
        insert(raw, "perp_funding", id=place, **row(time, funding_rate=(place + 1) * 1e-5))
    for _ in range(2):
        flow = load_flow(any_database, "x", "BTC", 0, 1_704_067_200_000 + 2 * 3_600_000, cache=cached)
        assert flow.funding_rate is not None
        assert flow.funding_rate.rows.timestamp_ms.tolist() == [
            1_704_067_200_000 + place * 3_600_000 for place in range(3)
        ]
        assert flow.funding_rate.rows.value.tolist() == pytest.approx([1e-5, 2e-5, 3e-5])


def test_times_that_no_seconds_can_be_are_ms_whatever_the_column_is_called(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(PLATFORM_FUNDING.format("real"))
        connection.execute(
            "insert into perp_funding (exchange, symbol, timestamp, funding_rate)"
            " values ('x', 'BTC', 1704067200048, 1e-5)"
        )
    flow = load_flow(open_database(path), "x", "BTC", 0, 1_704_067_300_000)
    assert flow.funding_rate is not None
    assert flow.funding_rate.rows.timestamp_ms.tolist() == [1_704_067_200_048]


def test_a_text_among_the_times_is_named_by_its_table_and_column(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(PLATFORM_FUNDING.format("real"))
        connection.execute(
            "insert into perp_funding (exchange, symbol, timestamp, funding_rate) values ('x', 'BTC', 'soon', 1e-5)"
        )
    with pytest.raises(DataError, match=r"perp_funding\.timestamp holds 'soon' where a number belongs"):
        load_flow(open_database(path), "x", "BTC", 0, 1_704_067_300_000)


def test_funding_comes_from_the_metrics_else_from_the_payments(empty: Database, raw: Raw) -> None:
    insert(raw, "perp_funding", **row(1000, funding_rate=1e-5, mark_price=100.0))
    insert(raw, "market_asset_metrics", **row(1500, mark_price=99.0))
    flow = load_flow(empty, "x", "BTC", 0, 5000)
    assert flow.funding_rate is not None
    assert flow.mark_price is not None
    assert (flow.funding_rate.at(5000), flow.mark_price.at(1200)) == (1e-5, None)
    insert(raw, "market_asset_metrics", **row(1600, funding_rate=2e-5))
    flow = load_flow(empty, "x", "BTC", 0, 5000)
    assert flow.funding_rate is not None
    assert (flow.funding_rate.at(1599), flow.funding_rate.at(1600)) == (None, 2e-5)


def test_prices_may_be_unknown_and_a_spread_is_zero_then(empty: Database, raw: Raw) -> None:
    insert(raw, "market_trades_aggregated", **row(15_000, taker_buy_notional=5.0))
    insert(raw, "market_orderbook_snapshots", **row(15_000, bid_depth_5=2.0))
    flow = load_flow(empty, "x", "BTC", 0, 20_000)
    assert flow.trades is not None
    assert flow.book is not None
    assert (flow.trades.buy_notional[0], np.isnan(flow.trades.vwap[0])) == (5.0, True)
    assert (flow.book.bid_depth[0], flow.book.ask_depth[0], flow.book.spread[0]) == (2.0, 0.0, 0.0)


MINUTE_MS = 60_000


def test_whole_klines_among_the_rows_count_from_their_close(empty: Database, raw: Raw) -> None:
    def add(time: int, buy: float, **values: Any) -> None:
        insert(raw, "market_trades_aggregated", **row(time, taker_buy_notional=buy, **values))

    for minute, buy in enumerate((1.0, 2.0, 3.0)):  # minutes 0 to 2, stamped at their open
        add(minute * MINUTE_MS, buy, high_price=7.0, low_price=6.0)
    add(2 * MINUTE_MS + 15_000, 40.0, vwap=7.0, taker_sell_count=1)  # of minute 2 there are real rows
    add(4 * MINUTE_MS, 50.0)  # alone: a row without trades of its own
    for minute in (6, 7):
        add(minute * MINUTE_MS, 60.0)
    flow = load_flow(empty, "x", "BTC", 0, 7 * MINUTE_MS)
    assert flow.trades is not None
    assert [*zip(flow.trades.timestamp_ms.tolist(), flow.trades.buy_notional.tolist(), strict=True)] == [
        (60_000, 1.0),
        (120_000, 2.0),
        (135_000, 40.0),
        (240_000, 50.0),
        (420_000, 60.0),
    ]
    assert flow.back_filled_ms.tolist() == [60_000, 120_000, 420_000]
    early = load_flow(empty, "x", "BTC", 0, 6 * MINUTE_MS + 59_999)
    assert early.trades is not None
    assert early.trades.timestamp_ms[-1] == 240_000


@pytest.mark.parametrize("cache", [False, True])
def test_klines_of_the_mark_price_are_loaded_up_to_the_end_and_of_this_symbol_alone(
    any_database: Database, cache: bool
) -> None:
    klines = replace(random_klines(10), volume=np.zeros(10))
    other = random_klines(10, seed=2)
    write_rows(any_database, "x", "BTC", mark_kline_rows(klines))
    write_rows(any_database, "x", "ETH", mark_kline_rows(other))
    write_rows(any_database, "y", "BTC", mark_kline_rows(other))
    for _ in range(2):
        for count in (10, 4):
            loaded = load_mark_klines(any_database, "X", "BTC", int(klines.open_ms[count - 1]), cache)
            assert loaded is not None
            assert_same(loaded, klines.slice(0, count))
        assert load_mark_klines(any_database, "x", "BTC", int(klines.open_ms[0]) - 1, cache) is None
        assert load_mark_klines(any_database, "x", "DOGE", int(klines.open_ms[9]), cache) is None


@pytest.mark.parametrize(
    "change",
    ["high_price = low_price / 2", "low_price = 0", "close_price = high_price * 2", "open_price = low_price / 2"],
)
def test_a_stored_kline_of_the_mark_price_that_is_impossible_is_an_error(
    any_database: Database, raw: Raw, change: str
) -> None:
    klines = random_klines(3)
    write_rows(any_database, "x", "BTC", mark_kline_rows(klines))
    raw.execute(f"update perp_mark_klines set {change} where timestamp = {klines.open_ms[1]}")
    with pytest.raises(
        DataError,
        match="rows of BTC on x in perp_mark_klines: 1 are impossible klines, the first at 2024-01-01 00:01:00 UTC",
    ):
        load_mark_klines(any_database, "x", "BTC", int(klines.open_ms[2]))


def test_a_database_without_the_constraints_gives_clear_errors(empty: Database, raw: Raw) -> None:
    raw.execute("drop table market_trades_aggregated")
    raw.execute(
        "create table market_trades_aggregated (exchange varchar(20), symbol varchar(20), timestamp bigint,"
        " taker_buy_volume numeric, taker_sell_volume numeric, taker_buy_notional numeric, taker_sell_notional numeric,"
        " vwap numeric, high_price numeric, low_price numeric, taker_sell_count integer)"
    )
    whole = dict.fromkeys(("taker_buy_volume", "taker_sell_volume", "taker_sell_notional"), 1.0)
    insert(raw, "market_trades_aggregated", **row(15_000, **whole))
    with pytest.raises(DataError, match=r"1 have no taker_buy_notional, the first at 1970-01-01 00:00:15 UTC"):
        load_flow(empty, "x", "BTC", 0, 20_000)
    raw.execute("update market_trades_aggregated set taker_buy_notional = 1")
    assert recorded(load_flow(empty, "x", "BTC", 0, 20_000)) == ["trades"]
    insert(raw, "market_trades_aggregated", **row(15_000, taker_buy_notional=1.0, **whole))
    with pytest.raises(DataError, match=r"1 are stored twice, the first at 1970-01-01 00:00:15 UTC"):
        load_flow(empty, "x", "BTC", 0, 20_000)
    raw.execute("alter table market_trades_aggregated drop column vwap")
    with pytest.raises(DataError, match="lacks the columns vwap"):
        load_flow(empty, "x", "BTC", 0, 20_000)


def test_the_regime_configuration_is_the_default_row_and_null_is_the_contracts_value(empty: Database, raw: Raw) -> None:
    assert load_regime_config(empty) == RegimeConfig()
    insert(raw, "market_regime_configs", name="other", is_default=False, trap_oi_z=-9.0)
    insert(raw, "market_regime_configs", name="mine", is_default=True, trap_oi_z=-2.5, breakout_cvd_z=None)
    insert(raw, "market_regime_configs", name="later", is_default=True, trap_oi_z=-3.5)
    assert load_regime_config(empty) == RegimeConfig(trap_oi_z=-2.5)


def test_a_market_has_its_flow_and_its_regime(market: Database) -> None:
    config = BacktestConfig(
        code="class Idle:\n    def should_trade(self, data):\n        return Decision('hold', 'BTC')\n",
        symbols=["BTC", "ETH"],
        start_time=START_MS,
        end_time=START_MS + DAY_MS,
        scheduled_interval="1h",
    )
    history = load_market(market, config)
    for symbol in ("BTC", "ETH"):
        known = history.symbols.get(symbol)
        assert known is not None
        assert known.flow.trades is not None
        assert known.flow.mark_price is not None
    assert history.regime == RegimeConfig()


def test_every_table_is_the_platforms(shared: Path, tmp_path: Path, reference: Path) -> None:
    """Same columns, types and keys in SQLite as the reference market has."""
    create_database(open_database(tmp_path / "own.db", create=True))

    def described(path: Path, table: str) -> tuple[Any, Any]:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute(f"pragma table_info({table})").fetchall()
            kept = [(name, kind.lower().replace(" ", ""), bool(need or key)) for _, name, kind, need, _, key in found]
            indexes = connection.execute(f"pragma index_list({table})").fetchall()
            keys = [[n for _, _, n in connection.execute(f"pragma index_info({i[1]})")] for i in indexes if i[2]]
        return kept, keys

    with closing(sqlite3.connect(reference)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    assert set(tables) <= set(metadata.tables)
    for table in tables:
        assert described(tmp_path / "own.db", table) == described(reference, table), table
