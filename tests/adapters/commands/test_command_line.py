"""The command line as a whole: help, usage, and where the database is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import adapters
from adapters.commands.command_line import COMMANDS, PROOF_COMMANDS
from tests.support.command_files import write_run
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines

ROOT = Path(adapters.__file__).parents[1]


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines(random_klines(300))))
    return path


@pytest.fixture
def url(any_database_url: str) -> str:
    return any_database_url


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; from adapters.commands.command_line import main; main(['--help'], standalone_mode=False); "
        "print(sorted({'numpy', 'pandas', 'sqlalchemy', 'rich', 'simpy', 'engine'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert f"  {name} " in done.stdout
    assert done.stdout.endswith("\n[]\n")


@pytest.mark.parametrize("name", sorted({**COMMANDS, **PROOF_COMMANDS}))
def test_every_command_is_there_and_has_help(name: str) -> None:
    done = perpsim(name, "--help")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: main {name} ")


def test_every_command_has_a_short_help() -> None:
    for short_help in COMMANDS.values():
        assert short_help.endswith(".")


def test_version() -> None:
    done = perpsim("--version")
    assert done.exit_code == 0
    assert done.output.startswith("perpsim ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["import"],
        ["import", "x.csv", "--exchange", "x", "--symbol", "BTC"],
        ["import", "x.csv", "--database", "x.db", "--exchange", "x", "--symbol", "BTC", "--period", "7m"],
        ["synth", "--database", "x.db", "--symbol", "BTC", "--days", "0"],
        ["synth", "--database", "x.db", "--symbol", "BTC", "--start", "yesterday"],
        ["synth", "--database", "x.db", "--symbol", "BTC", "--start", "9999-12-31", "--days", "2"],
        ["results", "--database", "x.db", "--most", "9" * 20],
        ["report", "9" * 20, "--database", "x.db", "--html", "x.html"],
        ["signals", "show", "9" * 20, "--database", "x.db"],
        ["signals", "preview", "--pool", "9" * 20, "--database", "x.db"],
        ["inspect"],
    ],
)
def test_bad_usage_is_status_2(arguments: list[str]) -> None:
    done = perpsim(*arguments)
    assert done.exit_code == 2
    assert "Error" in done.stderr
    assert done.stdout == ""


def test_the_database_may_come_from_the_environment(csv: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPSIM_DATABASE", url)
    assert perpsim("import", csv, "--exchange", "x", "--symbol", "BTC").exit_code == 0
    assert perpsim("inspect").exit_code == 0


#: What reads which table, and what puts something there.
IMPORT = "perpsim import, synth or database create makes it"
ADD = "perpsim signals add stores some"
SAVE = "no run has been saved there; perpsim run --save saves one, and makes the tables"
READERS = {
    "inspect": ("crypto_klines", IMPORT),
    "look --exchange binance --symbol BTC --at 2024-01-01T10:00Z": ("crypto_klines", IMPORT),
    "run {folder}/run.toml --trust": ("crypto_klines", IMPORT),
    "run {folder}/run.toml --trust --set signal_pool_ids=[1]": ("signal_definitions", ADD),
    "signals list": ("signal_definitions", ADD),
    "signals show 1": ("signal_definitions", ADD),
    "signals preview --pool 1": ("signal_definitions", ADD),
    "results": ("backtest_results", SAVE),
    "report 1 --html {folder}/report.html": ("backtest_results", SAVE),
}


@pytest.mark.parametrize("names", [(), ("customers",), tuple(sorted({table for table, _ in READERS.values()}))])
def test_what_reads_a_database_without_its_tables_says_what_there_is_not_and_what_to_do(
    any_database_url: str, tmp_path: Path, names: tuple[str, ...]
) -> None:
    write_run(tmp_path)
    with raw_database(any_database_url) as raw:
        for name in names:
            raw.execute(f"create table {name} (id integer)")
    for command, (table, remedy) in READERS.items():
        done = perpsim(*command.format(folder=tmp_path).split(), "--database", any_database_url)
        assert done.exit_code == 1, command
        assert done.output.startswith("Error: "), command
        assert done.output.count("\n") == 1, command
        if table in names:
            assert f"table {table} lacks the columns " in done.output, command
            assert done.output.endswith("; add them, or use another database\n"), command
        else:
            assert f" has no table {table}" in done.output, command
            assert done.output.endswith(f"{remedy}\n"), command
    assert not (tmp_path / "report.html").exists()
