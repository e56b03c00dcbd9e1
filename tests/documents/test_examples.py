"""Every example of every README does what is said of it.

The examples of one README are run in order in one folder, as its reader would: files are written, then commands and
scripts run.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from glob import glob
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters import main, synthetic_flow_history, synthetic_klines
from engine import BacktestConfig, MarketHistory, SymbolHistory, parse_condition, validate_program
from engine.signals import SignalDefinition, SignalPool
from processes import PoolSource, ProgramBacktestEngine, trusted_executor
from tests.conftest import ROOT
from tests.documents.given_files import GIVEN
from tests.documents.readmes import READMES, Example, Readme

TEST_COMMAND = ".venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest"

#: Commands that need more than this machine has, or never end by themselves: only their options are checked.
NOT_RUN = {
    "perpsim inspect --database postgresql://user:password@localhost/market",
    "perpsim serve --database sqlite:///market.db",
    "perpsim download --database sqlite:///market.db --venue binanceusdm --symbol BTC/USDT:USDT --exchange binance "
    "--start 2024-01-01",
    "perpsim download --database sqlite:///market.db --venue binanceusdm --symbol BTC/USDT:USDT --kind funding "
    "--start 2024-01-01",
    "perpsim sweep backtest.toml --param threshold=20:40:2 --cluster tcp://10.0.0.1:8786",
}
#: What is done in a clone or on other machines: set-up and tests, which are what is running here, a scenario, which
#: has its own test, and a cluster, which has, too.
IN_A_CLONE = {
    "python3 -m venv .venv && .venv/bin/pip install --no-compile . && .venv/bin/python -m scenarios.quickstart",
    TEST_COMMAND,
    ".venv/bin/python -m pytest tests/benchmarks",
    "dask scheduler --host 10.0.0.1",
    "dask worker tcp://10.0.0.1:8786 --nworkers 8 --nthreads 1",
}

DAYS = 5
CONFIG = {
    "symbols": ["BTC", "ETH"],
    "start_time": "2024-01-03T00:00:00Z",
    "end_time": "2024-01-06T00:00:00Z",
    "scheduled_interval": "15m",
}

BY_NAME = {"argvalues": READMES, "ids": [readme.name for readme in READMES]}


def examples(kind: str) -> list[pytest.param]:
    """The examples of a kind: "program", "script", or the name of a language."""
    return [
        pytest.param(readme, each, id=f"{readme.name}:{each.line}")
        for readme in READMES
        for each in readme.examples()
        if each.kind == kind or (kind == "program" and each.is_program)
    ]


def run_command(command: str, folder: Path, readme: Readme) -> None:
    """Run a command in the folder; those of the main README as processes of their own, as they are written."""
    words = [each for word in shlex.split(command)[1:] for each in (sorted(glob(word)) if "*" in word else [word])]
    if readme.name == "README.md":
        process = python("-m", "adapters", *words, folder=folder)
        assert process.returncode == 0, process.stderr
    else:
        done = CliRunner().invoke(main, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "adapters" / "face")))
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def as_cell(text: str) -> str:
    """A script that shows its last line as the cell of a notebook does, where that has looks of its own."""
    *before, last = ast.parse(text).body
    if not isinstance(last, ast.Expr):
        return text
    shown = f"shown = {ast.unparse(last)}\nlook = getattr(shown, '_repr_html_', None)\nif look:\n    print(look())"
    return "\n".join([*map(ast.unparse, before), shown])


def run_script(script: Example, printed: str | None, folder: Path) -> None:
    done = python("-c", as_cell(script.text), folder=folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    if printed is not None:
        assert done.stdout == printed
    else:
        assert done.stdout or script.file is not None, "a script shows something"


def steps(readme: Readme) -> Iterator[tuple[Example, str | None]]:
    """What is run, each with what it must print where the README says that."""
    found = readme.examples()
    for each, after in pairwise([*found, Example("end", "", 0, "")]):
        if each.is_script:
            yield each, after.text if after.kind == "text" else None
        elif each.kind == "command" and each.text.startswith("perpsim ") and each.text not in NOT_RUN:
            yield each, None


@pytest.mark.parametrize("readme", **BY_NAME)
def test_the_examples_of_a_readme_run_in_order(readme: Readme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for each in readme.examples():
        if each.file is not None:
            assert not (tmp_path / each.file).exists(), f"{readme.name} shows {each.file} twice"
            (tmp_path / each.file).write_text(each.text)
    GIVEN.get(readme.name, lambda folder: None)(tmp_path)
    for step, printed in steps(readme):
        try:
            if step.is_script:
                run_script(step, printed, tmp_path)
            else:
                run_command(step.text, tmp_path, readme)
        except AssertionError as error:
            raise AssertionError(f"{readme.name}, line {step.line}: {error}") from None


@pytest.mark.parametrize("readme", **BY_NAME)
def test_every_example_is_of_a_known_kind(readme: Readme) -> None:
    found = readme.examples()
    assert {each.kind for each in found} <= {"python", "toml", "text", "mermaid", "command"}
    commands = {each.text for each in found if each.kind == "command"}
    assert {each for each in commands if not each.startswith("perpsim ")} <= IN_A_CLONE
    for before, each in pairwise(found):
        assert each.kind != "text" or before.is_script, f"line {each.line} is not printed by anything"
    used = "".join(each.text for each in found)
    for each in found:
        stem = (each.file or "").removesuffix(".py")
        assert each.file is None or each.file in used or f"from {stem} import" in used, f"{each.file} is not used"


def test_no_exception_is_stale() -> None:
    commands = {each.text for readme in READMES for each in readme.examples() if each.kind == "command"}
    assert commands >= NOT_RUN | IN_A_CLONE


@pytest.fixture(scope="module")
def market() -> MarketHistory:
    """A few days of two symbols with order flow."""
    start_ms = BacktestConfig(code="", **CONFIG).start_ms - 2 * 86_400_000
    histories = []
    for symbol in CONFIG["symbols"]:
        klines = synthetic_klines(symbol, start_ms, DAYS * 1440, 7)
        histories.append(SymbolHistory(symbol, klines, flow=synthetic_flow_history(symbol, klines, 7)))
    return MarketHistory(histories)


@pytest.mark.parametrize(("readme", "example"), examples("program"))
def test_a_program_is_valid_and_trades(readme: Readme, example: Example, market: MarketHistory) -> None:
    assert [problem for problem in validate_program(example.text) if problem.severity == "error"] == []
    surge = parse_condition({"metric": "cvd", "operator": "abs_gt", "threshold": 1_000_000, "time_window": "5m"})
    pool = SignalPool(None, "surges", (SignalDefinition(None, "surge", surge),))
    engine = ProgramBacktestEngine(market, [PoolSource(pool)], executor_for=trusted_executor)
    result = engine.run(BacktestConfig(code=example.text, **CONFIG))
    assert (result.success, result.error, result.rejections) == (True, None, {})
    assert result.unanswered_queries == []
    assert result.total_trades > 0


@pytest.mark.parametrize(("readme", "example"), examples("toml"))
def test_toml_without_a_file_is_a_part_of_a_configuration(readme: Readme, example: Example) -> None:
    values = tomllib.loads(example.text)
    if example.file is None:
        BacktestConfig.from_dict({**CONFIG, "code": "", **values})
    else:  # what the commands of its README do with it shows whether it is right
        assert values


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    assert f"    {TEST_COMMAND}\n" in (ROOT / "README.md").read_text("utf-8")
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def help_of(words: list[str]) -> str:
    """The help of a command, and of its subcommand where the words name one."""
    found = CliRunner().invoke(main, [words[0], "--help"]).stdout
    if "\nCommands:" in found and len(words) > 1:
        nested = next((word for word in words[1:] if f"\n  {word} " in found.partition("Commands:")[2]), None)
        found += "" if nested is None else CliRunner().invoke(main, [words[0], nested, "--help"]).stdout
    return found


@pytest.mark.parametrize("readme", **BY_NAME)
def test_every_command_and_option_exists(readme: Readme) -> None:
    indented = [each.text for each in readme.examples() if each.kind == "command"]
    for text in filter(lambda text: text.startswith("perpsim "), [*indented, *readme.spans]):
        words = shlex.split(text)[1:]
        if words[0].isupper() or words[0].startswith("--"):
            continue
        assert words[0] in main.list_commands(None), text  # type: ignore[arg-type]
        known = help_of(words)
        for word in words[1:]:
            if word.startswith("--") and word != "--help":
                assert f" {word} " in known.replace("\n", " ").replace(",", " "), text
