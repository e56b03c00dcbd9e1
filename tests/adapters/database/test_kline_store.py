from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from adapters import (
    Database,
    StoredSeries,
    WriteCounts,
    open_database,
    read_klines,
    read_rows,
    require_series,
    stored_periods,
    stored_series,
    write_klines,
)
from engine import DataError, KlineColumns
from tests.support.databases import Raw
from tests.support.klines import START_MS, assert_same, random_klines


@pytest.fixture
def database(any_database: Database) -> Database:
    return any_database


def test_klines_come_back_bit_for_bit(database: Database) -> None:
    klines = random_klines(50_001)
    assert write_klines(database, "binance", "BTC", "1m", klines) == WriteCounts(50_001, 0, 0)
    assert_same(read_klines(database, "binance", "BTC", "1m"), klines)


def test_extreme_numbers_come_back_bit_for_bit(database: Database) -> None:
    values = np.array([5e-324, 0.1, 1 / 3, 1.0, 2.0**53, 1e300, 0.0, 123456789012.123456])
    times = START_MS + 60_000 * np.arange(len(values))
    klines = KlineColumns(60_000, times, values, values, values, values, values)
    write_klines(database, "binance", "BTC", "1m", klines)
    assert_same(read_klines(database, "binance", "BTC", "1m"), klines)


def test_writing_twice_changes_nothing(database: Database, raw: Raw) -> None:
    klines = random_klines(1000)
    write_klines(database, "binance", "BTC", "1m", klines)
    before = raw.execute("select * from crypto_klines order by id")
    assert write_klines(database, "binance", "BTC", "1m", klines) == WriteCounts(0, 0, 1000)
    assert raw.execute("select * from crypto_klines order by id") == before


def test_only_what_differs_is_changed(database: Database) -> None:
    klines = random_klines(100)
    write_klines(database, "binance", "BTC", "1m", klines.slice(0, 80))
    close = klines.close.copy()
    close[70] *= 1.0001
    columns = (klines.open_ms, klines.open, klines.high * 2, klines.low / 2, close, klines.volume)
    changed = KlineColumns(60_000, *columns)
    assert write_klines(database, "binance", "BTC", "1m", klines) == WriteCounts(20, 0, 80)
    assert write_klines(database, "binance", "BTC", "1m", changed.slice(70, 71)) == WriteCounts(0, 1, 0)
    assert read_klines(database, "binance", "BTC", "1m").close[70] == close[70]


def test_several_columns_are_one_series_in_one_transaction(database: Database) -> None:
    klines = random_klines(50_000)
    done: list[int] = []
    counts = write_klines(
        database, "binance", "BTC", "1m", (klines.slice(a, a + 25_000) for a in (0, 25_000)), done.append
    )
    assert counts == WriteCounts(50_000, 0, 0)
    assert sum(done) == 50_000
    assert max(done) <= 20_000


