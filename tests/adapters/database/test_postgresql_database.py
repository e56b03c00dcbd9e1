from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import make_url, text

import adapters
from adapters import ColumnCache, load_klines, open_database, read_klines, write_klines
from adapters.database import TableRows, market_trades_aggregated, series_statement, write_rows
from engine import DataError, KlineColumns
from tests.support.databases import PLATFORM_TABLE, Raw, raw_database
from tests.support.klines import START_MS, assert_same, random_klines
from tests.support.patience import until

SERIES = ("x", "BTC", "1m")
ROOT = Path(adapters.__file__).parents[1]


#: The server may have other tests as guests.
OURS = "application_name = 'perpsim' and datname = current_database()"


@pytest.fixture
def raw(postgresql_url: str) -> Iterator[Raw]:
    with raw_database(postgresql_url) as connection:
        yield connection


def klines_of(values: np.ndarray) -> KlineColumns:
    times = START_MS + 60_000 * np.arange(len(values), dtype=np.int64)
    return KlineColumns(60_000, times, values, values, values, values, values)


def with_user(url: str, **changes: object) -> str:
    return make_url(url).set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]


def test_every_kind_of_double_comes_back_bit_for_bit(postgresql_url: str) -> None:
    bits = np.random.default_rng(5).integers(0, 2**63 - 1, 200_000, dtype=np.int64)
    values = bits.view(np.float64)
    values = np.concatenate((values[np.isfinite(values)], -values[:50], [5e-324, -0.0, 0.0, np.finfo(float).max]))
    klines = klines_of(values[np.isfinite(values)])
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, klines)
    found = read_klines(database, *SERIES)
    assert found.close.tobytes() == klines.close.tobytes()
    assert write_klines(database, *SERIES, klines).changed == 0


def test_a_value_that_a_column_cannot_hold_is_told_with_its_table_and_column(postgresql_url: str) -> None:
    counts = np.array([5, 3_000_000_000], np.int64)
    rows = TableRows(market_trades_aggregated, START_MS + 15_000 * np.arange(2), {"taker_buy_count": counts})
    with pytest.raises(DataError, match=r"market_trades_aggregated\.taker_buy_count: a value is too large"):
        write_rows(open_database(postgresql_url), "x", "BTC", [rows])


def test_infinity_and_not_a_number_are_read_as_they_are(postgresql_url: str, raw: Raw) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(3))
    for place, value in enumerate(("Infinity", "-Infinity", "NaN"), start=1):
        raw.execute(f"update crypto_klines set volume = '{value}' where id = {place}")
    with database.reading() as connection:
        volume = database.read_columns(connection, series_statement(*SERIES))["volume"]
    np.testing.assert_array_equal(volume, [np.inf, -np.inf, np.nan])


def test_exact_decimals_of_a_platform_are_read_as_the_nearest_doubles(postgresql_url: str, raw: Raw) -> None:
    raw.execute(PLATFORM_TABLE)
    values = np.round(np.random.default_rng(6).random(2000) * 10.0 ** np.arange(2000).__mod__(9), 6)
    database = open_database(postgresql_url, allow_rounding=True)
    write_klines(database, *SERIES, klines_of(values))
    np.testing.assert_array_equal(read_klines(database, *SERIES).close, values)
    texts = [row[0] for row in raw.execute("select close_price::text from crypto_klines order by timestamp")]
    assert [float(each) for each in texts] == values.tolist()


def test_rounding_is_refused_unless_it_is_allowed(postgresql_url: str, raw: Raw) -> None:
    raw.execute(PLATFORM_TABLE)
    exact, inexact = np.array([1.25, 104000.5]), np.array([1.25, 1 / 3])
    assert write_klines(open_database(postgresql_url), *SERIES, klines_of(exact)).inserted == 2
    with pytest.raises(DataError, match=r"open_price as numeric\(18,6\), which would round 1 .*--allow-rounding"):
        write_klines(open_database(postgresql_url), *SERIES, klines_of(inexact))
    assert read_klines(open_database(postgresql_url), *SERIES).close.tolist() == exact.tolist()
    rounding = open_database(postgresql_url, allow_rounding=True)
    assert write_klines(rounding, *SERIES, klines_of(inexact)).changed == 1
    assert write_klines(rounding, *SERIES, klines_of(inexact)).unchanged == 2
    assert read_klines(rounding, *SERIES).close.tolist() == [1.25, 0.333333]


