"""What the README says can be done, can be done."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from adapters import main, read_config_file
from engine import BacktestResult
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
TEST_COMMAND = ".venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """The `perpsim ...` lines, without the name of the program."""
    return [line.split()[1:] for line in README.splitlines() if line.startswith("    perpsim ")]


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    assert f"    {TEST_COMMAND}\n" in README
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_first_run_works_as_it_is_written(tmp_path: Path) -> None:
    (config,) = blocks("toml")
    program, _ = blocks("python")
    (tmp_path / "backtest.toml").write_text(config)
    (tmp_path / "dips.py").write_text(program)
    assert read_config_file(tmp_path / "backtest.toml").remarks == ()
    first_run = commands()[:3]
    assert [words[0] for words in first_run] == ["synth", "inspect", "run"]
    for words in first_run:
        command = [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); import adapters; adapters.main()",
        ]
        done = subprocess.run([*command, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "equity.png").exists()
    assert "closed trades" in done.stdout


def test_the_script_works_as_it_is_written() -> None:
    _, script = blocks("python")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"exchange outage +4\n", done.stdout)


def test_every_command_and_option_exists() -> None:
    for words in commands():
        text = CliRunner().invoke(main, [words[0], "--help"]).stdout
        if "COMMAND [ARGS]" in text and not words[1].startswith("--"):
            text += CliRunner().invoke(main, [*words[:2], "--help"]).stdout
        for option in filter(lambda word: word.startswith("--"), words):
            assert option in text, (words[0], option)


def test_every_field_of_the_result_is_explained() -> None:
    section = README.partition("## The result")[2].partition("\n## ")[0]
    missing = {name for name in BacktestResult.__dataclass_fields__ if f"`{name}`" not in section}
    assert missing == {"start_time", "end_time", "equity"}


def test_every_scenario_and_picture_is_there() -> None:
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / picture).stat().st_size < 150_000
    for path in (ROOT / "scenarios").glob("[a-z]*.py"):
        assert f"`{path.stem}`" in README
