from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

import adapters.database.sqlite_database as sqlite_database
from adapters import load_klines, open_database, read_klines, stored_series, write_klines
from adapters.database import crypto_klines
from engine import DataError
from tests.conftest import ROOT
from tests.support.klines import assert_same, random_klines
from tests.support.patience import PATIENCE_S

KLINES = random_klines(10)


def modes(path: Path) -> tuple[str, int]:
    with sqlite3.connect(path) as raw:
        found = raw.execute("PRAGMA journal_mode").fetchone()[0], raw.execute("PRAGMA application_id").fetchone()[0]
    raw.close()
    return found


def foreign_database(path: Path) -> Path:
    """A file that perpsim has not made, in SQLite's default modes, with an empty table of klines."""
    raw = sqlite3.connect(path)
    raw.execute(
        "create table crypto_klines (id integer primary key,"
        " exchange varchar(20) not null, symbol varchar(20) not null, market varchar(10) not null,"
        " period varchar(10) not null, timestamp integer not null, datetime_str varchar(50) not null,"
        " environment varchar(20) not null, open_price decimal(18,6), high_price decimal(18,6),"
        " low_price decimal(18,6), close_price decimal(18,6), volume decimal(18,2), amount decimal(18,2),"
        " change decimal(18,6), percent decimal(10,4), created_at timestamp default current_timestamp,"
        " unique (exchange, symbol, market, period, timestamp, environment))"
    )
    raw.close()
    return path


