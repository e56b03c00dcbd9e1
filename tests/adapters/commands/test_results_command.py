"""``perpsim results``: the list with its filters and sorts, one result and its triggers, and two side by side."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.command_files import PROGRAM, fill_market, write_run
from tests.support.commands import perpsim
from tests.support.databases import raw_database

IDLE = """
class Idle:
    def should_trade(self, data):
        if data.timestamp % 3_600_000 == 0:
            log("on the hour")
            data.get_price("BTC")
        return None
"""
#: What was run: (id from 1 on) label, program and settings.
RUNS: list[tuple[str | None, str, list[str]]] = [
    ("first try", PROGRAM, ["params.portion=0.25"]),
    (None, IDLE, []),
    ("Second TRY", PROGRAM, ["fee_rate=0.2"]),
]
CREATED = ("2024-05-01 08:00:00", "2024-05-02 08:00:00.000000", "2024-05-03 08:00:00.5")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("results")
    url = fill_market(f"sqlite:///{folder / 'market.db'}")
    for label, program, settings in RUNS:
        config = write_run(folder, program)
        words = [*(word for each in settings for word in ("--set", each)), *(["--label", label] if label else [])]
        done = perpsim("run", config, "--trust", "--quiet", "--save", "--database", url, *words)
        assert done.exit_code == 0, done.output
    with raw_database(url) as raw:
        for run_id, created in enumerate(CREATED, 1):
            raw.execute("update backtest_results set created_at = :at where id = :id", at=created, id=run_id)
    return url


def listed(url: str, *words: object) -> list[dict[str, Any]]:
    done = perpsim("results", "list", "--json", "--database", url, *words)
    assert (done.exit_code, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_list_tells_label_program_parameters_and_when_it_was_begun(url: str) -> None:
    one = listed(url)[-1]
    assert {name: one[name] for name in ("id", "label", "program", "params", "symbols", "exchange", "status")} == {
        "id": 1,
        "label": "first try",
        "program": "TurnRound",
        "params": {"portion": 0.25},
        "symbols": ["BTC"],
        "exchange": "binance",
        "status": "completed",
    }
    assert (one["created_at"], one["start_time"]) == (1_714_550_400_000, 1_704_074_400_000)
    for words in ((), ("list",)):
        shown = perpsim("results", "--database", url, *words).stdout
        assert re.search(r"^ 1 first try +TurnRound +portion=0.25 +BTC +2024-01-01 02:00 ", shown, re.MULTILINE)
        assert "2024-05-01 08:00" in shown


def test_on_a_terminal_the_list_fits_into_80_columns(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", perpsim("results", "list", "--database", url).stdout)
    assert max(map(len, shown.splitlines())) <= 80
    for text in (r"^ 1 first try +BTC +2024-01-01 +2024-05-01 ", r"^   TurnRound ", r"^   portion=0.25 "):
        assert re.search(text, shown, re.MULTILINE), text
    assert "completed" not in shown


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], [3, 2, 1]),
        (["--limit", 2], [3, 2]),
        (["--program", "IDLE"], [2]),
        (["--program", "turn", "--limit", 1], [3]),
        (["--label", "TRY"], [3, 1]),
        (["--label", "100%"], []),
        (["--symbol", "BTC"], [3, 2, 1]),
        (["--symbol", "BT"], []),
        (["--exchange", "Binance"], [3, 2, 1]),
        (["--exchange", "okx"], []),
        (["--status", "error"], []),
        (["--search", "on the hour"], [2]),
        (["--since", "2024-05-02T08:00:00Z"], [3, 2]),
        (["--since", "2024-05-01T08:00:00Z"], [3, 2, 1]),
        (["--until", "2024-05-02T08:00:00Z"], [2, 1]),
        (["--since", "2024-05-02T00:00:00Z", "--until", "2024-05-03T00:00:00Z"], [2]),
        (["--pnl", "zero"], [2]),
        (["--sort", "id", "--ascending"], [1, 2, 3]),
        (["--sort", "created", "--ascending"], [1, 2, 3]),
        (["--sort", "label"], [1, 3, 2]),
        (["--sort", "label", "--ascending"], [3, 1, 2]),
        (["--sort", "sharpe_ratio", "--program", "idle"], [2]),
        (["--sort", "program"], [3, 1, 2]),
        (["--sort", "program", "--ascending", "--limit", 2], [2, 3]),
        (["--where", "total_trades > 0"], [3, 1]),
        (["--where", "total_trades>0", "--where", "total_triggers=0"], []),
        (["--where", "initial_balance<=1e4", "--where", "total_trades=0"], [2]),
        (["--where", "total_trades<1"], [2]),
        (["--where", "total_triggers>=40"], [3, 2, 1]),
    ],
)
def test_results_are_filtered_and_sorted(url: str, words: list[object], ids: list[int]) -> None:
    assert [row["id"] for row in listed(url, *words)] == ids


@pytest.mark.parametrize("name", ["total_pnl", "total_pnl_percent", "total_trades", "max_drawdown", "profit_factor"])
def test_sorted_by_a_figure_those_without_a_value_come_last(url: str, name: str) -> None:
    for words in ((), ("--ascending",)):
        values = [row[name] for row in listed(url, "--sort", name, *words)]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == sorted(known, reverse=not words)


def test_the_sign_of_the_net_pnl_chooses(url: str) -> None:
    signs = {"plus": 1, "minus": -1, "zero": 0}
    for row in listed(url):
        sign = (row["total_pnl"] > 0) - (row["total_pnl"] < 0)
        for name, each in signs.items():
            assert (row["id"] in [found["id"] for found in listed(url, "--pnl", name)]) == (sign == each)


BAD_USAGE: list[list[object]] = [
    ["--sort", "luck"],
    ["--status", "done"],
    ["--since", "2024-05-01"],
    ["--limit", 0],
    ["--where", "luck>1"],
    ["--where", "total_trades"],
    ["--where", "total_trades>many"],
    ["--where", "total_trades>1 or 1=1"],
    ["--where", "total_pnl<nan"],
]


@pytest.mark.parametrize("words", BAD_USAGE)
def test_what_cannot_be_asked_for_is_bad_usage(url: str, words: list[object]) -> None:
    done = perpsim("results", "list", "--database", url, *words)
    assert done.exit_code == 2
    assert "Error: Invalid value for" in done.stderr


def test_the_database_may_be_named_before_the_command_after_it_or_by_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [perpsim("results", "--database", url, "show", 1), perpsim("results", "show", 1, "--database", url)]
    missing = perpsim("results", "show", 1)
    assert (missing.exit_code, "Missing option '--database'" in missing.stderr) == (2, True)
    monkeypatch.setenv("PERPSIM_DATABASE", url)
    shown.append(perpsim("results", "show", 1))
    assert {(each.exit_code, each.stdout) for each in shown} == {(0, shown[0].stdout)}
    assert shown[0].stdout.startswith("Result 1 'first try' (completed): TurnRound on BTC\n")


def test_two_programs_are_compared_line_by_line(url: str) -> None:
    found = perpsim("results", "compare", 1, 2, "--database", url).stdout
    assert "Configuration\n--- result 1 (first try)\n+++ result 2\n-params.portion = 0.25\n" in found
    assert "Code\n--- result 1 (first try)\n+++ result 2\n@@ " in found
    assert "\n-class TurnRound:\n+class Idle:\n" in found
    assert "\n     def should_trade(self, data):\n" in found
    assert "\x1b[" not in found
    entry = json.loads(perpsim("results", "compare", 1, 2, "--json", "--database", url).stdout)
    assert "+class Idle:" in entry["code"]


def test_a_figure_without_a_value_is_a_dash(url: str) -> None:
    found = perpsim("results", "compare", 1, 2, "--database", url).stdout
    assert re.search(r"Best trade +\S+ % +- *$", found, re.MULTILINE)
    assert " None" not in found.partition("Figures")[2].partition("First trade")[0]


def test_the_same_code_is_said_to_be_the_same(url: str) -> None:
    found = perpsim("results", "compare", 1, 3, "--database", url).stdout
    assert "\nCode: the same\n" in found
    assert "-fee_rate = 0.035\n" in found
    assert "+fee_rate = 0.2\n" in found
    assert "Fees paid, USD" in found


def test_on_a_terminal_the_differences_have_colours(url: str) -> None:
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "adapters", "results", "compare", "1", "2", "--database", url]
    surroundings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(words, cwd=ROOT, env=surroundings, stdin=follower, stdout=follower) as running:
        os.close(follower)
        seen = b""
        while part := _read(leader):
            seen += part
        assert running.wait(60) == 0
    os.close(leader)
    assert b"\x1b[31m-class TurnRound:\x1b[0m" in seen
    assert b"\x1b[32m+class Idle:\x1b[0m" in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # its last writer has closed it
        return b""


def test_a_trigger_is_shown_by_its_number_and_a_quiet_one_is_not_there(url: str) -> None:
    shown = perpsim("results", "show", 1, "--trigger", 0, "--database", url).stdout
    assert shown.startswith("Result 1, trigger 0: scheduled at 2024-01-01 02:15:00 UTC\nSaw:\n")
    for text in ("  total_equity: 10000.0\n", "Asked:\n  nothing\n", "  operation: buy\n", "  status: filled\n"):
        assert text in shown
    quiet = perpsim("results", "show", 2, "--trigger", 1, "--database", url)
    assert quiet.exit_code == 1
    assert "of result 2 no trigger 1 is stored; quiet ones" in quiet.stderr
    entry = json.loads(perpsim("results", "show", 2, "--trigger", 3, "--json", "--database", url).stdout)
    assert (entry["index"], entry["logs"]) == (3, ["on the hour"])


def test_a_database_of_an_earlier_version_has_no_labels(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "old.db"
    with raw_database(url) as raw:
        raw.execute(f"vacuum into '{copy}'")
    old = f"sqlite:///{copy}"
    with raw_database(old) as raw:
        raw.execute("drop table backtest_labels")
    assert [(row["id"], row["label"]) for row in listed(old, "--sort", "label")] == [(3, None), (2, None), (1, None)]
    assert listed(old, "--label", "try") == []
    assert perpsim("results", "show", 1, "--database", old).stdout.startswith("Result 1 (completed): TurnRound on BTC")
    assert perpsim("results", "rename", 2, "kept", "--database", old).exit_code == 0
    assert [row["label"] for row in listed(old)] == [None, "kept", None]


def test_every_letter_has_a_capital(any_database_url: str, tmp_path: Path) -> None:
    fill_market(any_database_url)
    words = ("--trust", "--quiet", "--save", "--label", "Über 100%_", "--database", any_database_url)
    assert perpsim("run", write_run(tmp_path, PROGRAM.replace("TurnRound", "Größer")), *words).exit_code == 0
    for label, count in (("üBER", 1), ("100%_", 1), ("%", 1), ("1%0", 0), ("über  ", 0), ("_", 1), ("r_1", 0)):
        assert len(listed(any_database_url, "--label", label)) == count, label
    assert len(listed(any_database_url, "--program", "GRÖSSER")) == 1


def test_postgresql_lists_and_sorts_alike(postgresql_url: str, tmp_path: Path) -> None:
    fill_market(postgresql_url)
    for label in ("b", "A"):
        config = write_run(tmp_path)
        words = ("--trust", "--quiet", "--save", "--label", label, "--database", postgresql_url)
        assert perpsim("run", config, *words).exit_code == 0
    chosen = listed(postgresql_url, "--symbol", "BTC", "--label", "a", "--sort", "total_pnl")
    assert [row["id"] for row in chosen] == [2]
    found = listed(postgresql_url, "--since", "2024-01-01T00:00:00Z", "--search", "turnround")
    assert [row["id"] for row in found] == [2, 1]
