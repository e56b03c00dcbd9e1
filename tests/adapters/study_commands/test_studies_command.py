"""``perpsim studies``, as a user types it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.support.command_files import PROGRAM, fill_market, write_run
from tests.support.commands import perpsim

_WINDOWS = "--train 4h --test 2h --param size=0.1,0.2,0.3 --metric total_pnl"
INIT = "    def init(self, params):\n        self.size = 1.0 * params['size']\n\n"
VARIED = PROGRAM.replace("    def should_trade", f"{INIT}    def should_trade").replace("=0.5", "=self.size")


@pytest.fixture
def stored(tmp_path: Path, any_database_url: str) -> str:
    """A database with two studies, of which the second failed in part."""
    fill_market(any_database_url)
    write_run(tmp_path, VARIED)
    for values in ("0.1,0.2,0.3", "0.3,0.4,'x'"):
        words = ("--trust", "--workers", "1", "--save", "--quiet", "--metric", "total_pnl", "--param", f"size={values}")
        assert perpsim("sweep", tmp_path / "run.toml", "--database", any_database_url, *words).exit_code == 0
    return any_database_url


def told(url: str, *words: object, code: int = 0) -> str:
    done = perpsim("studies", "--database", url, *words)
    assert done.exit_code == code, done.output
    return done.output


def test_they_are_listed_newest_first(stored: str) -> None:
    lines = told(stored).splitlines()
    assert [line.split()[0] for line in lines if "sweep of TurnRound" in line] == ["2", "1"]
    rows = json.loads(told(stored, "list", "--json"))
    assert [(row["id"], row["status"], row["done"], row["failed"]) for row in rows] == [
        (2, "completed", 3, 1),
        (1, "completed", 3, 0),
    ]
    assert rows[1]["best"] == {"size": [0.1, 0.2, 0.3][rows[1]["best_number"]]}
    assert isinstance(rows[0]["start_time"], int)
    assert len(json.loads(told(stored, "list", "--json", "--limit", 1))) == 1


def test_one_is_shown_by_any_figure(stored: str) -> None:
    shown = json.loads(told(stored, "show", 1, "--json", "--sort", "fees_paid", "--top", 2))
    assert [trial["values"]["size"] for trial in shown["trials"]] == [0.1, 0.2]
    shown = json.loads(told(stored, "show", 1, "--json", "--sort", "max:fees_paid"))
    assert [trial["values"]["size"] for trial in shown["trials"]] == [0.3, 0.2, 0.1]
    text = told(stored, "show", 2)
    assert "3 trials, 1 failed, " in text
    assert "Study 2: sweep of TurnRound" in text
    assert "1 failed: " in text
    assert "\n3 trials, 1 failed, " in text
    assert "did you mean sharpe_ratio" in told(stored, "show", 1, "--sort", "sharp_ratio", code=2)
    assert "has no study 9; stored: 1 to 2" in told(stored, "show", 9, code=1)


def test_trials_are_a_table_and_csv(stored: str) -> None:
    head, line, *lines = told(stored, "trials", 2).splitlines()
    assert head.split() == "Trial Values State Metric Return % Drawdown % Sharpe Trades ms".split()
    assert len(lines) == 3
    assert {len(each) for each in (head, line, *lines)} == {len(line)}
    assert re.match(r" +2  size=x +failed: .* -  ", lines[2])
    rows = [*csv.DictReader(io.StringIO(told(stored, "trials", 2, "--csv")))]
    assert [(row["number"], row["size"], row["state"]) for row in rows] == [
        ("0", "0.3", "done"),
        ("1", "0.4", "done"),
        ("2", "x", "failed"),
    ]
    best = [*csv.DictReader(io.StringIO(told(stored, "trials", 2, "--csv", "--sort", "fees_paid", "--top", 1)))]
    assert [row["size"] for row in best] == ["0.3"]


def test_two_are_compared(stored: str) -> None:
    found = json.loads(told(stored, "compare", 1, 2, "--json"))
    assert (found["common"], found["equal"], found["better"]) == (1, 1, 0)
    assert found["about"]["over size"] == ["[0.1, 0.2, 0.3]", "[0.3, 0.4, 'x']"]
    assert (found["config"], found["code"]) == ([], [])
    assert "Trials with the same values: 1; 1 of them came to the same" in told(stored, "compare", 1, 2)


def test_one_is_renamed_exported_and_deleted(stored: str, tmp_path: Path) -> None:
    told(stored, "rename", 2, " mine ")
    assert [row["label"] for row in json.loads(told(stored, "list", "--json"))] == ["mine", None]
    told(stored, "rename", 2, "\n", code=2)
    files = {kind: tmp_path / f"study.{kind}" for kind in ("json", "csv", "equity-csv")}
    told(stored, "export", 2, *(word for kind, file in files.items() for word in (f"--{kind}", file)))
    study = json.loads(files["json"].read_text())
    assert [trial["params"]["size"] for trial in study["trials"]] == [0.3, 0.4, "x"]
    assert len(files["csv"].read_text().splitlines()) == 4
    assert files["equity-csv"].read_text().splitlines()[0] == "time,0,1,2"
    assert "name what to write" in told(stored, "export", 2, code=2)
    assert "has no study 5" in told(stored, "delete", 1, 5, code=1)
    assert len(json.loads(told(stored, "list", "--json"))) == 2
    assert told(stored, "delete", 1, 2, "--yes") == "Deleted studies 1, 2\n"
    assert json.loads(told(stored, "list", "--json")) == []


def test_a_database_without_studies_says_how_to_get_some(tmp_path: Path) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'm.db'}")
    assert "has no study 1; there is none yet" in told(url, "show", 1, code=1)
    assert "Missing option '--database'" in perpsim("studies", "list").output


@pytest.fixture
def walked(tmp_path: Path, any_database_url: str) -> str:
    """A database with a walk-forward of three windows."""
    fill_market(any_database_url)
    write_run(tmp_path, VARIED)
    words = f"{_WINDOWS} --trust --workers 1 --save --quiet".split()
    done = perpsim("walk-forward", tmp_path / "run.toml", "--database", any_database_url, *words)
    assert done.exit_code == 0, done.output
    return any_database_url


def test_a_walk_forward_has_no_best_trial_but_a_return_out_of_sample(walked: str, tmp_path: Path) -> None:
    (row,) = json.loads(told(walked, "list", "--json"))
    assert (row["best"], row["best_number"], row["best_value"]) == ({}, None, None)
    trials = list(csv.DictReader(io.StringIO(told(walked, "trials", 1, "--csv"))))
    tests = trials[-row["tests"] :]
    growth = 1.0
    for each in tests:
        growth *= float(each["final_equity"]) / float(each["initial_balance"])
    assert (row["tests"], len(trials)) == (len(trials) // 4, 4 * len(tests))
    assert growth != 1.0
    assert row["tests_return_percent"] == pytest.approx(100 * (growth - 1), abs=1e-9)
    shown = f"out of sample {100 * (growth - 1):+.2f} % in {len(tests)} tests"
    assert shown in told(walked)
    assert f"{shown}; perpsim walk-forward --resume 1 shows its windows" in told(walked, "show", 1)
    numbers = [each["number"] for each in json.loads(told(walked, "show", 1, "--json"))["trials"]]
    assert numbers == [int(each["number"]) for each in tests]
    best_first = json.loads(told(walked, "show", 1, "--json", "--sort", "min:total_pnl"))["trials"]
    pnl = [each["figures"]["total_pnl"] for each in best_first]
    assert pnl == sorted(float(each["total_pnl"]) for each in tests)
    assert "a walk-forward chooses in each window anew" in told(walked, "judge", 1, code=1)
    for words in (("--report", tmp_path / "walk.html"), ("--plot", tmp_path / "walk.svg")):
        refused = told(walked, "draw", 1, *words, code=1)
        assert refused.startswith("Error: ")
        assert "draw the walk-forward itself" in refused
        assert not words[1].exists()
    assert json.loads(told(walked, "compare", 1, 1, "--json"))["best"]["trial"] == [None, None]