def test_a_missing_file_is_an_error_that_names_it_and_the_command(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    with pytest.raises(DataError, match=r"none\.db; perpsim import, synth or database create makes it"):
        open_database(f"sqlite:///{missing}")
    assert not missing.exists()


def test_reading_creates_no_table(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    open_database(f"sqlite:///{path}", create=True)
    with pytest.raises(DataError, match="has no table crypto_klines; perpsim import"):
        stored_series(open_database(path, read_only=True))


def test_a_relative_url_and_a_plain_path_count_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_klines(open_database("sqlite:///market.db", create=True), "x", "BTC", "1m", KLINES)
    assert (tmp_path / "market.db").exists()
    assert_same(read_klines(open_database("market.db", read_only=True), "x", "BTC", "1m"), KLINES)


def test_any_path_works(tmp_path: Path) -> None:
    path = tmp_path / "a b #1 100% ?.db"
    write_klines(open_database(path, create=True), "x", "BTC", "1m", KLINES)
    assert path.exists()
    assert_same(read_klines(open_database(path, read_only=True), "x", "BTC", "1m"), KLINES)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://market.db", "two slashes"),
        ("sqlite:market.db", "not a database URL"),
        ("sqlite:///market.db?mode=ro", "options in the URL"),
        ("oracle://somewhere/db", "sqlite:///FILE"),
        ("mysql://me:geheim@somewhere/db", "mysql databases cannot be used"),
        ("nonsense://me:geheim@somewhere/db", "cannot be used"),
        ("postgresql://me:geheim@localhost:1/db", "no PostgreSQL server answers there"),
        ("postgresql+psycopg2://me:geheim@localhost:1/db", "no PostgreSQL server answers there"),
        ("postgres://me:geheim@localhost:1/db?password=geheim", "no PostgreSQL server answers there"),
        ("postgresql://me:geheim@localhost:1/db?sslmode=geheim", "sslmode"),
        ("postgresql://me:geheim@[somewhere/db", "no PostgreSQL server answers there"),
        ("postgresql:me:geheim@localhost", "not a database URL"),
        ("postgresql://me:geheim@somewhere:port/db", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_used_is_a_one_line_error_without_the_password(url: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        open_database(url)
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    path.write_text("timestamp,open,high,low,close,volume\n" * 100)
    for create in (False, True):
        with pytest.raises(DataError, match=r"klines\.csv: is not an SQLite database"):
            open_database(path, create=create)
    assert path.read_text().startswith("timestamp")


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    write_klines(open_database(path, create=True), "x", "BTC", "1m", random_klines(5000))
    data = bytearray(path.read_bytes())
    data[8192:-4096] = os.urandom(len(data) - 8192 - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="is damaged"):
        read_klines(open_database(path), "x", "BTC", "1m")


def test_a_folder_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        open_database(tmp_path)
    with pytest.raises(DataError, match=r"there is no folder .*deep to create market\.db in"):
        open_database(tmp_path / "deep" / "market.db", create=True)


def test_a_name_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too long"):
        open_database(tmp_path / ("x" * 300))


@pytest.mark.parametrize("create", [False, True])
def test_hard_links_of_a_file_with_a_log_are_refused(tmp_path: Path, create: bool) -> None:
    """What is written under one name stands in a log of which the other knows nothing."""
    path, other = tmp_path / "market.db", tmp_path / "other.db"
    write_klines(open_database(path, create=True), "x", "BTC", "1m", KLINES)
    other.hardlink_to(path)
    for name in (path, other):
        with pytest.raises(DataError, match=r"several names \(hard links\) .* use a copy of the file"):
            open_database(name, create=create)
    other.unlink()
    assert_same(read_klines(open_database(path, create=create), "x", "BTC", "1m"), KLINES)


def test_hard_links_of_a_file_without_a_log_are_as_good_as_one(tmp_path: Path) -> None:
    path, other = foreign_database(tmp_path / "market.db"), tmp_path / "other.db"
    other.hardlink_to(path)
    for count in (5, 10):
        write_klines(open_database(path), "x", "BTC", "1m", KLINES.slice(0, count))
        assert_same(load_klines(open_database(other), "x", "BTC", "1m"), KLINES.slice(0, count))


@pytest.mark.parametrize("name", ["loop.db", "a\0b.db"])
def test_a_path_that_leads_nowhere_is_a_one_line_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.db").symlink_to("loop.db")
    with pytest.raises(DataError) as caught:
        open_database(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_database_is_created_behind_a_link_to_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to("market.db")
    write_klines(open_database(tmp_path / "link.db", create=True), "x", "BTC", "1m", KLINES)
    assert_same(read_klines(open_database(tmp_path / "market.db"), "x", "BTC", "1m"), KLINES)


def test_only_files_that_perpsim_made_get_the_write_ahead_log(tmp_path: Path) -> None:
    own, foreign = tmp_path / "own.db", foreign_database(tmp_path / "foreign.db")
    for path in (own, foreign):
        database = open_database(path, create=True)
        write_klines(database, "x", "BTC", "1m", KLINES)
        with database.reading() as connection:
            synchronous = connection.execute(text("PRAGMA synchronous")).scalar_one()
        assert synchronous == (1 if path == own else 2)
    assert modes(own) == ("wal", sqlite_database.APPLICATION_ID)
    assert modes(foreign) == ("delete", 0)


def test_an_empty_file_is_taken_as_new(tmp_path: Path) -> None:
    path = tmp_path / "touched.db"
    path.touch()
    open_database(path, create=True)
    assert modes(path) == ("wal", sqlite_database.APPLICATION_ID)


def test_a_read_only_database_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    write_klines(open_database(path, create=True), "x", "BTC", "1m", KLINES)
    with pytest.raises(DataError, match="cannot be written"):
        write_klines(open_database(path, read_only=True), "x", "BTC", "1m", random_klines(20))


def test_an_exception_undoes_a_transaction(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)

    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_klines(database, "x", "BTC", "1m", KLINES, progress=interrupt)
    with database.reading() as connection, pytest.raises(DataError, match="no table"):
        database.require_table(connection, crypto_klines)


def test_many_rows_are_written_with_one_statement(tmp_path: Path) -> None:
    database, said = open_database(tmp_path / "market.db", create=True), list[str]()
    write_klines(database, "x", "BTC", "1m", KLINES)
    count = 3 * (999 // 7) + 2  # seven values a kline that are not the same in all of them
    table = {"exchange": "x", "symbol": "BTC", "market": "CRYPTO", "period": "5m", "environment": "mainnet"}
    prices = {name: np.arange(count) / 3 for name in ("open_price", "high_price", "low_price", "close_price", "volume")}
    columns = {**table, "timestamp": np.arange(count), "datetime_str": ["then"] * count, **prices}
    with database.writing() as connection:
        connection.connection.dbapi_connection.set_trace_callback(said.append)  # type: ignore[union-attr]
        assert database.upsert(connection, crypto_klines, columns) == count
    assert sum(statement.startswith("INSERT") for statement in said) == 3 + 2


def test_a_table_with_other_columns_is_an_error_that_names_them(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw = sqlite3.connect(path)
    raw.execute("create table crypto_klines (id integer primary key, exchange text, symbol text)")
    raw.close()
    with pytest.raises(DataError, match="lacks the columns market, period, timestamp"):
        read_klines(open_database(path), "x", "BTC", "1m")


def waits_until(work: Callable[[], Any], release: Callable[[], Any]) -> Any:
    """Let something wait in a thread for what only `release` ends; its result."""
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(work)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        release()
        return waiting.result(PATIENCE_S)


@pytest.mark.parametrize("foreign", [False, True])
def test_a_writer_waits_for_another_one(tmp_path: Path, foreign: bool) -> None:
    path = tmp_path / "market.db"
    if foreign:
        foreign_database(path)
    database = open_database(path, create=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = waits_until(lambda: write_klines(database, "x", "BTC", "1m", KLINES), lambda: other.execute("COMMIT"))
    assert done.inserted == 10
    other.close()


def test_a_reader_waits_for_an_exclusive_lock(tmp_path: Path) -> None:
    path = foreign_database(tmp_path / "market.db")
    database = open_database(path)
    write_klines(database, "x", "BTC", "1m", KLINES)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    read = lambda: read_klines(open_database(path, read_only=True), "x", "BTC", "1m")  # noqa: E731
    assert_same(waits_until(read, lambda: other.execute("COMMIT")), KLINES)
    other.close()


def test_a_lock_that_is_never_given_up_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_database, "LOCK_PATIENCE_S", 0.1)
    path = tmp_path / "market.db"
    database = open_database(path, create=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DataError, match="another process has kept it locked"):
        write_klines(database, "x", "BTC", "1m", KLINES)
    other.close()


def test_a_reader_sees_one_state_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    database = open_database(path, create=True)
    write_klines(database, "x", "BTC", "1m", KLINES)
    count = text("select count(*) from crypto_klines")
    with open_database(path, read_only=True).reading() as connection:
        assert connection.execute(count).scalar_one() == 10
        write_klines(database, "x", "BTC", "1m", random_klines(30))
        assert connection.execute(count).scalar_one() == 10


CRASH = """
import os, sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA cache_size = 5")
raw.execute("BEGIN IMMEDIATE")
raw.execute("update crypto_klines set close_price = 1")
os._exit(9)
"""


@pytest.mark.parametrize("foreign", [False, True])
def test_what_a_killed_writer_left_half_done_is_undone(tmp_path: Path, foreign: bool) -> None:
    path = tmp_path / "market.db"
    if foreign:
        foreign_database(path)
    klines = random_klines(5000)
    write_klines(open_database(path, create=True), "x", "BTC", "1m", klines)
    assert subprocess.run([sys.executable, "-c", CRASH, str(path)], check=False).returncode == 9
    assert path.with_name("market.db-journal").exists() == foreign
    assert_same(read_klines(open_database(path, read_only=True), "x", "BTC", "1m"), klines)


READ_AS_NOBODY = """
import os, sys
from adapters import load_klines, open_database, stored_series
stored_series(open_database(sys.argv[1], read_only=True))  # imports all, and leaves the side files behind
for side in ("-wal", "-shm"):
    os.remove(sys.argv[1] + side)
os.setresuid(65534, 65534, 65534)
print(stored_series(open_database(sys.argv[1], read_only=True))[0].count)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to become somebody without rights")
def test_a_file_in_a_folder_that_cannot_be_written_is_readable() -> None:
    import adapters

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "market.db"
        write_klines(open_database(path, create=True), "x", "BTC", "1m", KLINES)
        command = [sys.executable, "-c", READ_AS_NOBODY, str(path)]
        root = Path(adapters.__file__).parents[1]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.stdout == "10\n", done.stderr
        assert [file.name for file in Path(folder).iterdir()] == ["market.db"]


WAIT = """
import sys
from adapters import open_database, write_klines
from adapters.runs import interruptible
from sqlalchemy import text
from tests.support.klines import random_klines

database = open_database(sys.argv[1])
try:
    with interruptible():
        print("works", flush=True)
        if sys.argv[2] == "commit":
            write_klines(database, "x", "BTC", "1m", random_klines(50, seed=3))
        else:
            import numpy as np
            from adapters.database.sqlite_database import _ask, _raw
            from adapters.database.sqlite_pages import read_numbers
            endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
            with database.reading() as connection:
                if sys.argv[2] == "numbers":
                    read_numbers(_raw(connection), endless, [], np.dtype([("i", "i8")]))
                else:
                    _ask(_raw(connection), endless)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("kind", ["commit", "statement", "numbers"])
def test_ctrl_c_is_heard_while_a_commit_waits_for_a_reader_and_in_a_long_statement(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as raw:
        raw.execute("create table seen (a)")
        raw.commit()
    write_klines(open_database(place), "x", "BTC", "1m", random_klines(50, seed=2))
    with closing(sqlite3.connect(place, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from crypto_klines").fetchall()
        process = subprocess.Popen(
            [sys.executable, "-c", WAIT, f"sqlite:///{place}", kind], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "works\n"
            time.sleep(1.0)
            assert process.poll() is None
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
            assert time.monotonic() - began < 2.0
    assert_same(read_klines(open_database(place), "x", "BTC", "1m"), random_klines(50, seed=2))


@pytest.mark.parametrize("create", [False, True])
def test_a_pipe_is_refused_before_sqlite_waits_for_it(tmp_path: Path, create: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="is a pipe, a socket or a device, not a database file"):
        open_database(tmp_path / "pipe", create=create)
