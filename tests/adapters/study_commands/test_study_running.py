"""How every command of many runs begins: what cannot keep its study is said before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import open_database
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim

WALK = ("--train", "4h", "--test", "1h")
COMMANDS = [("sweep",), ("search", "--trials", "1"), ("walk-forward", *WALK)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A configuration whose market is not there, beside a database that has another."""
    fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    path = write_run(tmp_path)
    path.write_text(path.read_text().replace("BTC", "NONE"))
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("results", "told"),
    [
        ("sqlite:///{}/none.db", "none.db; perpsim import, synth or database create makes it"),
        ("sqlite:///{}/run.toml", "run.toml: is not an SQLite database"),
        ("sqlite:///{}", "is a folder"),
        ("mysql://host/base", "mysql databases cannot be used here"),
        ("sqlite:///{}/other.db", "perp_trials"),
    ],
)
def test_results_that_cannot_keep_it_are_refused_before_the_market_is_loaded(
    tmp_path: Path, run: Path, command: tuple[str, ...], results: str, told: str
) -> None:
    other = open_database(tmp_path / "other.db", create=True)
    with other.writing() as connection:
        connection.exec_driver_sql("create table perp_trials (id integer)")
    words = (run, "--database", f"sqlite:///{tmp_path / 'market.db'}", "--vary", "fee_rate=0.1,0.2", "--trust")
    given = perpsim(*command, *words, "--results", results.format(tmp_path))
    assert given.exit_code == 1
    assert told in given.output
    assert "NONE" not in given.output
    assert "holds no klines of NONE" in perpsim(*command, *words, "--save").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("card",), "--results is where the study of --study ID is"),
        (("monte-carlo", "--costs"), "--results is where a result ID is"),
    ],
)
def test_results_that_nothing_is_looked_up_in_are_wrong_usage(
    tmp_path: Path, run: Path, words: tuple[str, ...], told: str
) -> None:
    name, *options = words
    given = perpsim(name, run, *options, "--database", tmp_path / "market.db", "--results", tmp_path / "market.db")
    assert (given.exit_code, told in given.output.replace("\n", " ")) == (2, True), given.output
