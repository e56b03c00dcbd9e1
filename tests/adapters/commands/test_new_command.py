"""What `perpsim new` writes, runs by the commands that it prints; nothing is written over."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest

from adapters.commands.new_command import TEMPLATES
from tests.conftest import ROOT
from tests.documents.readmes import Readme
from tests.support.commands import perpsim

WRITTEN = {template: ["first.py", "first.toml"] for template in TEMPLATES}
WRITTEN["signals"] = ["first.py", "first.toml", "first_signals.toml"]


def printed_commands(output: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in output.splitlines() if line.startswith("    perpsim ")]


#: A grid remembers which of its rungs sell next.
SAID = {
    "grid": "first.py:23:13: warning: self.selling is kept from one trigger to the next (the live platform makes a "
    'fresh object at each trigger, as strategy_lifetime = "trigger" and profile = "live" do)\n'
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_template_writes_is_valid_and_trades_by_the_commands_that_are_printed(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = perpsim("new", "first", "--template", template)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == WRITTEN[template]
    assert done.stdout.startswith(", ".join(WRITTEN[template]) + ": written.")
    valid = perpsim("validate", "first.py", "--config", "first.toml")
    assert (valid.exit_code, valid.output) == (0, f"{SAID.get(template, '')}first.py can be run\n")
    *prepare, run = printed_commands(done.stdout)
    assert run[0] == "run"
    for command in (*prepare, [*run, "--quiet", "--json", "result.json"]):
        ended = perpsim(*command)
        assert ended.exit_code == 0, ended.output
    result = json.loads(Path("result.json").read_text())
    assert result["total_trades"] > 20
    assert not any("params" in warning or "parameter" in warning for warning in result["warnings"])


@pytest.mark.parametrize("first", ["my first", """it's "1" \\ é""", "aNAME"])
def test_the_name_may_lie_in_a_folder_and_need_quotes(first: str, tmp_path: Path) -> None:
    name = tmp_path / first
    done = perpsim("new", name)
    assert done.exit_code == 0, done.output
    assert tomllib.loads((tmp_path / f"{first}.toml").read_text())["strategy"] == f"{first}.py"
    assert printed_commands(done.stdout)[-1][1] == f"{name}.toml"
    assert perpsim("validate", tmp_path / f"{first}.py").exit_code == 0


@pytest.mark.parametrize("there", WRITTEN["signals"])
def test_nothing_is_written_where_one_of_the_files_is_there(there: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("mine")
    done = perpsim("new", tmp_path / "first", "--template", "signals")
    assert done.exit_code == 2
    assert f"{tmp_path / there} is there already: nothing was written" in done.output
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["first.py", "first.toml", ".", "/", "a\nb"])
def test_a_name_with_an_ending_or_none_at_all_is_wrong_usage(name: str) -> None:
    done = perpsim("new", name)
    assert done.exit_code == 2
    assert "give it without an ending" in done.output


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = perpsim("new", tmp_path / "nowhere" / "first")
    assert done.exit_code == 1
    assert done.stderr == f"Error: {tmp_path}/nowhere/first.py cannot be written: No such file or directory\n"


def test_every_template_has_its_files_and_its_word_in_the_readme() -> None:
    folder = ROOT / "adapters" / "commands" / "templates"
    stems = {path.name.partition(".")[0].removesuffix("_signals") for path in folder.iterdir() if path.is_file()}
    assert stems == {*TEMPLATES}
    assert {*TEMPLATES} <= {*Readme(ROOT / "adapters" / "commands" / "README.md").spans}
