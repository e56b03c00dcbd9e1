"""perpsim walk-forward: what it prints, writes, stores and refuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from adapters import create_database, main, open_database, synthetic_klines, write_klines
from adapters.database import perp_trials
from adapters.studies import read_study
from tests.conftest import ROOT
from tests.support.command_files import write_run

START, DAY = 1_704_067_200_000, 86_400_000
PROGRAM = """
class Dips:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        if self.threshold > 90:
            raise ValueError("too high")
        rsi, price = data.get_indicator("BTC", "RSI14", "15m"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2,
                        take_profit_price=price * 1.005, stop_loss_price=price * 0.995)
"""


SLOW = PROGRAM.replace(
    "self.threshold = params",
    """import os, threading
        if os.path.exists({path!r}):
            threading.Event().wait(0.2)
        self.threshold = params""",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("walk")
    write_run(place, PROGRAM, "2024-01-01T00:00", "2024-01-09T00:00")
    with (place / "run.toml").open("a") as file:
        file.write("[params]\nthreshold = 40\n")
    database = open_database(place / "market.db", create=True)
    write_klines(database, "binance", "BTC", "1m", synthetic_klines("BTC", START - 2 * DAY, 10 * 1440, seed=3))
    return place


def called(folder, words, *more, path=None):
    arguments = [
        "walk-forward", str(path or folder / "run.toml"), "--database", f"sqlite:///{folder / 'market.db'}", "--trust",
        "--workers", "1", *words.split(), *more,
    ]  # fmt: skip
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


WINDOWS = "--train 3d --test 1d --param threshold=30:50:10"


def test_it_prints_the_windows_and_what_came_of_them(folder):
    done = called(folder, f"{WINDOWS} --purge 2h")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert max(map(len, lines)) <= 80
    told = " ".join(done.output.split())
    assert "5 rolling windows, train 3d, test 1d, purge 2h, by sharpe_ratio; tested from 2024-01-04 00:00" in told
    assert "carried on: a test begins with the equity that the one before ended with" in told
    assert [line.split()[:2] for line in lines if "2024-01-0" in line and "threshold=" in line] == [
        [str(n), f"2024-01-0{n + 3}"] for n in range(1, 6)
    ]
    assert "positions open at the end of a test (* at its trades) are marked then, not closed" in told


def test_it_writes_json_and_csv_of_the_same_windows(folder, tmp_path):
    files = tmp_path / "walk.json", tmp_path / "walk.csv"
    words = f"{WINDOWS} --restart --anchored --quiet --json {files[0]} --csv {files[1]}"
    done = called(folder, words)
    assert (done.exit_code, done.output) == (0, "")
    told, rows = json.loads(files[0].read_text()), list(csv.DictReader(files[1].read_text().splitlines()))
    assert (told["account"], told["metric"], told["scheme"]["anchored"]) == ("restarted", "sharpe_ratio", True)
    assert "the account is restarted" in told["notes"][0]
    assert [row["train_from"] for row in rows] == [str(START)] * 5
    assert [float(row["out_return_percent"]) for row in rows] == [
        each["out_return_percent"] for each in told["windows"]
    ]
    assert [int(row["threshold"]) for row in rows] == [each["parameters"]["threshold"] for each in told["windows"]]
    compounded = 1.0
    for row in rows:
        assert row["initial_balance"] == "10000.0"
        compounded *= 1 + float(row["out_return_percent"]) / 100
    assert told["figures"]["total_pnl_percent"] == pytest.approx(100 * (compounded - 1))
    before = files[0].read_bytes()
    called(folder, words.replace("--quiet", "--quiet --workers 2"))
    assert files[0].read_bytes() == before
    piped = called(folder, f"{WINDOWS} --restart --anchored --json -")
    assert piped.stdout.encode() == before
    assert "rolling" not in piped.stdout
    assert "5 anchored windows" in piped.stderr


def test_a_search_chooses_in_each_window(folder):
    done = called(folder, "--train 3d --test 1d --trials 4 --seed 5", "--param", "threshold=int(20,60)")
    assert done.exit_code == 0, done.output
    assert "of 4 trials by tpe, seed 5" in " ".join(done.output.split())


def results_in(place):
    """Return the URL of an empty database."""
    url = f"sqlite:///{place / 'results.db'}"
    create_database(open_database(url, create=True))
    return url


def test_it_is_stored_and_gone_on_with(folder, tmp_path):
    results = results_in(tmp_path)
    done = called(folder, f"{WINDOWS} --results {results} --label mine")
    assert done.output.endswith("Stored as study 1\n")
    stored, plan = read_study(open_database(results), 1)
    assert (stored.kind, stored.status, stored.label, len(stored)) == ("walk-forward", "completed", "mine", 20)
    assert [each["test_from_ms"] for each in plan["of_kind"]["windows"]] == [START + n * DAY for n in range(3, 8)]
    assert plan["of_kind"]["scheme"]["train"] == "3d"
    again = called(folder, f"--train 3d --test 1d --resume 1 --results {results}")
    assert again.exit_code == 0, again.output
    assert again.output == done.output
    other = called(folder, f"--train 4d --test 1d --resume 1 --results {results}")
    assert other.exit_code == 1
    assert "study 1 was begun with other settings, so it cannot be gone on with: " in other.stderr


def test_ctrl_c_keeps_what_is_done_and_the_rest_is_run_later(folder, tmp_path):
    """Each run takes its time as long as a file is there."""
    results, slow = results_in(tmp_path), tmp_path / "slow"
    path = write_run(tmp_path, SLOW.format(path=str(slow)), "2024-01-01T00:00", "2024-01-09T00:00")
    windows = ("--train", "3d", "--test", "1d")
    varied = ("--param", "threshold=20:60:10")
    words = [
        sys.executable, "-m", "adapters", "walk-forward", str(path), "--results", results, "--trust",
        "--database", f"sqlite:///{folder / 'market.db'}", "--workers", "1", *windows, *varied,
    ]  # fmt: skip
    slow.touch()
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < deadline:
            if stored_trials(results):
                run.send_signal(signal.SIGINT)
                break
            time.sleep(0.05)
        told, errors = run.communicate(timeout=60)
    assert run.returncode == 130, errors
    assert told == ""
    assert "of 30 runs are done; --resume 1 goes on" in errors
    before = stored_trials(results)
    assert 0 < before < 30
    slow.unlink()
    again = called(folder, " ".join(windows), "--resume", "1", "--results", results, path=path)
    assert again.exit_code == 0, again.output
    assert stored_trials(results) == 30
    whole = called(folder, " ".join(windows), *varied, path=path)
    assert again.output == f"{whole.output}Stored as study 1\n"


def stored_trials(url):
    database = open_database(url, read_only=True)
    with database.reading() as connection:
        if not database.has_table(connection, perp_trials):
            return 0
        return connection.execute(select(func.count()).select_from(perp_trials)).scalar_one()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ("--train 3d", 2, "Missing option '--test'"),
        ("--train 6mo --test 1d --param threshold=30", 2, "months and years have no fixed length: 180d"),
        ("--train 3d --test 1d --step 2h --param threshold=30", 1, "step: 2h is shorter than the test of 1d"),
        ("--train 30d --test 1d --param threshold=30", 1, "train: 30d are longer than all there is"),
        ("--train 7d --test 2d --param threshold=30", 1, "a training of 7d leaves 1d and not 2d"),
        ("--train 3d --test 1d", 1, "nothing varies"),
        ("--train 3d --test 1d --param treshold=30", 1, "did you mean threshold?"),
        ("--train 3d --test 1d --param threshold=float(1,2)", 1, "or search: say how many trials"),
        ("--train 3d --test 1d --param threshold=30 --metric calmar_ratio", 1, "metric: calmar_ratio needs 30d"),
        ("--train 3d --test 1d --param threshold=30 --metric sharp", 2, "sharp: is no figure"),
        ("--train 3d --test 1d --param threshold=30 --metric fills --metric fees_paid", 2, "give one"),
        ("--train 3d --test 1d --param threshold=30 --vary initial_balance=1,2", 1, "or restart the account"),
        ("--train 3d --test 1d --param threshold=30 --json - --csv -", 2, "only one of the files can be -"),
        ("--train 3d --test 1d --param threshold=95,99", 1, "tested in any window: every training failed"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(folder, words, status, told):
    done = called(folder, words)
    assert done.exit_code == status, done.output
    assert told in " ".join(done.stderr.split())
