from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from adapters import ColumnCache, Database, load_klines, open_database, read_klines, write_klines
from adapters.database import series_statement
from engine import DataError, KlineColumns
from tests.support.databases import Raw
from tests.support.klines import START_MS, assert_same, random_klines

pytestmark = pytest.mark.usefixtures("settled")

KEY = {"table": "t", "symbol": "BTC"}
STATE = {"size": 1, "log": ""}
COLUMNS = {"time": np.arange(5), "price": np.linspace(1, 2, 5)}
SERIES = ("x", "BTC", "1m")


@pytest.fixture
def cache(tmp_path: Path) -> ColumnCache:
    return ColumnCache(tmp_path / "columns")


@pytest.fixture
def database(any_database: Database) -> Database:
    write_klines(any_database, *SERIES, random_klines(100))
    return any_database


def files(directory: Path) -> list[Path]:
    return sorted(file for file in directory.rglob("*") if file.is_file())


def is_mapped(klines: KlineColumns) -> bool:
    base: object = klines.close
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False


def test_stored_columns_come_back_mapped_and_read_only(cache: ColumnCache) -> None:
    assert cache.store(KEY, STATE, COLUMNS)
    found = cache.load(KEY, STATE)
    assert found is not None
    for name, column in COLUMNS.items():
        np.testing.assert_array_equal(found[name], column, strict=True)
        assert not found[name].flags.writeable
    assert cache.problem is None


def test_columns_without_rows_can_be_stored(cache: ColumnCache) -> None:
    assert cache.store(KEY, STATE, {"time": np.empty(0, np.int64), "price": np.empty(0)})
    found = cache.load(KEY, STATE)
    assert found is not None
    assert {name: (column.shape, column.dtype.str) for name, column in found.items()} == {
        "time": ((0,), "<i8"), "price": ((0,), "<f8")
    }  # fmt: skip
    assert [file.name for file in files(cache.directory)] == ["meta.json"]


@pytest.mark.parametrize(("key", "state"), [({**KEY, "symbol": "ETH"}, STATE), (KEY, {**STATE, "size": 2})])
def test_another_key_or_state_finds_nothing(cache: ColumnCache, key: dict[str, str], state: dict[str, int]) -> None:
    cache.store(KEY, STATE, COLUMNS)
    assert cache.load(key, state) is None


def test_a_new_state_takes_the_place_of_the_old_one(cache: ColumnCache) -> None:
    cache.store(KEY, STATE, COLUMNS)
    mapped = cache.load(KEY, STATE)
    cache.store(KEY, {**STATE, "size": 2}, COLUMNS)
    assert cache.load(KEY, STATE) is None
    assert len(files(cache.directory)) == 3
    assert mapped is not None
    assert mapped["price"][-1] == 2.0


