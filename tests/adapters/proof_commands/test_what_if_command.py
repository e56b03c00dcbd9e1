"""``perpsim what-if``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result

from adapters import create_database, open_database
from engine.journal import Journal
from tests.conftest import ROOT
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.process_facts import children, status
from tests.support.sandboxes import jailed

AT = "2024-01-01T09:00:00Z"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with a market, and the stored result 1 of a run."""
    made = tmp_path_factory.mktemp("what_if")
    path, url = write_run(made), f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    assert perpsim("run", path, "--database", url, "--trust", "--save", "--quiet").exit_code == 0
    return url


def asked(url: str, *words: object) -> Result:
    return perpsim("what-if", 1, "--database", url, *words)


def test_nothing_changed_is_told(url: str) -> None:
    done = asked(url, "--at", AT, "--trust")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("What if from 2024-01-01 09:00:00 UTC on nothing is other?\n")
    assert "It brings 0.00 USD\nNothing differs: both journals end with " in done.output


@jailed
def test_in_the_sandbox_it_comes_to_the_same(url: str) -> None:
    words = ("--at", AT, "--set", "slippage_percent=0.2")
    assert asked(url, *words).output == asked(url, *words, "--trust").output


def test_json_and_journals_are_those_of_both_runs(url: str, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("json", "journal", "base-journal")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    done = asked(url, "--at", AT, "--set", "slippage_percent=0.2", "--set", "fee_rate=0.1", "--trust", *options)
    assert done.exit_code == 0, done.output
    told = json.loads(files["json"].read_text())
    assert told["set"] == {"slippage_percent": 0.2, "fee_rate": 0.1}
    assert told["gained"] == told["branch"]["total_pnl"] - told["base"]["total_pnl"] < 0.0
    assert sum(told["gained_parts"].values()) == pytest.approx(told["gained"], abs=1e-9)
    base, branch = Journal.read(files["base-journal"]), Journal.read(files["journal"])
    assert (base.head, branch.head) == (told["base"]["journal_head"], told["branch"]["journal_head"])
    first = told["first_difference"]
    assert [*base.records()][first["base"]["id"]] == first["base"]
    assert [*branch.records()][first["branch"]["id"]] == first["branch"]
    assert first["base"]["at"] >= told["at"]
    piped = asked(url, "--at", AT, "--set", "slippage_percent=0.2", "--set", "fee_rate=0.1", "--trust", "--json", "-")
    assert json.loads(piped.output) == told


def test_each_decision_is_told_in_a_table_and_as_json(url: str, tmp_path: Path) -> None:
    words = ("what-if", write_run(tmp_path, end="2024-01-01T04:00"), "--database", url)
    done = perpsim(*words, "--each-decision", "--trust", "--json", tmp_path / "worths.json")
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "worths.json").read_text())
    rows = [line.split()[0] for line in done.output.splitlines() if line[:5].strip().isdecimal()]
    assert rows == [str(each["number"]) for each in told["decisions"]]
    for each in told["decisions"]:
        assert each["worth"] == pytest.approx(told["total_pnl"] - each["pnl_without"])
    short = perpsim(*words, "--each-decision", "--trust", "--most", 1)
    (line,) = [line for line in short.output.splitlines() if line[:5].strip().isdecimal()]
    best = max(told["decisions"], key=lambda each: abs(each["worth"]))
    assert line.split()[0] == str(best["number"])


def test_a_process_of_its_own_is_copied(url: str) -> None:
    words = ["what-if", "1", "--at", AT, "--set", "fee_rate=0.1", "--database", url, "--trust", "--json", "-"]
    done = subprocess.run([sys.executable, "-m", "adapters", *words], cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout)["forked"] is (sys.platform == "linux")


SLOW = """
class Slow:
    def should_trade(self, data):
        sum(range(300_000))
        return Decision("close", "BTC") if data.positions else Decision("buy", "BTC", size=0.001)
"""


def leaves(pid: int) -> set[int]:
    """All processes that stem from one."""
    found = set(children(pid))
    return found.union(*map(leaves, found))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_who_ends_it_leaves_no_copy_and_no_file(url: str, tmp_path: Path, number: signal.Signals) -> None:
    path, rest = write_run(tmp_path, SLOW), tmp_path / "rest"
    rest.mkdir()
    words = ("what-if", path, "--each-decision", "--trust", "--database", url)
    command = [sys.executable, "-m", "adapters", *map(str, words)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(rest)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        while not (copies := leaves(asking.pid)):
            assert asking.poll() is None
            time.sleep(0.01)
        asking.send_signal(number)
        told = asking.communicate()[1].decode()
    assert (asking.returncode, told) == ((-9, "") if number == signal.SIGKILL else (130, "Interrupted.\n"))
    while any(status(each, "State") for each in copies):
        time.sleep(0.01)
    assert list(rest.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "problem"),
    [
        ((), 2, "say from when on something is other: --at TIME, or --each-decision"),
        (("--each-decision", "--at", AT), 2, "--each-decision leaves out one decision after another"),
        (("--at", AT, "--set", "fee_rate"), 2, "'fee_rate' is not of the form key=value"),
        (("--at", "soon"), 2, "soon"),
        (("--at", AT, "--set", "intrabar=optimistic"), 1, "intrabar: it cannot change while a run goes on: "),
        (
            ("--at", AT, "--set", "faults=[]"),
            1,
            "faults: it cannot change while a run goes on: those of a run are laid",
        ),
        (("--at", AT, "--fault", "outrage"), 1, "fault: there is no such kind as 'outrage'; did you mean outage?"),
        (("--each-decision", "--fault", "outage"), 2, "--each-decision leaves out one decision after another"),
        (("--at", AT, "--decision", "wait"), 1, "decision: 'wait' is none of buy, sell, close, hold"),
        (("--at", "2030-01-01T00:00:00Z"), 1, "lies outside of the run, which goes from 2024-01-01"),
    ],
)
def test_what_cannot_be_asked_is_refused(url: str, words: tuple[str, ...], status: int, problem: str) -> None:
    done = asked(url, *words)
    assert done.exit_code == status
    assert problem in done.output
    assert "Traceback" not in done.output


def test_a_fault_begins_then(url: str) -> None:
    words = ("--at", AT, "--fault", "outage:1h", "--fault", "flash_crash:5", "--json", "-", "--trust")
    told = json.loads(asked(url, *words).output)
    assert [each["kind"] for each in told["faults"]] == ["outage", "flash_crash"]
    assert told["branch"]["config"]["faults"] == told["faults"]
    assert told["base"]["config"]["faults"] == []
    assert any(each.startswith("fault outage: once, 1h 0m in all") for each in told["branch"]["warnings"])
    assert told["gained"] != 0.0


def test_a_decision_that_is_refused_is_told(url: str) -> None:
    done = asked(url, "--at", AT, "--decision", "buy BTC size=0.01 leverage=500", "--trust")
    assert "the program decides buy BTC 0.01 coins x500?\n" in done.output
    assert "\nIt was refused: leverage out of range\n" in done.output
    assert "refused:" not in asked(url, "--at", AT, "--decision", "buy BTC size=0.01 leverage=2", "--trust").output


def test_an_unknown_result_is_told(url: str) -> None:
    done = perpsim("what-if", 7, "--at", AT, "--database", url)
    assert (done.exit_code, "7" in done.output) == (1, True)