def test_rows_look_as_the_platform_writes_them(database: Database, raw: Raw) -> None:
    write_klines(database, " Binance ", "BTC", "1m", random_klines(1))
    row = raw.execute(
        "select exchange, symbol, market, period, timestamp, datetime_str, environment from crypto_klines"
    )
    assert row == [("binance", "BTC", "CRYPTO", "1m", START_MS // 1000, "2024-01-01 00:00:00", "mainnet")]


def test_the_reference_market_is_read_as_it_is(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "reference.db"
    runpy.run_path(str(shared / "reference" / "make_reference_db.py"))["main"](1, str(path))
    before = path.read_bytes()
    database = open_database(path, read_only=True)
    assert stored_periods(database, "hyperliquid", "ETH") == ["1m", "5m", "15m", "1h", "4h", "1d"]
    klines = read_klines(database, "Hyperliquid", "ETH", "1m")
    assert len(klines) == 520 + 1440
    assert klines.open_ms[520] == 1_748_736_000_000
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["reference.db"]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [(0, 60_000, 0, 1), (1, 60_001, 1, 2), (60_000, 180_000, 1, 3), (None, 120_000, 0, 2), (540_000, None, 9, 10)],
)
def test_a_range_includes_its_start_and_not_its_end(
    database: Database, start: int | None, end: int | None, first: int, last: int
) -> None:
    klines = random_klines(10)
    write_klines(database, "binance", "BTC", "1m", klines)
    wanted = [None if edge is None else START_MS + edge for edge in (start, end)]
    assert_same(read_klines(database, "binance", "BTC", "1m", *wanted), klines.slice(first, last))


def test_only_rows_of_the_mainnet_and_the_crypto_market_count(database: Database, raw: Raw) -> None:
    write_klines(database, "binance", "BTC", "1m", random_klines(3))
    names = "exchange, symbol, period, timestamp, datetime_str, close_price"
    for market, environment in (("CRYPTO", "testnet"), ("STOCK", "mainnet")):
        raw.execute(
            f"insert into crypto_klines ({names}, market, environment) select {names}, '{market}', '{environment}'"
            " from crypto_klines where environment = 'mainnet' and market = 'CRYPTO'"
        )
    assert len(read_klines(database, "binance", "BTC", "1m")) == 3
    assert [series.count for series in stored_series(database)] == [3]


def test_stored_series_are_listed(database: Database) -> None:
    write_klines(database, "okx", "BTC", "1h", random_klines(2, period="1h"))
    write_klines(database, "okx", "BTC", "5m", random_klines(3, period="5m"))
    write_klines(database, "binance", "ETH", "1m", random_klines(4))
    assert stored_series(database) == [
        StoredSeries("binance", "ETH", "1m", 4, START_MS, START_MS + 180_000),
        StoredSeries("okx", "BTC", "5m", 3, START_MS, START_MS + 600_000),
        StoredSeries("okx", "BTC", "1h", 2, START_MS, START_MS + 3_600_000),
    ]


@pytest.mark.parametrize(
    "wrong", [("okx", "DOGE", "5m"), ("kraken", "BTC", "5m"), ("okx", "BTC", "1m"), ("okx", "btc", "5m")]
)
def test_a_wrong_name_is_answered_with_what_is_stored(database: Database, wrong: tuple[str, str, str]) -> None:
    write_klines(database, "okx", "BTC", "5m", random_klines(3, period="5m"))
    write_klines(database, "okx", "ETH", "5m", random_klines(3, period="5m"))
    require_series(database, "OKX", "BTC", "5m")
    with pytest.raises(DataError, match=r"stored: okx: BTC \(5m\), ETH \(5m\)$"):
        require_series(database, *wrong)


def test_an_unknown_period_is_an_error_that_lists_the_periods(database: Database) -> None:
    with pytest.raises(DataError, match=r"no period '7m'; periods are 1m, 3m"):
        require_series(database, "okx", "BTC", "7m")


@pytest.mark.parametrize(
    ("exchange", "symbol", "period", "klines", "problem"),
    [
        ("", "BTC", "1m", random_klines(1), "exchange ''"),
        ("x", "", "1m", random_klines(1), "symbol ''"),
        ("x", "B" * 21, "1m", random_klines(1), "1 to 20 characters"),
        ("x", "BTC", "1h", random_klines(1), "60000 ms cannot be stored with the period 1h"),
        ("x", "BTC", "1m", random_klines(1, start_ms=START_MS + 1), "whole seconds"),
        ("x", "BTC", "1m", KlineColumns(60_000, *[np.array([START_MS])], *[np.array([np.nan])] * 5), "not finite"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    database: Database, exchange: str, symbol: str, period: str, klines: KlineColumns, problem: str
) -> None:
    with pytest.raises(DataError, match=problem):
        write_klines(database, exchange, symbol, period, klines)


def test_a_table_without_the_unique_key_cannot_be_written_but_read(database: Database, raw: Raw) -> None:
    klines = random_klines(5)
    write_klines(database, "x", "BTC", "1m", klines)
    raw.execute("create table copied as select * from crypto_klines")
    raw.execute("drop table crypto_klines")
    raw.execute("alter table copied rename to crypto_klines")
    assert_same(read_klines(database, "x", "BTC", "1m"), klines)
    with pytest.raises(DataError, match="UNIQUE constraint"):
        write_klines(database, "x", "BTC", "1m", klines)
    raw.execute(f"insert into crypto_klines select * from crypto_klines where timestamp = {START_MS // 1000}")
    with pytest.raises(DataError, match="1 are stored twice, the first at 2024-01-01 00:00:00 UTC"):
        read_klines(database, "x", "BTC", "1m")
    assert len(read_rows(database, "x", "BTC", "1m").open_ms) == 6


def test_a_missing_value_is_an_error_that_names_it(database: Database, raw: Raw) -> None:
    write_klines(database, "x", "BTC", "1m", random_klines(5))
    raw.execute(f"update crypto_klines set low_price = null where timestamp = {START_MS // 1000 + 60}")
    with pytest.raises(DataError, match="1 have no low, the first at 2024-01-01 00:01:00 UTC"):
        read_klines(database, "x", "BTC", "1m")
    assert np.isnan(read_rows(database, "x", "BTC", "1m").low).tolist() == [False, True, False, False, False]


def test_text_among_the_prices_is_an_error(database: Database, raw: Raw, any_database_url: str) -> None:
    write_klines(database, "x", "BTC", "1m", random_klines(5))
    if any_database_url.startswith("postgresql"):
        raw.execute("alter table crypto_klines alter close_price type text")
    raw.execute(f"update crypto_klines set close_price = 'n/a' where timestamp = {START_MS // 1000}")
    with pytest.raises(DataError, match="'n/a'"):
        read_klines(database, "x", "BTC", "1m")


def test_a_series_can_be_protected_from_another_one(database: Database) -> None:
    klines = random_klines(100)
    assert write_klines(database, "x", "BTC", "1m", klines.slice(0, 50), only_extend=True).inserted == 50
    assert write_klines(database, "x", "BTC", "1m", klines, only_extend=True) == WriteCounts(50, 0, 50)
    other = random_klines(200, seed=2)
    for part in (other, other.slice(150, 200)):
        with pytest.raises(DataError, match="holds other 1m klines of BTC on x"):
            write_klines(database, "x", "BTC", "1m", part, only_extend=True)
    assert_same(read_klines(database, "x", "BTC", "1m"), klines)


@pytest.mark.parametrize("name", ["x' or 1=1 --", "A ON CONFLICT (B) DO", "A VALUES (?, 'B", "?, :timestamp"])
def test_names_are_values_and_never_sql(database: Database, name: str) -> None:
    write_klines(database, "x", "BTC", "1m", random_klines(3))
    write_klines(database, name, name, "1m", random_klines(200))
    assert len(read_klines(database, name, name, "1m")) == 200
    assert len(read_klines(database, "y' or 1=1 --", name, "1m")) == 0
    assert len(read_klines(database, "x", "BTC", "1m")) == 3


@pytest.mark.parametrize("count", [1, 141, 142, 143, 285])
def test_any_number_of_klines_is_written(database: Database, count: int) -> None:
    klines = random_klines(count)
    assert write_klines(database, "x", "BTC", "1m", klines) == WriteCounts(count, 0, 0)
    assert_same(read_klines(database, "x", "BTC", "1m"), klines)
