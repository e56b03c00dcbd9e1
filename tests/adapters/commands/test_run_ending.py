"""The end of a run: its result is stored first, each output stands by itself, failures are told together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import FrameType

import pytest

from adapters import create_database, open_database
from adapters.results import StoredRun
from adapters.terminal import INTERRUPTED
from tests.conftest import ROOT
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.patience import until
from tests.support.presses import at_a_context, pressing
from tests.support.runs import walk
from tests.support.stored_rows import saved_triggers

PROGRAM = """
class Steps:
    def should_trade(self, data):
        sum(range(10_000))
        return None if data.positions else Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2)
"""

FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
COUNTS = "select (select count(*) from backtest_trigger_logs), (select count(*) from backtest_details)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_run(tmp_path, PROGRAM, start="2024-01-01T01:00", end="2024-01-01T03:00")
    fill_market(f"sqlite:///{tmp_path / 'market.db'}", walk(300))
    create_database(open_database(tmp_path / "results.db", create=True))
    return tmp_path


def words(folder: Path, *more: object) -> list[str]:
    return ["run", str(folder / "run.toml"), "--database", str(folder / "market.db"), *map(str, more)]


def command(folder: Path, *more: object) -> list[str]:
    return [sys.executable, "-m", "adapters", *words(folder, *more)]


def stored(database: Path) -> list[tuple[object, ...]]:
    with raw_database(f"sqlite:///{database}") as raw:
        return raw.execute(
            "select status, error_message, total_triggers, final_equity is not null from backtest_results"
        )


@full
def test_a_file_that_cannot_be_written_costs_neither_the_stored_result_nor_the_other_files(folder: Path) -> None:
    trades = folder / "trades.csv"
    done = perpsim(*words(folder, "--save", "--json", FULL, "--trades", trades, "--equity-csv", FULL))
    assert done.exit_code == 1
    assert done.stderr == f"Error: {FULL} cannot be written: No space left on device\n"
    assert stored(folder / "market.db") == [("completed", None, 8, 1)]
    assert trades.read_text().startswith("opened_at,")
    assert "Stored as result 1" in done.stdout


@full
def test_what_cannot_be_shown_is_one_sentence_and_everything_else_is_there(folder: Path) -> None:
    told = folder / "result.json"
    with FULL.open("w") as nowhere:
        done = subprocess.run(
            command(folder, "--save", "--json", told),
            cwd=ROOT, stdout=nowhere, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Error: standard output cannot be written: No space left on device\n"
    assert json.loads(told.read_text())["total_triggers"] == 8
    assert stored(folder / "market.db") == [("completed", None, 8, 1)]


def test_a_reader_who_has_left_is_no_failure(folder: Path) -> None:
    told = folder / "result.json"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command(folder, "--save", "--json", told),
        cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert told.exists()


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_database_that_goes_away_during_a_run_ends_neither_the_run_nor_its_outputs(
    folder: Path, comes_back: bool
) -> None:
    told, place, aside = folder / "result.json", folder / "results.db", folder / "aside.db"
    more = ("--results", f"sqlite:///{place}", "--json", told, "--set", "scheduled_interval=1", "--all-triggers")
    running = subprocess.Popen(
        command(folder, *more), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until(lambda: saved_triggers(f"sqlite:///{place}"))
    place.rename(aside)
    until(told.exists)
    if comes_back:
        aside.rename(place)
    stdout, stderr = running.communicate(timeout=60)
    assert json.loads(told.read_text())["total_triggers"] == 7_200
    if comes_back:
        assert (running.returncode, stderr) == (0, "")
        assert "Stored as result 1" in stdout
        assert stored(place) == [("completed", None, 7_200, 1)]
        with raw_database(f"sqlite:///{place}") as raw:
            assert raw.execute(COUNTS) == [(7_200, 1)]
    else:
        assert running.returncode == 1
        assert stderr.startswith("Error: the run is not stored as result 1: sqlite:///")
        assert stderr.count("\n") == 1
        assert "Stored" not in stdout
        assert "final equity" in stdout.lower()


OUTPUTS = ["--json", "--trades", "--equity-csv", "--records", "--report"]


@pytest.mark.parametrize("option", OUTPUTS)
def test_a_file_that_is_a_dash_comes_to_standard_output_alone(folder: Path, option: str) -> None:
    file = folder / "file"
    assert perpsim(*words(folder, option, file, "--quiet", "--no-timing")).exit_code == 0
    done = perpsim(*words(folder, option, "-", "--no-timing"))
    assert (done.exit_code, done.stdout) == (0, file.read_text("utf-8"))
    assert "final equity" in done.stderr.lower()
    assert "Stored as result 1" in perpsim(*words(folder, option, "-", "--save")).stderr
    quiet = perpsim(*words(folder, option, "-", "--quiet", "--no-timing"))
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--json", "-", "--trades", "-"), "only one of the files can be -: name a file for each of the others"),
        (("--report", "-", "--open"), "--open needs a file: leave --report - out"),
        (("--plot", "-"), "- must end in .png, .svg, .pdf"),
    ],
)
def test_what_cannot_go_to_standard_output_is_refused_before_the_run(
    folder: Path, more: tuple[str, ...], why: str
) -> None:
    done = perpsim(*words(folder, *more))
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in " ".join(done.stderr.split())


@full
def test_a_dash_on_a_full_disk_is_one_sentence(folder: Path) -> None:
    with FULL.open("w") as nowhere:
        done = subprocess.run(
            command(folder, "--quiet", "--json", "-"),
            cwd=ROOT, stdout=nowhere, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Error: standard output cannot be written: No space left on device\n"


def test_a_reader_of_a_dash_who_has_left_is_no_failure(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command(folder, "--quiet", "--equity-csv", "-"),
        cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_report_is_written_and_shown_without_storing_anything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    named = perpsim(*words(folder, "--quiet", "--no-timing", "--report", folder / "made.html", "--open"))
    no_screen = "; there is no screen with a browser to show it on\n"
    assert (named.exit_code, named.stdout) == (0, "")
    assert named.stderr == f"The report is {folder / 'made.html'}{no_screen}"
    aside = perpsim(*words(folder, "--quiet", "--no-timing", "--open"))
    (made,) = folder.glob("perpsim-*.html")
    assert aside.stderr == f"The report is {made}{no_screen}"
    assert made.read_text("utf-8") == (folder / "made.html").read_text("utf-8")
    assert "prices-0-0" in made.read_text("utf-8")


def while_the_result_is_stored(frame: FrameType, event: str, argument: object) -> bool:
    """Whether the transaction that stores the result has just begun, or is about to end."""
    is_there = frame.f_back is not None and frame.f_back.f_code.co_name == StoredRun._complete.__name__
    return is_there and at_a_context(frame, event, argument)


@pytest.mark.parametrize("number", [1, 2])
def test_what_ctrl_c_has_cut_does_not_keep_the_result_from_being_stored(folder: Path, number: int) -> None:
    told = folder / "result.json"
    with pressing(while_the_result_is_stored, number):
        done = perpsim(*words(folder, "--save", "--json", told))
    assert (done.exit_code, done.stderr) == (INTERRUPTED, "Interrupted.\n")
    assert stored(folder / "market.db") == [("completed", None, 8, 1)]
    assert told.exists()