def test_read_only_is_the_servers_word(postgresql_url: str) -> None:
    write_klines(open_database(postgresql_url), *SERIES, random_klines(3))
    database = open_database(postgresql_url, read_only=True)
    with pytest.raises(DataError, match="cannot be written: this connection or server is read-only"):
        write_klines(database, *SERIES, random_klines(5))
    with pytest.raises(DataError, match="read-only"), database.writing() as connection:
        connection.execute(text("delete from crypto_klines"))
    assert len(read_klines(database, *SERIES)) == 3


def test_one_reading_sees_one_state(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(10))
    count = text("select count(*) from crypto_klines")
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 10
        write_klines(database, *SERIES, random_klines(30))
        assert connection.execute(count).scalar_one() == 10


def loaded_at(url: str) -> Any:
    """When the server read its settings last, as someone learns who comes now."""
    with raw_database(url) as raw:
        return raw.execute("select pg_conf_load_time()")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"database": "no_such_database"}, "no such database on this server; make it with createdb"),
        ({"username": "perpsim_locked", "password": "wrong geheim"}, "the password is wrong"),
        ({"username": "perpsim_locked"}, "the server wants a password"),
        ({"username": "no_such_user"}, "no_such_user"),
        ({"query": {"host": "/no/such/folder"}}, "no PostgreSQL server answers there"),
        ({"query": {"no_such_option": "geheim"}}, "no_such_option"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_a_one_line_error(
    postgresql_url: str, raw: Raw, changes: dict[str, object], problem: str
) -> None:
    if os.environ.get("PERPSIM_TEST_DATABASE"):
        pytest.skip("changes the server's settings")
    (data_directory,) = raw.execute("show data_directory")[0]
    access = Path(data_directory) / "pg_hba.conf"
    before = access.read_text()
    raw.execute("create role perpsim_locked login password 'geheim'")
    try:
        access.write_text("local all perpsim_locked scram-sha-256\n" + before)
        loaded = loaded_at(postgresql_url)
        raw.execute("select pg_reload_conf()")
        until(lambda: loaded_at(postgresql_url) != loaded)
        with pytest.raises(DataError, match=problem) as caught:
            open_database(with_user(postgresql_url, **changes))
    finally:
        access.write_text(before)
        raw.execute("select pg_reload_conf()")
        raw.execute("drop role perpsim_locked")
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_server_that_goes_away_while_it_is_read_is_an_error(postgresql_url: str, raw: Raw) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(10))

    def read_and_lose() -> None:
        with database.reading() as connection:
            (pid,) = connection.execute(text("select pg_backend_pid()")).one()
            raw.execute("select pg_terminate_backend(:pid, 5000)", pid=pid)
            database.read_columns(connection, series_statement(*SERIES))

    with pytest.raises(DataError, match="the server went away in the middle"):
        read_and_lose()
    assert len(read_klines(database, *SERIES)) == 10


def test_a_server_that_goes_away_in_an_import_leaves_nothing(postgresql_url: str, raw: Raw) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(10))
    others = f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where {OURS}"
    with pytest.raises(DataError, match="the server went away in the middle; nothing was written"):
        write_klines(database, *SERIES, random_klines(60_000), progress=lambda done: raw.execute(others) and None)
    assert_same(read_klines(database, *SERIES), random_klines(10))


def test_a_row_that_somebody_else_stores_meanwhile_is_there_once(postgresql_url: str, raw: Raw) -> None:
    database, klines = open_database(postgresql_url), random_klines(40)
    write_klines(database, *SERIES, klines.slice(0, 20))
    raw.execute("begin")
    raw.execute(
        "insert into crypto_klines (exchange, symbol, market, period, timestamp, datetime_str, environment, open_price)"
        f" values ('x', 'BTC', 'CRYPTO', '1m', {klines.open_ms[30] // 1000}, '', 'mainnet', 7)"
    )
    waiting = f"select pid from pg_stat_activity where wait_event_type = 'Lock' and {OURS}"
    with ThreadPoolExecutor(1) as threads, raw_database(postgresql_url) as other:
        written = threads.submit(write_klines, database, *SERIES, klines.slice(20, 40))
        until(lambda: other.execute(waiting))
        raw.execute("commit")
        assert written.result().unchanged == 0
    assert_same(read_klines(database, *SERIES), klines)


KILLED = """
import os, sys
from adapters import open_database, write_klines
from tests.support.klines import random_klines
write_klines(open_database(sys.argv[1]), "x", "BTC", "1m", random_klines(60_000), lambda done: os.kill(os.getpid(), 9))
"""


