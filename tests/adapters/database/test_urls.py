"""Databases that are made in order to be filled: what is left when that fails."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters import create_database, open_database, stored_series, write_klines
from adapters.database import Database, database_to_fill
from engine import DataError
from tests.conftest import ROOT
from tests.support.command_files import SIGNALS
from tests.support.commands import perpsim
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines
from tests.support.presses import Moment, after_a_statement, at_a_context, in_the_room, pressing


class Stopped(Exception):
    pass


def fill(url: str | Path, *steps: object) -> None:
    with database_to_fill(url) as database:
        for step in steps:
            assert callable(step)
            step(database)
        raise Stopped


def store(database: Database) -> None:
    write_klines(database, "okx", "BTC", "1m", random_klines(10))


def test_a_file_in_which_nothing_was_stored_goes_again(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fill(tmp_path / "new.db")
    assert list(tmp_path.iterdir()) == []


def test_what_was_stored_and_what_was_there_before_stay(any_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fill(any_database_url, store)
    assert len(stored_series(open_database(any_database_url))) == 1
    old = tmp_path / "old.db"
    old.touch()
    with pytest.raises(Stopped):
        fill(old)
    assert old.exists()


def test_a_file_that_another_process_fills_at_the_same_time_stays(tmp_path: Path) -> None:
    path = tmp_path / "new.db"

    def another(database: Database) -> None:
        with open_database(path).writing() as connection:
            connection.exec_driver_sql("create table other (id integer)")
            database.discard()

    with pytest.raises(Stopped):
        fill(path, another)
    with open_database(path).reading() as connection:
        assert connection.exec_driver_sql("select count(*) from other").scalar_one() == 0


def test_who_has_opened_a_file_that_goes_again_is_told(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    others: list[Database] = []
    with pytest.raises(Stopped):
        fill(path, lambda database: others.append(open_database(path, create=True)))
    with pytest.raises(DataError, match=r"new\.db"):
        store(others[0])


@pytest.mark.parametrize(
    ("command", "kilobytes"),
    [
        ("import klines.csv --exchange okx --symbol BTC", 64),
        ("synth --days 3 --symbol BTC", 64),
        ("signals add signals.toml", 12),  # too little for the index of the log: nobody can connect
    ],
)
def test_a_disk_that_is_full_leaves_no_new_file(tmp_path: Path, command: str, kilobytes: int) -> None:
    folder = tmp_path / "data"
    (tmp_path / "klines.csv").write_text(text(lines(random_klines(3_000))))
    (tmp_path / "signals.toml").write_text(SIGNALS)
    folder.mkdir()
    words = [sys.executable, "-B", "-m", "adapters", *command.split(), "--database", folder / "new.db"]
    limited = f"ulimit -f {kilobytes}; exec {shlex.join(map(str, words))}"  # in KB: no file may become larger
    done = subprocess.run(
        ["bash", "-c", limited],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("Error: sqlite:///")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("synth", "--symbol", "BTC", "--exchange", "x" * 30),
        ("synth", "--symbol", "BTC", "--symbol", "x" * 30),
        ("import", "klines.csv", "--symbol", "BTC", "--exchange", "x" * 30),
        ("signals", "add", "signals.toml"),
    ],
)
def test_a_command_that_is_refused_leaves_no_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "klines.csv").write_text(text(lines(random_klines(30))))
    (tmp_path / "signals.toml").write_text('[[pool]]\nname = "p"\nsignals = ["nowhere"]\n')
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    done = perpsim(*words, "--database", "sqlite:///new.db")
    assert done.exit_code == 1
    assert done.stderr.startswith(("Error: the exchange", "Error: the symbol", "Error: signals.toml"))
    assert set(tmp_path.iterdir()) == before


def test_creating_all_tables_is_no_filling(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fill(tmp_path / "new.db", create_database)
    assert (tmp_path / "new.db").exists()


def pressed(is_moment: Moment, number: int, url: str, *steps: Callable[[Database], object]) -> bool:
    """Make a database, take the steps and give it up; tell whether Ctrl-C was heard before."""
    with pressing(is_moment, number) as done:
        try:
            with database_to_fill(url) as database:
                for step in steps:
                    step(database)
                done()
                raise InterruptedError
        except KeyboardInterrupt:
            return True
        except InterruptedError:
            return False


@pytest.mark.parametrize(
    ("is_moment", "steps"), [(in_the_room, []), (after_a_statement, [store]), (at_a_context, [store])]
)
def test_an_interruption_at_any_moment_of_making_and_filling_a_file_leaves_none_or_a_whole_one(
    is_moment: Moment, steps: list[Callable[[Database], object]], tmp_path: Path
) -> None:
    path, moments, whole = tmp_path / "new.db", 0, 0
    url = f"sqlite:///{path}"
    while pressed(is_moment, moments + 1, url, *steps):
        moments += 1
        if path.exists():
            assert [series.count for series in stored_series(open_database(url))] == [10], moments
            path.unlink()
            whole += 1
        assert list(tmp_path.iterdir()) == [], moments
    assert moments > 5
    assert bool(whole) == bool(steps)


@pytest.mark.parametrize("number", [1, 5, 30])
def test_a_file_that_was_there_stays(tmp_path, number):
    path = tmp_path / "old.db"
    with database_to_fill(f"sqlite:///{path}"):
        pass
    before = path.read_bytes()
    pressed(in_the_room, number, f"sqlite:///{path}")
    assert path.read_bytes() == before
