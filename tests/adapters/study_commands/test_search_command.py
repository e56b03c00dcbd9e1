"""``perpsim search``, as a user types it."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from adapters import Database, open_database, synthetic_klines, write_klines
from adapters.commands import main
from adapters.database import perp_studies
from adapters.studies import list_studies, read_study
from tests.conftest import ROOT

START, DAY = 1_704_067_200_000, 86_400_000
PROGRAM = """
class Dips:
    def init(self, params):
        self.threshold = params.get("threshold", 30)
        self.stop = params.get("stop", 0.01)

    def should_trade(self, data):
        if self.threshold == 13:
            raise ValueError("thirteen")
        rsi = data.get_indicator("BTC", "RSI14", "1h")
        if "BTC" in data.positions or not rsi or rsi["value"] > self.threshold:
            return None
        stop = data.get_price("BTC") * (1 - self.stop)
        return Decision("buy", "BTC", target_portion_of_balance=0.3, leverage=2, stop_loss_price=stop)
"""
CONFIG = """
strategy = "dips.py"
symbols = ["BTC"]
start_time = 2024-01-02T00:00:00Z
end_time = 2024-01-09T00:00:00Z
scheduled_interval = "1h"

[params]
threshold = 30
"""
BOTH = ("--param", "threshold=int(25,60)", "--param", "stop=float(0.002,0.05,log)")
#: In this process, and programs as they are: quick.
HERE = ("--workers", "1", "--trust")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    database: Database = open_database(f"sqlite:///{tmp_path / 'market.db'}", create=True)
    write_klines(database, "hyperliquid", "BTC", "1m", synthetic_klines("BTC", START - 10 * DAY, 20 * 1440, seed=3))
    (tmp_path / "dips.py").write_text(PROGRAM)
    (tmp_path / "backtest.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERPSIM_DATABASE", "sqlite:///market.db")
    return tmp_path


def run(*words, status=0):
    done = CliRunner().invoke(main, [*words])
    assert done.exit_code == status, done.output
    return done


def search(*words, status=0):
    return run("search", "backtest.toml", *words, status=status)


def rows(path):
    with open(path, newline="") as file:
        return [{name: value for name, value in row.items() if name != "duration_ms"} for row in csv.DictReader(file)]


def test_the_best_trial_is_what_run_comes_to_with_its_values(folder):
    told = search(*BOTH, "--trials", "20", "--save", *HERE).stdout
    study, _ = read_study(open_database("sqlite:///market.db"), 1)
    best = study.best
    lines = [f"    {name} = {best.values[name]!r}" for name in ("threshold", "stop")]
    ending = f"Best: trial {best.number}, found after {best.number + 1} trials; in CONFIG.toml:"
    assert "\n".join([ending, "", "    [params]", *lines, ""]) in told
    assert "Stored as study 1\n" in told
    settings = [word for name, value in best.values.items() for word in ("--set", f"params.{name}={value!r}")]
    run("run", "backtest.toml", *settings, "--json", "by_set.json", "--no-timing", "--quiet")
    by_set = json.loads((folder / "by_set.json").read_text())
    assert {name: by_set[name] for name in best.figures} == dict(best.figures)
    (folder / "pasted.toml").write_text(CONFIG.partition("[params]")[0] + "\n".join(["[params]", *lines]))
    run("run", "pasted.toml", "--json", "pasted.json", "--no-timing", "--quiet")
    assert (folder / "pasted.json").read_bytes() == (folder / "by_set.json").read_bytes()
    assert digest_of_run(settings) == best.outcome.digest


def digest_of_run(settings):
    """The digest of the result that the command makes."""
    code = (
        "import sys\n"
        "from processes import ProgramBacktestEngine\n"
        "from adapters.commands import main\n"
        "run = ProgramBacktestEngine.run\n"
        "def told(*given, **more):\n"
        "    result = run(*given, **more)\n"
        "    print(result.digest)\n"
        "    return result\n"
        "ProgramBacktestEngine.run = told\n"
        "main(['run', 'backtest.toml', '--quiet', *sys.argv[1:]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *settings], env={"PYTHONPATH": str(ROOT), "PERPSIM_DATABASE": "sqlite:///market.db"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_the_number_of_workers_changes_nothing(folder):
    words = (*BOTH, "--trials", "20", "--prune", "0.4", "--metric", "total_pnl_percent", "--quiet")
    search(*words, "--csv", "one.csv", "--workers", "1")
    search(*words, "--csv", "two.csv", "--workers", "2")
    assert rows("one.csv") == rows("two.csv")
    assert {row["state"] for row in rows("one.csv")} == {"done", "pruned"}


def test_a_stored_search_goes_on_to_more_trials_as_if_it_had_not_ended(folder):
    words = (*BOTH, "--prune", "0.4", "--metric", "total_pnl_percent", "--seed", "5", "--batch", "4", *HERE)
    search(*words, "--trials", "24", "--csv", "whole.csv")
    search(*words, "--trials", "13", "--save", "--label", "dips")
    search("--resume", "1", "--trials", "24", "--csv", "resumed.csv", *HERE)  # the rest is stored
    assert rows("resumed.csv") == rows("whole.csv")
    (listed,) = list_studies(open_database("sqlite:///market.db"))
    assert (listed["kind"], listed["label"], listed["done"], listed["planned"]) == ("search", "dips", 24, 24)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seed", "6"), "seed (5, now 6)"),
        (("--sampler", "random"), "sampler ('tpe', now 'random')"),
        (("--constraint", "total_trades>3"), "constraints ([], now ['total_trades>3'])"),
        (("--metric", "calmar_ratio"), "the metric (total_pnl, now calmar_ratio)"),
    ],
)
def test_a_stored_search_cannot_go_on_as_another(folder, words, said):
    search(*BOTH, "--metric", "total_pnl", "--seed", "5", "--trials", "8", "--save", *HERE)
    told = search("--resume", "1", *words, *HERE, status=1).output
    assert "study 1 was begun with other settings, so it cannot be gone on with" in told
    assert said in told


def test_a_sweep_does_not_go_on_with_a_search(folder):
    search("--param", "stop=float(0.01,0.02)", "--trials", "2", "--save", *HERE)
    told = run("sweep", "backtest.toml", "--resume", "1", *HERE, status=1).output
    assert "study 1 is a search, so a sweep cannot go on with it" in told


def test_two_metrics_have_a_front(folder):
    told = search(
        *BOTH, "--sampler", "nsga2", "--metric", "total_pnl_percent", "--metric", "max_drawdown_percent",
        "--trials", "30", "--json", "study.json", *HERE,
    ).stdout  # fmt: skip
    match = re.search(r"No trial is as good as these (\d+) by total_pnl_percent and max_drawdown_percent\.", told)
    assert match
    assert len(re.findall(r"^ +\d+ .*%", told, re.MULTILINE)) == int(match[1])
    assert "Best by total_pnl_percent: trial " in told


def test_what_is_left_out_is_said(folder):
    told = search(
        *BOTH, "--trials", "16", "--constraint", "total_trades>=500", "--metric", "total_pnl", *HERE
    ).stdout  # fmt: skip
    assert re.search(r"Note: 16 of 16 trials did not keep total_trades>=500; the nearest has \d+\n", told)
    assert "Best" not in told


def test_a_search_of_few_combinations_ends_when_all_have_been_run(folder):
    told = search("--param", "threshold=int(40,44)", "--trials", "300", "--metric", "total_pnl", *HERE).stdout
    assert re.search(r"Note: it ended after \d+ trials: all 5 combinations have been run\n", told)
    assert re.search(r"Note: \d+ trials had the values of an earlier one, and took its outcome without a run\n", told)


def test_a_search_in_which_all_fails_ends_with_status_1_and_the_reason(folder):
    words = ("--param", "threshold=13", "--param", "stop=float(0.01,0.02)", "--trials", "200", *HERE)
    told = search(*words, status=1).stdout
    assert "Note: it ended after 16 trials: all 16 trials failed, and no more are made; the first: " in told
    assert "thirteen" in told


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((*BOTH, "--constraint", "max_drawdwn<3"), 2, "did you mean max_drawdown?"),
        ((*BOTH, "--sampler", "grid"), 1, "stop: an interval without a step is no part of a grid"),
        ((*BOTH, "--sampler", "tep"), 2, "'tep' is not one of 'tpe'"),
        ((*BOTH, "--prune", "30"), 1, "prune: 30.0 is no share between 0 and 1, such as 0.3"),
        ((*BOTH, "--trials", "0"), 2, "0 is not in the range"),
        ((), 1, "nothing varies: name a parameter and its values"),
        (("--param", "treshold=int(1,3)"), 1, "did you mean threshold?"),
        (("--param", "threshold=int(3,1)"), 2, "is empty: 3 is not below 1"),
        ((*BOTH, "--resume", "7"), 1, "no study has been saved there"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(folder, words, status, said):
    told = search(*words, *HERE, status=status).output
    assert said in told.replace("\n", " ")
    assert "Traceback" not in told


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters", "search", "backtest.toml", *BOTH, "--trials", "5000", "--save", *HERE],
        env={"PYTHONPATH": str(ROOT), "PERPSIM_DATABASE": "sqlite:///market.db", "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    database = open_database("sqlite:///market.db")
    while process.poll() is None and not done_of(database):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Stored as study 1; --resume 1 goes on with it" in told
    assert "Traceback" not in errors
    done = done_of(database)
    study, _ = read_study(database, 1)
    assert len(study) == done > 0
    assert sorted(study.trials) == [*range(done)]


def done_of(database):
    with database.reading() as connection:
        is_there = database.has_table(connection, perp_studies)
    if not is_there:
        return 0
    return sum(each["done"] for each in list_studies(database))
