"""``perpsim results``: rename, delete and export."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from adapters import open_database
from adapters.database import RESULT_TABLES
from adapters.results import ResultStore, read_result
from engine import BacktestConfig
from tests.conftest import ROOT
from tests.support.command_files import PROGRAM, fill_market, write_run
from tests.support.commands import perpsim
from tests.support.databases import Raw, raw_database
from tests.support.every_command import OF_KLINES
from tests.support.klines import START_MS, random_klines
from tests.support.sandboxes import jailed

TALKS = """
class Talks:
    def should_trade(self, data):
        price = data.get_price("BTC")
        data.record("price", price)
        if data.timestamp % 3_600_000 == 0:
            log("price", price)
        if data.timestamp % 1_800_000:
            return Decision("hold", "BTC", reason="not now")
        held = data.positions.get("BTC")
        if held:
            return [Decision("hold", "BTC"), Decision("close", "BTC")]
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=price * 0.99)
"""


@pytest.fixture
def url(any_database_url: str) -> str:
    return fill_market(any_database_url)


def saved(url: str, folder: Path, *words: object, program: str = TALKS) -> None:
    config = write_run(folder, program)
    done = perpsim("run", config, "--trust", "--quiet", "--save", "--database", url, *words)
    assert done.exit_code == 0, done.output


def rows(raw: Raw) -> list[int]:
    return [raw.execute(f"select count(*) from {table.name}")[0][0] for table in RESULT_TABLES]


def test_a_label_is_given_changed_and_taken_away(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path, "--label", "  one ")
    database = open_database(url)
    assert read_result(database, 1).label == "one"
    for label, expected in (("two: 50 % of it", "two: 50 % of it"), ("", None), ("three", "three")):
        assert perpsim("results", "rename", 1, label, "--database", url).exit_code == 0
        assert read_result(database, 1).label == expected
    for wrong in ("x" * 101, " ", "two\nlines"):
        refused = perpsim("results", "rename", 1, wrong, "--database", url)
        assert (refused.exit_code, "a label is one line of 1 to 100" in refused.stderr) == (2, True)
    unknown = perpsim("results", "rename", 9, "x", "--database", url)
    assert (unknown.exit_code, "has no result 9" in unknown.stderr) == (1, True)
    assert read_result(database, 1).label == "three"


@pytest.mark.parametrize("label", ["", "two\nlines", "x" * 101])
def test_a_run_is_not_begun_with_a_label_that_cannot_be_stored(url: str, tmp_path: Path, label: str) -> None:
    done = perpsim("run", write_run(tmp_path), "--trust", "--save", "--label", label, "--database", url)
    assert (done.exit_code, "a label is one line of 1 to 100" in done.stderr) == (2, True)
    alone = perpsim("run", write_run(tmp_path), "--trust", "--label", "x", "--database", url)
    assert (alone.exit_code, "add --save" in alone.stderr) == (2, True)


def test_an_export_may_be_standard_output(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path)
    for option in ("--json", "--trades", "--equity-csv", "--records"):
        assert perpsim("results", "export", 1, option, tmp_path / "file", "--database", url).exit_code == 0
        piped = perpsim("results", "export", 1, option, "-", "--database", url)
        assert (piped.exit_code, piped.stdout_bytes) == (0, (tmp_path / "file").read_bytes()), option
    both = perpsim("results", "export", 1, "--json", "-", "--trades", "-", "--database", url)
    assert (both.exit_code, "only one of the files can be -" in both.stderr) == (2, True)


@pytest.mark.parametrize("text", ["not json", "[" * 100_000], ids=["words", "deep"])
def test_a_configuration_that_is_no_json_is_told_in_a_sentence(text: str, url: str, tmp_path: Path) -> None:
    saved(url, tmp_path)
    with raw_database(url) as raw:
        raw.execute("update backtest_results set config = :text", text=text)
    for words in (("list",), ("show", 1), ("compare", 1, 1), ("export", 1, "--json", "-"), ("delete", 1)):
        done = perpsim("results", *words, "--database", url)
        assert (done.exit_code, done.stdout) == (1, ""), words
        assert ("is no JSON" in done.stderr, done.stderr.count("\n")) == (True, 1), words


def test_a_deleted_result_leaves_no_row_in_any_table(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path, "--label", "stays")
    with raw_database(url) as raw:
        before = rows(raw)
        assert min(before) > 0
        for _ in range(2):
            saved(url, tmp_path, "--label", "goes", "--all-triggers")
        done = perpsim("results", "delete", 3, 2, 3, "--database", url)
        assert (done.exit_code, done.stdout) == (0, "Deleted results 2, 3\n")
        assert rows(raw) == before
    assert perpsim("results", "show", 1, "--database", url).exit_code == 0
    assert "has no result 2" in perpsim("results", "show", 2, "--database", url).stderr


def test_of_several_results_all_are_deleted_or_none(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path)
    with raw_database(url) as raw:
        before = rows(raw)
        refused = perpsim("results", "delete", 1, 8, 9, "--database", url)
        assert (refused.exit_code, "has no result 8, 9; perpsim results list" in refused.stderr) == (1, True)
        assert rows(raw) == before


def test_a_run_that_is_under_way_is_not_deleted(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path)
    config = BacktestConfig(
        code=TALKS, symbols=["BTC"], start_time=START_MS, end_time=START_MS + 3_600_000, scheduled_interval="1m"
    )
    run = ResultStore(open_database(url)).begin(config)
    refused = perpsim("results", "delete", 1, run.run_id, "--database", url)
    assert refused.exit_code == 1
    assert f"result 2 is still being run by process {os.getpid()} on " in refused.stderr
    assert read_result(open_database(url), 1).status == "completed"
    run.fail("given up")
    assert perpsim("results", "delete", run.run_id, "--database", url).exit_code == 0


@pytest.mark.parametrize(("answer", "is_left"), [("y", False), ("n", True), (None, False)])
def test_on_a_terminal_it_asks_unless_told_not_to(tmp_path: Path, answer: str | None, is_left: bool) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    saved(url, tmp_path)
    leader, follower = pty.openpty()
    words = ["results", "delete", "1", "--database", url, *(["--yes"] if answer is None else [])]
    running = subprocess.Popen(
        [sys.executable, "-m", "adapters", *words], cwd=ROOT, stdin=follower, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(leader, f"{answer}\n".encode() if answer else b"")
    _, stderr = running.communicate(timeout=60)
    os.close(leader)
    os.close(follower)
    assert (f"Delete result 1 of {url}?" in stderr) == (answer is not None)
    with raw_database(url) as raw:
        assert raw.execute("select count(*) from backtest_results") == [(int(is_left),)]


@pytest.mark.parametrize(
    "where", [pytest.param([], marks=jailed, id="jailed"), pytest.param(["--trust"], id="trusted")]
)
@pytest.mark.parametrize("more", [[], ["--queries"], ["--all-triggers"], ["--queries", "--all-triggers"]])
def test_the_same_run_gives_the_same_bytes_stored_or_not_and_exported(
    tmp_path: Path, where: list[str], more: list[str]
) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    config = write_run(tmp_path, TALKS)
    names = ("json", "trades", "equity-csv", "records")

    def words(kind: str) -> list[object]:
        return [word for name in names for word in (f"--{name}", tmp_path / f"{kind}.{name}")]

    timing = ["--no-timing", *(["--all-triggers"] if "--all-triggers" in more else [])]
    for kind, save in (("plain", []), ("saved", ["--save", "--label", "x"])):
        done = perpsim("run", config, "--quiet", "--no-timing", "--database", url, *where, *more, *save, *words(kind))
        assert done.exit_code == 0, done.output
    done = perpsim("results", "export", 1, *timing, "--database", url, *words("export"))
    assert (done.exit_code, done.output) == (0, "")
    for name in names:
        plain, *others = ((tmp_path / f"{kind}.{name}").read_bytes() for kind in ("plain", "saved", "export"))
        assert [each == plain for each in others] == [True, True], name
    log = json.loads((tmp_path / "plain.json").read_text())["trigger_log"]
    assert any(entry["queries"] for entry in log) == ("--queries" in more)
    assert any("decisions" in entry for entry in log)
    with raw_database(url) as raw:
        stored = [index for (index,) in raw.execute("select trigger_index from backtest_trigger_logs order by id")]
    assert stored == [entry["index"] for entry in log]


def test_postgresql_gives_the_same_bytes(postgresql_url: str, tmp_path: Path) -> None:
    fill_market(postgresql_url)
    saved(postgresql_url, tmp_path, "--json", tmp_path / "saved.json")
    done = perpsim("results", "export", 1, "--json", tmp_path / "export.json", "--database", postgresql_url)
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "export.json").read_bytes() == (tmp_path / "saved.json").read_bytes()


def test_of_all_stored_triggers_the_quiet_ones_are_left_out_unless_asked_for(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path, "--all-triggers")
    told = []
    for words in ((), ("--all-triggers",)):
        done = perpsim("results", "export", 1, *words, "--json", tmp_path / "x.json", "--database", url)
        assert (done.exit_code, done.output) == (0, "")
        told.append(json.loads((tmp_path / "x.json").read_text()))
    some, every = (each["trigger_log"] for each in told)
    assert len(every) == told[0]["total_triggers"] == len(some) + told[0]["quiet_triggers"]
    assert [each["index"] for each in every] == [*range(len(every))]
    # several decisions of which the first is to hold are no quiet ones
    assert {len(each["decisions"]) for each in some if "decisions" in each} == {2}


def test_triggers_of_pools_are_exported_with_their_ids_where_these_are_stored(url: str, tmp_path: Path) -> None:
    (tmp_path / "signals.toml").write_text(OF_KLINES)
    assert perpsim("signals", "add", tmp_path / "signals.toml", "--database", url).exit_code == 0
    woken = ("--set", "signal_pool_ids=[1]", "--set", "end_time=2024-01-02T06:00:00Z")
    saved(url, tmp_path, *woken, "--no-timing", "--json", tmp_path / "saved.json", program=PROGRAM)
    words = ("results", "export", 1, "--no-timing", "--json", tmp_path / "export.json", "--database", url)
    done = perpsim(*words)
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "export.json").read_bytes() == (tmp_path / "saved.json").read_bytes()
    log = json.loads((tmp_path / "export.json").read_text())["trigger_log"]
    assert {(each["trigger_type"], each["pool_id"]) for each in log} == {("scheduled", None), ("signal", 1)}
    with raw_database(url) as raw:
        raw.execute(
            "update backtest_trigger_logs set decision_input = replace(decision_input, '\"signal_pool_id\": 1, ', '')"
        )
    assert "Note: " in (old := perpsim(*words)).stderr
    assert "the ids of the pools that triggered are not stored" in old.stderr


def test_what_is_not_stored_is_told(tmp_path: Path) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'long.db'}", random_klines(3_000))
    longer = ("--set", "end_time=2024-01-03T00:00:00Z", "--set", "scheduled_interval=30")
    saved(url, tmp_path, *longer)
    files = {name: tmp_path / name for name in ("json", "equity-csv", "records")}
    words = [word for name, path in files.items() for word in (f"--{name}", path)]
    done = perpsim("results", "export", 1, "--all-triggers", "--database", url, *words)
    assert done.exit_code == 0, done.output
    for text in (
        "amounts are stored with seven digits",
        "triggers of which nothing came have no row",
        "of the series price",
    ):
        assert text in done.stderr


def test_an_export_of_nothing_and_to_nowhere_is_bad_usage(url: str, tmp_path: Path) -> None:
    saved(url, tmp_path)
    nothing = perpsim("results", "export", 1, "--database", url)
    assert (nothing.exit_code, "name what to write" in nothing.stderr) == (2, True)
    nowhere = perpsim("results", "export", 1, "--json", tmp_path / "no" / "x.json", "--database", url)
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)
    unknown = perpsim("results", "export", 7, "--json", tmp_path / "x.json", "--database", url)
    assert (unknown.exit_code, "has no result 7" in unknown.stderr) == (1, True)
