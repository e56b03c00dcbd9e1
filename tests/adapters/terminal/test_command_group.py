"""What a command loads, and when: nothing that it does not need, and its program's hash seed before all else."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters import main
from tests.conftest import ROOT
from tests.support.command_files import fill_market, write_run
from tests.support.sandboxes import jailed

#: Tells on standard error what of these is loaded when the process becomes another one, and when it ends.
TELLING = """
import atexit, gc, sys
heavy = "engine sqlalchemy pandas pyarrow polars rich talib fastapi matplotlib psycopg2 ccxt".split()
def tell(event, *about):
    if event in ("os.exec", "end"):
        print(event, gc.isenabled(), gc.get_freeze_count() > 10_000, *filter(sys.modules.get, heavy), file=sys.stderr)
sys.addaudithook(tell)
atexit.register(tell, "end")
from adapters.__main__ import main
main()
"""
PROGRAM = """
class Reverts:
    def should_trade(self, data):
        rsi = data.get_indicator("BTC", "RSI14", "5m")
        if rsi and rsi["value"] < 40 and not data.positions:
            return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2)
"""
LOADED = {
    "help": ("--help", ""),
    "fields": ("fields", "engine"),
    "explain": ("explain", "engine"),
    "explain, one": ("explain CAGR", "engine"),
    "fields, one": ("fields symbols", "engine"),
    "inspect": ("inspect {database}", "engine sqlalchemy rich"),
    "cache clear": ("cache clear", "engine"),
}
RUNS = {
    "quiet": ("run run.toml {database} --quiet", "engine sqlalchemy"),
    "quiet, with files": (
        "run run.toml {database} --quiet --json a.json --trades t.csv --equity-csv e.csv",
        "engine sqlalchemy",
    ),
    "with a table": ("run run.toml {database}", "engine sqlalchemy rich"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_run(tmp_path, PROGRAM)
    fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    return tmp_path


#: Before that: the stamps of SQLite files are proof at once, as they are some seconds after a change.
SETTLED = """
import adapters.database.sqlite_state
adapters.database.sqlite_state.SETTLED_S = 0.0
"""


def loaded(folder: Path, words: str, before: str = "", **environment: str) -> list[str]:
    """Run a command that must succeed; return what it tells of what is loaded."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    words = words.format(database=f"--database sqlite:///{folder}/market.db")
    done = subprocess.run(
        [sys.executable, "-c", before + TELLING, *words.split()],
        cwd=folder, capture_output=True, text=True, check=True,
        env={**surroundings, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    return done.stderr.splitlines()


@pytest.mark.parametrize(("words", "names"), LOADED.values(), ids=LOADED)
def test_a_command_loads_what_it_needs(folder: Path, words: str, names: str) -> None:
    assert [line.split()[3:] for line in loaded(folder, words)] == [names.split()]


@jailed
@pytest.mark.parametrize(("words", "names"), RUNS.values(), ids=RUNS)
def test_a_jailed_run_loads_what_it_needs(folder: Path, words: str, names: str) -> None:
    assert loaded(folder, words) == [f"end True True {names}"]


@pytest.mark.parametrize(("words", "names"), RUNS.values(), ids=RUNS)
def test_a_run_in_this_process_loads_what_it_needs(folder: Path, words: str, names: str) -> None:
    assert loaded(folder, f"{words} --trust", PYTHONHASHSEED="0") == [f"end True True {names}"]


@pytest.mark.parametrize("where", [pytest.param("", marks=jailed), "--trust"])
def test_a_run_whose_market_is_in_the_cache_loads_no_sqlalchemy(folder: Path, where: str) -> None:
    words = f"run run.toml {{database}} --quiet {where}"
    for names in ("engine sqlalchemy", "engine"):
        assert loaded(folder, words, SETTLED, PYTHONHASHSEED="0") == [f"end True True {names}"]


def test_the_hash_seed_is_fixed_before_anything_is_loaded(folder: Path) -> None:
    first, last = loaded(folder, "run run.toml {database} --quiet --trust")
    assert first.split() == ["os.exec", "False", "False"]
    assert last == "end True True engine sqlalchemy"


def test_help_of_a_command_starts_nothing_anew(folder: Path) -> None:
    (line,) = loaded(folder, "run --trust --help")
    assert line.split()[:2] == ["end", "True"]


def test_in_the_process_of_somebody_else_nothing_is_kept_for_ever(folder: Path) -> None:
    kept, words = gc.get_freeze_count(), ["run", "run.toml", "--database", f"sqlite:///{folder}/market.db", "--trust"]
    with chdir(folder):
        assert CliRunner().invoke(main, [*words, "--quiet"]).exit_code == 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == kept