def test_an_import_that_is_killed_leaves_nothing(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    write_klines(database, *SERIES, random_klines(10))
    done = subprocess.run([sys.executable, "-c", KILLED, any_database_url], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert_same(read_klines(database, *SERIES), random_klines(10))
    assert write_klines(database, *SERIES, random_klines(20)).inserted == 10


WRITER = """
import sys
from adapters import open_database, write_klines
from tests.support.klines import random_klines
for seed in range(8):
    write_klines(open_database(sys.argv[1]), "x", "BTC", "1m", random_klines(5000, seed))
"""


def test_importing_and_running_at_once_work_or_wait(any_database_url: str) -> None:
    """Every load sees the klines of one import, whole, through the cache or not."""
    database = open_database(any_database_url, create=True)
    write_klines(database, *SERIES, random_klines(5000, 0))
    whole = {random_klines(5000, seed).close.tobytes() for seed in range(8)}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, any_database_url], cwd=ROOT) for _ in range(2)]
    loads = 0
    while any(writer.poll() is None for writer in writers):
        reader = open_database(any_database_url, read_only=True)
        assert load_klines(reader, *SERIES, cache=bool(loads % 3)).close.tobytes() in whole
        loads += 1
    assert [writer.returncode for writer in writers] == [0, 0]
    assert loads > 3
    assert_same(load_klines(database, *SERIES), read_klines(database, *SERIES))


def test_truncate_and_the_same_count_again_is_seen(postgresql_url: str, raw: Raw) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(100, 1))
    load_klines(database, *SERIES)
    raw.execute("truncate crypto_klines")
    write_klines(database, *SERIES, random_klines(100, 2))
    assert_same(load_klines(database, *SERIES), random_klines(100, 2))


def test_an_early_transaction_that_commits_late_is_seen(postgresql_url: str, raw: Raw) -> None:
    """Its number is lower than that of the newest row, and the count does not change."""
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(100))
    raw.execute("begin")
    raw.execute("update crypto_klines set close_price = 7 where id = 5")
    with raw_database(postgresql_url) as other:
        other.execute("update crypto_klines set close_price = 8 where id = 9")
    assert load_klines(database, *SERIES).close[[4, 8]].tolist() == [random_klines(100).close[4], 8]
    raw.execute("commit")
    assert load_klines(database, *SERIES).close[[4, 8]].tolist() == [7, 8]


def test_a_change_elsewhere_needs_no_second_load(postgresql_url: str, raw: Raw, private_cache: Path) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(100))
    load_klines(database, *SERIES)
    states = set()
    for _ in range(2):
        raw.execute("create table other_table (a integer)")
        raw.execute("drop table other_table")
        assert isinstance(load_klines(database, *SERIES).close.base, np.memmap | np.ndarray)
        states.update(file.read_text() for file in private_cache.rglob("states.json"))
    assert len(states) == 2
    assert len(list(private_cache.rglob("meta.json"))) == 1


def test_a_damaged_note_is_not_used(postgresql_url: str, private_cache: Path) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(100))
    load_klines(database, *SERIES)
    (note,) = private_cache.rglob("states.json")
    for damaged in ("", "{}", note.read_text().replace("hash", "hush"), note.read_text()[:-5]):
        note.write_text(damaged)
        assert_same(load_klines(database, *SERIES), random_klines(100))


def test_a_view_is_read_but_not_cached(postgresql_url: str, raw: Raw, private_cache: Path) -> None:
    database = open_database(postgresql_url)
    write_klines(database, *SERIES, random_klines(10))
    raw.execute("alter table crypto_klines rename to stored")
    raw.execute("create view crypto_klines as select * from stored")
    assert_same(load_klines(database, *SERIES), random_klines(10))
    assert database.fingerprint(series_statement(*SERIES)) is None
    assert not ColumnCache().clear()


def test_a_user_who_may_only_read_can_run(postgresql_url: str, raw: Raw) -> None:
    write_klines(open_database(postgresql_url), *SERIES, random_klines(10))
    raw.execute("create role perpsim_reader login")
    try:
        raw.execute("grant select on all tables in schema public to perpsim_reader")
        reader = open_database(with_user(postgresql_url, username="perpsim_reader"))
        assert reader.quick_fingerprint(series_statement(*SERIES)) is not None
        for _ in range(2):
            assert_same(load_klines(reader, *SERIES), random_klines(10))
        with pytest.raises(DataError, match="permission denied"):
            write_klines(reader, *SERIES, random_klines(20))
    finally:
        raw.execute("drop owned by perpsim_reader")
        raw.execute("drop role perpsim_reader")
