from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from adapters import load_klines, open_database, write_klines
from adapters.database import series_statement, sqlite_state
from tests.support.klines import random_klines

SERIES = ("x", "BTC", "1m")
STEP_NS = 200_000_000
CHANGES = [pytest.param(10, id="small"), pytest.param(300, id="whole", marks=pytest.mark.soak)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_klines(open_database(tmp_path / "market.db", create=True), *SERIES, random_klines(200))
    return tmp_path / "market.db"


def in_steps(look: Callable[[Any], os.stat_result]) -> Callable[[Any], Any]:
    def status(target: Any) -> SimpleNamespace:
        found = look(target)
        told = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        for name in ("mtime", "ctime"):
            told[f"st_{name}_ns"] -= told[f"st_{name}_ns"] % STEP_NS
            told[f"st_{name}"] = told[f"st_{name}_ns"] / 1e9
        return SimpleNamespace(**told)

    return status


@pytest.fixture
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file system count in steps of 0.2 s, and stamps be proof after two steps: the usual times in short."""
    kept = {name: getattr(os, name) for name in ("listdir", "pread", "path")}
    system = SimpleNamespace(stat=in_steps(os.stat), fstat=in_steps(os.fstat), **kept)
    monkeypatch.setattr(sqlite_state, "os", system)
    monkeypatch.setattr(sqlite_state, "SETTLED_S", 2 * STEP_NS / 1e9)


def stale_loads(path: Path, changes: int, longest_s: float, settled_s: float) -> int:
    """Change a database again and again and load it each time; return how many loads gave what had been before.

    Without its log, which goes with the last connection, a file tells of a change by nothing but its stamps.
    """
    database, draw = open_database(path, read_only=True), random.Random(5)
    stale = known = loads = 0
    for change in range(changes):
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            raw.execute("update crypto_klines set volume = ? where id = 150", (float(change),))
        for last in [False] * 2 + [True] * (change == changes - 1):
            time.sleep(settled_s if last else draw.random() * longest_s)
            stale += load_klines(database, *SERIES).volume[149] != change
            known += database.fingerprint(series_statement(*SERIES)) is not None
            loads += 1
    print(f"{changes} changes, {known} of {loads} loads could be cached, {stale} were stale")
    assert known
    return stale


@pytest.mark.usefixtures("coarse_clock")
@pytest.mark.parametrize("changes", CHANGES)
def test_a_change_within_one_step_of_the_clock_is_seen(path: Path, changes: int) -> None:
    assert not stale_loads(path, changes, 3 * STEP_NS / 1e9, 3 * STEP_NS / 1e9)


@pytest.fixture
def coarse_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system in a file that counts in steps of a second (its inodes have no room for more)."""
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(16 << 20)
    for words in (["mkfs.ext3", "-q", "-F", "-I", "128", image], ["mount", "-o", "loop", image, place]):
        if shutil.which(words[0]) is None:
            pytest.skip(f"there is no {words[0]} here")
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize(
    ("changes", "longest_s"),
    [pytest.param(6, 0.5, id="small"), pytest.param(60, 4.0, id="whole", marks=pytest.mark.soak)],
)
def test_a_change_within_one_second_is_seen_on_a_file_system_that_counts_in_seconds(
    path: Path, coarse_disk: Path, changes: int, longest_s: float
) -> None:
    there = Path(shutil.copy(path, coarse_disk / "market.db"))
    assert there.stat().st_mtime_ns % 1_000_000_000 == 0
    assert not stale_loads(there, changes, longest_s, sqlite_state.SETTLED_S + 1.1)


def test_a_file_that_has_just_changed_is_not_cached(path: Path, private_cache: Path) -> None:
    assert sqlite_state.SETTLED_S >= 3  # file systems count in steps of up to two seconds
    load_klines(open_database(path), *SERIES)
    assert not list(private_cache.iterdir())


@pytest.mark.usefixtures("settled")
def test_a_commit_of_which_the_index_of_the_log_does_not_know_makes_a_difference(path: Path) -> None:
    """A writer that is killed leaves frames in the log that nobody sees, until the log is recovered."""
    index, database, seen = path.with_name("market.db-shm"), open_database(path), []
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("update crypto_klines set volume = 1 where id = 150")
        before = index.read_bytes()
        raw.execute("update crypto_klines set volume = 2 where id = 150")
        after = index.read_bytes()
        for state, volume in ((after, 2), (before, 1)):
            with index.open("r+b") as file:
                file.write(state)
            assert load_klines(database, *SERIES).volume[149] == volume
            seen.append(database.fingerprint(series_statement(*SERIES)))
    assert None not in seen
    assert seen[0] is not None
    assert seen[1] is not None
    assert seen[0]["log"] == seen[1]["log"]
    assert seen[0] != seen[1]


@pytest.mark.usefixtures("settled")
def test_a_snapshot_keeps_its_state_and_the_fingerprint_of_it(path: Path) -> None:
    database, statement = open_database(path), series_statement(*SERIES)
    with database.snapshot() as snapshot:
        state = snapshot.fingerprint(statement)
        assert state is not None
        assert database.fingerprint(statement) == state
        write_klines(database, *SERIES, random_klines(200, 2))
        assert snapshot.fingerprint(statement) == state != database.fingerprint(statement)
        for cache in (True, False, True):
            assert load_klines(snapshot, *SERIES, cache=cache).close[5] == random_klines(200).close[5]
    assert load_klines(database, *SERIES).close[5] == random_klines(200, 2).close[5]


def test_a_watch_tells_another_state_after_whatever_was_written_and_the_same_before(tmp_path: Path) -> None:
    path = tmp_path / "watched.db"
    database = open_database(path, create=True)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE seen (x INTEGER)"))
    watch, states = database.watched(), []
    for number in range(4):
        states += [watch.state(), watch.state()]
        with (open_database(path) if number % 2 else database).writing() as connection:
            connection.execute(text("INSERT INTO seen VALUES (1)"))
    assert states[::2] == states[1::2]
    assert len({*states}) == 4
    assert None not in states
    before = watch.state()
    copy = tmp_path / "copy.db"
    watch.close()  # nothing is beside the file then
    shutil.copy(path, copy)
    first = watch.state()
    assert first not in {*states, before}  # nobody has counted meanwhile
    copy.replace(path)
    assert watch.state() not in {*states, before, first}  # the same bytes in another file
    path.unlink()
    assert watch.state() is None
    watch.close()
