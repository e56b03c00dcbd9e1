"""``perpsim stress``: a table on the terminal, JSON, a page, and what it refuses."""

from __future__ import annotations

import json

import pytest

from adapters import create_database, open_database
from engine.faults import KINDS
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("stress")
    write_run(made)
    url = f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    return made


def asked(folder, *words):
    database = f"sqlite:///{folder / 'market.db'}"
    return perpsim("stress", folder / "run.toml", "--database", database, "--workers", 1, *words)


def test_the_standard_set_is_shown_and_written(folder, tmp_path):
    done = asked(folder, "--trust", "--json", tmp_path / "s.json", "--html", tmp_path / "s.html")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "program.py on binance: BTC"
    rows = [line.split()[0] for line in lines[4 : 4 + len(KINDS) + 1]]
    assert rows == ["none", *KINDS]
    assert max(map(len, lines[:26])) <= 80
    found = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert [each["name"] for each in found["faults"]] == list(KINDS)
    assert "<table>" in (tmp_path / "s.html").read_text("utf-8")


def test_jailed_and_trusted_it_is_the_same(folder, tmp_path):
    chosen = ("--fault", "outage", "--fault", "delayed_data:20m", "--fault", "restart")
    for name, words in (("jailed", ()), ("trusted", ("--trust",))):
        assert asked(folder, "--quiet", "--json", tmp_path / name, *chosen, *words).exit_code == 0
    assert (tmp_path / "jailed").read_bytes() == (tmp_path / "trusted").read_bytes()


def test_the_json_may_go_to_standard_output(folder):
    done = asked(folder, "--trust", "--json", "-", "--fault", "rejects:50")
    assert [each["name"] for each in json.loads(done.stdout)["faults"]] == ["rejects:50"]
    assert "rejects:50" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fault", "outrage"], "there is no such kind as 'outrage'; did you mean outage?"),
        (["--fault", "rejects:500"], "percent: 500 is no number from 0 to 100"),
        (["--json", "-", "--html", "-"], "only one of the files can be -"),
    ],
)
def test_what_is_wrong_is_told(folder, words, said):
    done = asked(folder, *words)
    assert done.exit_code in (1, 2)
    assert said in done.output


def test_faults_of_the_configuration_are_set_on_the_command_line(folder):
    url = f"sqlite:///{folder / 'market.db'}"
    given = '--set=faults=[{kind = "outage", start = 2024-01-01T03:00:00Z, duration = "2h"}]'
    done = perpsim("run", folder / "run.toml", "--trust", "--database", url, given)
    assert done.exit_code == 0, done.output
    assert "fault outage: once, 2h 0m in all; orders refused: 8" in " ".join(done.stdout.split())
    wrong = perpsim("run", folder / "run.toml", "--trust", "--database", url, '--set=faults=[{kind = "outrage"}]')
    assert "faults: number 1, outrage: there is no such kind of fault; did you mean outage?" in wrong.output