def damages(whole: bytes) -> Iterator[bytes]:
    yield from (b"", whole[:-1], whole[: len(whole) // 2], b"\0" * len(whole), whole + b"\0")
    for place in range(len(whole)):
        yield whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


@pytest.mark.parametrize("name", ["meta.json", "price.npy"])
def test_a_damaged_entry_is_dropped_or_equal(cache: ColumnCache, name: str) -> None:
    """Some bytes do not matter (a space in a header); every other change is found."""
    cache.store(KEY, STATE, COLUMNS)
    entry = files(cache.directory)[0].parent
    kept = {file.name: file.read_bytes() for file in entry.iterdir()}
    dropped = 0
    for damaged in damages(kept[name]):
        entry.mkdir(exist_ok=True)
        for other, data in kept.items():
            (entry / other).write_bytes(damaged if other == name else data)
        found = cache.load(KEY, STATE)
        dropped += found is None
        for column, values in (found or {}).items():
            np.testing.assert_array_equal(values, COLUMNS[column], strict=True)
    assert dropped > len(kept[name]) / 3
    assert cache.problem is not None


def nonsense(draw: random.Random) -> bytes:
    """Something that no writer has written: short, long, deep, huge numbers, or noise."""
    count = draw.choice((0, 1, 100, 200_000))
    texts = (b"[" * count, b'{"key":' * count, b"9" * count, draw.randbytes(count), b'{"key": 1e999}', b"\xff\xfe")
    return draw.choice(texts)


def damaged(draw: random.Random, whole: bytes) -> bytes:
    """Bytes with some changed, cut off, put in or doubled."""
    place, stop = sorted(draw.randrange(len(whole) + 1) for _ in range(2))
    filled = nonsense(draw)
    pieces = (whole[:place], whole[:place] + filled + whole[stop:], whole[:place] + filled, whole + whole[place:stop])
    return draw.choice((*pieces, filled))


@pytest.mark.parametrize("rounds", [pytest.param(300), pytest.param(20_000, marks=pytest.mark.soak)])
def test_damage_of_any_kind_is_a_miss(cache: ColumnCache, rounds: int) -> None:
    draw, misses = random.Random(11), 0
    for _ in range(rounds):
        cache.store(KEY, STATE, COLUMNS)
        cache.remember(KEY, STATE, STATE)
        file = draw.choice(files(cache.directory))
        whole = file.read_bytes()
        file.write_bytes(damaged(draw, whole))
        changed = file.read_bytes() != whole
        found, noted = cache.load(KEY, STATE), cache.recall(KEY, STATE)
        assert (found is None or noted is None) == changed, file.name
        misses += changed
    print(f"{rounds} damaged files, {misses} misses")
    assert misses > rounds / 2


def test_what_is_no_file_is_a_miss(cache: ColumnCache) -> None:
    cache.store(KEY, STATE, COLUMNS)
    entry = files(cache.directory)[0].parent
    (entry / "meta.json").unlink()
    os.mkfifo(entry / "meta.json")
    assert cache.load(KEY, STATE) is None
    assert "meta.json is no file" in str(cache.problem)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to give files away")
@pytest.mark.parametrize("name", ["meta.json", "price.npy", "states.json"])
def test_what_another_user_has_written_is_not_believed(cache: ColumnCache, name: str) -> None:
    cache.store(KEY, STATE, COLUMNS)
    cache.remember(KEY, STATE, STATE)
    (file,) = cache.directory.rglob(name)
    os.chown(file, 65534, 65534)
    assert (cache.recall if name == "states.json" else cache.load)(KEY, STATE) is None
    assert f"{name} belongs to another user" in str(cache.problem)


def test_a_missing_file_finds_nothing(cache: ColumnCache) -> None:
    cache.store(KEY, STATE, COLUMNS)
    next(file for file in files(cache.directory) if file.name == "price.npy").unlink()
    assert cache.load(KEY, STATE) is None


def test_a_crash_in_the_middle_of_writing_leaves_nothing_to_be_found(cache: ColumnCache) -> None:
    class Crash(Exception):
        pass

    class Unwritable:
        def __len__(self) -> int:
            return 5

        def __array__(self, *_: object) -> np.ndarray:
            raise Crash

    with pytest.raises(Crash):
        cache.store(KEY, STATE, {**COLUMNS, "z": Unwritable()})  # type: ignore[dict-item]
    assert cache.load(KEY, STATE) is None
    assert files(cache.directory) == []


def test_what_a_killed_writer_left_is_removed_when_it_is_old(cache: ColumnCache) -> None:
    cache.store(KEY, STATE, COLUMNS)
    parent = files(cache.directory)[0].parent.parent
    for name, age_s in (("old", 1e6), ("new", 0.0)):
        left = parent / f".aside-{name}"
        left.mkdir()
        if age_s:
            os.utime(left, (1.0, 1.0))
    cache.store(KEY, STATE, COLUMNS)
    assert [path.name for path in parent.iterdir() if path.name.startswith(".aside-")] == [".aside-new"]
    assert cache.load(KEY, STATE) is not None


def test_a_directory_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = ColumnCache(tmp_path / "file" / "columns")
    assert not cache.store(KEY, STATE, COLUMNS)
    assert "cannot be written: Not a directory" in str(cache.problem)
    assert cache.load(KEY, STATE) is None


def test_clear_deletes_everything_and_nothing_else(cache: ColumnCache) -> None:
    assert cache.clear() == 0
    cache.store(KEY, STATE, COLUMNS)
    (cache.directory / "mine.txt").touch()
    assert cache.clear() > 0
    assert [file.name for file in files(cache.directory)] == ["mine.txt"]
    assert cache.load(KEY, STATE) is None


def test_a_cache_that_cannot_be_cleared_is_an_error(tmp_path: Path) -> None:
    cache = ColumnCache(tmp_path)
    (tmp_path / "v1").touch()
    with pytest.raises(DataError, match="cannot be cleared"):
        cache.clear()


def test_the_place_of_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPSIM_CACHE_DIR", "/a/b")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert ColumnCache().directory == Path("/a/b")
    monkeypatch.delenv("PERPSIM_CACHE_DIR")
    assert ColumnCache().directory == Path("/xdg/perpsim")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert ColumnCache().directory == Path("/home/somebody/.cache/perpsim")


def test_the_second_load_is_mapped_and_equal(database: Database) -> None:
    first, second = load_klines(database, *SERIES), load_klines(database, *SERIES)
    assert not is_mapped(first)
    assert is_mapped(second)
    assert_same(first, second)
    assert_same(second, read_klines(database, *SERIES))


def test_one_entry_serves_every_range(database: Database, private_cache: Path) -> None:
    for start, end in ((0, 10), (5, 7), (90, 200), (-5, 3), (50, 20), (200, 300)):
        edges = START_MS + start * 60_000 + 1, START_MS + end * 60_000
        assert_same(load_klines(database, *SERIES, *edges), read_klines(database, *SERIES, *edges))
    assert len([file for file in files(private_cache) if file.name == "meta.json"]) == 1


def test_another_spelling_of_the_exchange_and_the_path_is_the_same_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    write_klines(database, *SERIES, random_klines(100))
    load_klines(database, *SERIES)
    monkeypatch.chdir(tmp_path)
    assert is_mapped(load_klines(open_database("market.db", read_only=True), "X", "BTC", "1m"))


def test_without_the_cache_nothing_is_stored(database: Database, private_cache: Path) -> None:
    load_klines(database, *SERIES, cache=False)
    assert files(private_cache) == []


def test_a_series_that_is_not_there_is_empty_until_it_is_there(database: Database) -> None:
    for _ in range(2):
        assert len(load_klines(database, "x", "ETH", "1m")) == 0
    write_klines(database, "x", "ETH", "1m", random_klines(5))
    assert len(load_klines(database, "x", "ETH", "1m")) == 5


def test_an_answer_is_asked_for_again_when_anything_has_changed(database: Database, tmp_path: Path) -> None:
    cache, asked = ColumnCache(tmp_path / "columns"), []

    def ask(held: Database) -> dict[str, object]:
        asked.append(held)
        return {"rows": len(read_klines(held, *SERIES)), "third": 1 / 3}

    def answer() -> object:
        return cache.answer(database, KEY, ask)

    is_file = database.name.startswith("sqlite")  # a server does not tell its whole state at once
    for rows in (100, 120):
        write_klines(database, *SERIES, random_klines(rows))
        asked.clear()
        assert [answer() for _ in range(3)] == [{"rows": rows, "third": 1 / 3}] * 3
        assert len(asked) == (1 if is_file else 3)


def test_an_answer_is_of_the_state_that_it_is_noted_for(tmp_path: Path) -> None:
    """What another process writes while the question is asked is not seen, neither then nor in the note."""
    database, cache = open_database(tmp_path / "market.db", create=True), ColumnCache(tmp_path / "columns")
    write_klines(database, *SERIES, random_klines(10))

    def ask(held: Database) -> int:
        write_klines(open_database(tmp_path / "market.db"), *SERIES, random_klines(20))
        return len(read_klines(held, *SERIES))

    assert cache.answer(database, KEY, ask) == 10
    assert cache.answer(database, KEY, lambda held: len(read_klines(held, *SERIES))) == 20


def test_a_cache_can_be_given_and_tells_its_problem(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = ColumnCache(tmp_path / "file" / "below")
    assert len(load_klines(database, *SERIES, cache=cache)) == 100
    assert "cannot be written" in str(cache.problem)


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate", "persist"])
def test_every_change_is_seen_even_when_size_and_times_do_not_tell(tmp_path: Path, mode: str) -> None:
    """One value changes at a time, the file keeps its size, and its times are set back after each change."""
    path = tmp_path / "market.db"
    write_klines(open_database(path, create=True), *SERIES, random_klines(50))
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute(f"PRAGMA journal_mode = {mode}")
    database = open_database(path, read_only=True)
    statement = series_statement(*SERIES)
    seen = []
    for change in range(5):
        raw.execute("update crypto_klines set close_price = ?, high_price = 1e9 where id = 7", (1000.0 + change,))
        for file in (path, path.with_name("market.db-wal")):
            if file.exists():
                os.utime(file, ns=(1, 1))
        assert load_klines(database, *SERIES).close[6] == 1000.0 + change
        fingerprint = database.fingerprint(statement)
        assert fingerprint is not None
        seen.append(json.dumps({**fingerprint, "ctime_ns": 0}))
        assert is_mapped(load_klines(database, *SERIES))
    assert len(set(seen)) == 5
    raw.close()


def test_a_change_in_a_log_that_starts_over_is_seen(tmp_path: Path) -> None:
    """After a checkpoint the log is written from its beginning, keeps its size and, for a while, its header."""
    path, log = tmp_path / "market.db", tmp_path / "market.db-wal"
    write_klines(open_database(path, create=True), *SERIES, random_klines(500))
    database = open_database(path, read_only=True)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("update crypto_klines set volume = volume + 1")
    sizes = set()
    for change in range(4):
        raw.execute("PRAGMA wal_checkpoint(RESTART)")
        for step in range(3):
            raw.execute("update crypto_klines set volume = ? where id = 3", (float(10 * change + step),))
            os.utime(log, ns=(1, 1))
            sizes.add(log.stat().st_size)
            assert load_klines(database, *SERIES).volume[2] == 10 * change + step
    assert len(sizes) == 1
    raw.close()


LINKS = {"to the file": "other.db", "to its folder": "folder/market.db", "to a link": "second.db"}


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A folder with symbolic links to market.db, directly and by way of others."""
    place = tmp_path / "links"
    place.mkdir()
    (place / "other.db").symlink_to(tmp_path / "market.db")
    (place / "second.db").symlink_to("other.db")
    (place / "folder").symlink_to(tmp_path)
    return place


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_change_in_the_log_is_seen_through_a_symbolic_link(
    tmp_path: Path, links: Path, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite keeps the log beside the file, not beside the link."""
    path = tmp_path / "market.db"
    write_klines(open_database(path, create=True), *SERIES, random_klines(50))
    monkeypatch.chdir(links)
    database = open_database(link, read_only=True)
    assert database.identity == open_database(path).identity
    load_klines(database, *SERIES)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("update crypto_klines set close_price = 1000, high_price = 1e9 where id = 7")
        assert load_klines(database, *SERIES).close[6] == 1000.0
        monkeypatch.chdir(tmp_path)  # a relative path counts from where it was opened
        raw.execute("update crypto_klines set close_price = 1001 where id = 7")
        assert load_klines(database, *SERIES).close[6] == 1001.0
        assert is_mapped(load_klines(database, *SERIES))


def test_klines_of_a_replaced_file_are_not_taken_from_the_cache(tmp_path: Path) -> None:
    path, other = tmp_path / "market.db", tmp_path / "other.db"
    for file, seed in ((path, 1), (other, 2)):
        write_klines(open_database(file, create=True), *SERIES, random_klines(100, seed))
    status = path.stat()
    load_klines(open_database(path), *SERIES)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, path)
    assert_same(load_klines(open_database(path), *SERIES), random_klines(100, 2))


def test_an_uncommitted_change_is_not_seen(database: Database, raw: Raw) -> None:
    raw.execute("BEGIN")
    raw.execute("update crypto_klines set close_price = 7")
    assert_same(load_klines(database, *SERIES), random_klines(100))
    raw.execute("ROLLBACK")
    assert_same(load_klines(database, *SERIES), random_klines(100))


CHANGES = {
    "update": "update crypto_klines set close_price = close_price + 1 where id = 7",
    "update to the same": "update crypto_klines set close_price = close_price where id = 7",
    "sign of zero": "update crypto_klines set volume = -0.0 where id = 7",
    "swap of two rows": "update crypto_klines set volume = 5.0 - volume where id in (7, 8)",
    "delete": "delete from crypto_klines where id = 7",
    "delete the oldest": "delete from crypto_klines where id = 1",
    "another symbol": "update crypto_klines set symbol = 'ETH' where id = 7",
    "another environment": "update crypto_klines set environment = 'testnet' where id = 7",
    "columns that trade names": "alter table crypto_klines rename high_price to x;"
    "alter table crypto_klines rename low_price to high_price; alter table crypto_klines rename x to low_price",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_seen(database: Database, raw: Raw, change: str) -> None:
    raw.execute("update crypto_klines set volume = 0.0 where id = 7")
    raw.execute("update crypto_klines set volume = 5.0 where id = 8")
    load_klines(database, *SERIES)
    assert is_mapped(load_klines(database, *SERIES))
    for statement in change.split(";"):
        raw.execute(statement)
    found, stored = (load(database, *SERIES) for load in (load_klines, read_klines))
    assert_same(found, stored)
    assert np.signbit(found.volume).tolist() == np.signbit(stored.volume).tolist()
    assert is_mapped(load_klines(database, *SERIES))


def test_a_value_that_becomes_null_is_seen(database: Database, raw: Raw) -> None:
    load_klines(database, *SERIES)
    raw.execute("update crypto_klines set volume = null where id = 7")
    with pytest.raises(DataError, match="have no volume"):
        load_klines(database, *SERIES)


def test_rows_that_are_deleted_and_written_again_with_other_values_are_seen(database: Database, raw: Raw) -> None:
    load_klines(database, *SERIES)
    for seed in (2, 3):
        raw.execute("delete from crypto_klines")
        write_klines(database, *SERIES, random_klines(100, seed))
        assert_same(load_klines(database, *SERIES), random_klines(100, seed))


def test_looking_at_the_file_does_not_drop_the_locks_of_this_process(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops the POSIX locks that the process holds on it."""
    path = tmp_path / "market.db"
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("create table t (a)")
    database = open_database(path)
    raw.execute("BEGIN IMMEDIATE")
    assert database.fingerprint(series_statement(*SERIES)) is not None
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('insert into t values (1)')"
    other = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "database is locked" in other.stderr
    raw.execute("COMMIT")
    raw.close()
