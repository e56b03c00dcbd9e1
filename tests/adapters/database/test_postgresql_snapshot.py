from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, make_url, text

import adapters.database.postgresql_database as postgresql_database
from adapters import Database, create_database, load_klines, open_database, read_klines, write_klines
from adapters.database import KLINES, METRICS, series_statement
from engine import DataError
from tests.support.databases import Raw, raw_database
from tests.support.klines import assert_same, random_klines

SERIES = ("x", "BTC", "1m")
COUNT = text("select count(*) from crypto_klines")


@pytest.fixture
def raw(postgresql_url: str) -> Iterator[Raw]:
    with raw_database(postgresql_url) as connection:
        yield connection


@pytest.fixture
def database(postgresql_url: str) -> Database:
    database = open_database(postgresql_url)
    create_database(database)
    write_klines(database, *SERIES, random_klines(10))
    return database


def with_setting(url: str, **changes: object) -> str:
    return make_url(url).set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]


def test_connections_at_the_same_time_see_one_state(database: Database) -> None:
    barrier = Barrier(4)

    def count(connection: Connection) -> tuple[int, int]:
        barrier.wait(20)
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        return pid, connection.execute(COUNT).scalar_one()

    with database.snapshot(KLINES) as snapshot:
        write_klines(database, *SERIES, random_klines(30))

        def read(_: int) -> tuple[int, int]:
            with snapshot.reading() as connection:
                return count(connection)

        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(read, range(4)))
    assert len({pid for pid, _ in found}) == 4
    assert {rows for _, rows in found} == {10}
    assert len(read_klines(database, *SERIES)) == 30


def test_a_table_that_is_filled_anew_is_old_or_new_and_never_empty(database: Database, raw: Raw) -> None:
    """Who truncates waits for the snapshots that have begun, in which the table would look empty."""
    refill = "truncate crypto_klines; insert into crypto_klines select * from spare"
    raw.execute("create table spare as select * from crypto_klines limit 5")
    with ThreadPoolExecutor(1) as threads, database.snapshot(METRICS, KLINES) as snapshot:
        refilled = threads.submit(raw.execute, refill)
        assert len(read_klines(snapshot, *SERIES)) == 10
        assert not refilled.done()
    refilled.result(20)
    assert len(read_klines(database, *SERIES)) == 5


def test_tables_that_stay_locked_are_an_error(database: Database, raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_database, "LOCK_PATIENCE_S", 0.2)
    raw.execute("begin")
    raw.execute("truncate crypto_klines")
    with pytest.raises(DataError, match="its tables have been locked all the time; try again later"):
        load_klines(database, *SERIES)
    raw.execute("rollback")
    assert len(load_klines(database, *SERIES)) == 10


def test_after_an_error_a_snapshot_gives_that_error_again(database: Database) -> None:
    with database.snapshot(KLINES) as snapshot:
        for statement in ("select no_such_column from crypto_klines", "select 1"):
            with pytest.raises(DataError, match="no_such_column"), snapshot.reading() as connection:
                connection.execute(text(statement))
    assert len(read_klines(database, *SERIES)) == 10


@pytest.fixture
def tenants(database: Database, postgresql_url: str, raw: Raw) -> Iterator[str]:
    """The URL of a user who sees the rows of the minute that the setting app.minute says, no row without it."""
    raw.execute("create role perpsim_tenant login")
    try:
        raw.execute("grant select on all tables in schema public to perpsim_tenant")
        raw.execute("alter table crypto_klines enable row level security")
        raw.execute(
            "create policy one_minute on crypto_klines using "
            "(timestamp / 60 % 10 = nullif(current_setting('app.minute', true), '')::int)"
        )
        yield with_setting(postgresql_url, username="perpsim_tenant")
    finally:
        raw.execute("drop owned by perpsim_tenant")
        raw.execute("drop role perpsim_tenant")


def volumes(url: str) -> list[float]:
    return load_klines(open_database(url), *SERIES).volume.tolist()


def test_options_of_the_url_are_part_of_the_key(tenants: str, private_cache: Path) -> None:
    stored = random_klines(10).volume
    minutes = {
        minute: f"{tenants}{'&' if '?' in tenants else '?'}options=-c%20app.minute%3D{minute}" for minute in (3, 4)
    }
    for _ in range(3):
        for minute, url in minutes.items():
            assert volumes(url) == [stored[minute]]
    assert len(list(private_cache.rglob("meta.json"))) == 2
    assert "app.minute" not in "".join(file.read_text() for file in private_cache.rglob("*.json"))


def test_a_setting_that_changes_on_the_server_is_seen_where_a_table_has_row_security(
    tenants: str, database: Database, raw: Raw, private_cache: Path
) -> None:
    stored = random_klines(10).volume
    reader = open_database(tenants)
    for minute in (3, 4, 3):
        raw.execute(f"alter role perpsim_tenant set app.minute = {minute}")
        assert [volumes(tenants) for _ in range(2)] == [[stored[minute]]] * 2
    assert reader.quick_fingerprint(series_statement(*SERIES)) is None
    assert not list(private_cache.rglob("states.json"))
    raw.execute("alter table crypto_klines disable row level security")
    assert reader.quick_fingerprint(series_statement(*SERIES)) is not None
    assert_same(load_klines(reader, *SERIES), random_klines(10))
