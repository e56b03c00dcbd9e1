from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import create_database, main, open_database
from adapters.results import explained, figure_list
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_without_an_argument_all_figures_are_listed() -> None:
    found = explain()
    assert (found.exit_code, found.stdout) == (0, f"{figure_list()}\n")


def test_figures_are_explained_one_after_another() -> None:
    found = explain("sharpe_ratio", "CAGR [%]")
    assert found.exit_code == 0
    assert found.stdout == f"{explained('sharpe_ratio')}\n\n{explained('annual_return_percent')}\n"


def test_what_is_no_figure_is_wrong_usage() -> None:
    found = explain("sqn", "quux")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Error: there is no figure 'quux': perpsim explain lists all of them" in found.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market, the stored results 1, with its journal, and 2 of one run, and the journal and the JSON of it."""
    made = tmp_path_factory.mktemp("explained")
    path, url = write_run(made), f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    words = ("--trust", "--quiet", "--save", "--json", made / "run.json")
    assert perpsim("run", path, "--database", url, *words, "--journal", made / "run.jsonl").exit_code == 0
    assert perpsim("run", path, "--database", url, *words).exit_code == 0
    return made


@pytest.fixture(scope="module")
def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'market.db'}"


def test_a_trade_of_a_stored_result_is_told_in_the_sandbox_with_the_values_of_its_rows(url: str) -> None:
    found = explain("1", "--trade", "2", "--database", url)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.startswith("Trade 2: ")
    text = " ".join(found.stdout.split())
    for part in (
        "Woken: the schedule is due.",
        "Why this price: a market order trades at the close",
        "had open",
        "Fee: ",
    ):
        assert part in text
    assert "Entry, of an order that closed what was held the other way first" in text  # the program turns round


def test_a_file_tells_the_same_without_a_database_and_without_the_values(folder: Path, url: str) -> None:
    stored = json.loads(explain("1", "--trade", "2", "--trust", "--json", "--database", url).stdout)
    file = json.loads(explain(str(folder / "run.jsonl"), "--trade", "2", "--json").stdout)
    assert (stored.pop("result"), file.pop("result")) == ("result 1", str(folder / "run.jsonl"))
    prices = [
        [step for section in each["sections"] for step in section["steps"] if step["what"] == "price"]
        for each in (stored, file)
    ]
    for one, other in zip(*prices, strict=True):
        assert (one["lines"], one["rule"], one["row"]) == (other["lines"], other["rule"], other["row"])
        assert {"open", "high", "low", "close", "volume"} == one["facts"]["values"].keys()
        assert other["facts"]["values"] == {}
    assert stored["journal_head"] == file["journal_head"]


def test_orders_and_instants_are_told_too(folder: Path) -> None:
    path = str(folder / "run.jsonl")
    order = explain(path, "--order", "1")
    assert order.stdout.startswith("Order 1: filled at 2024-01-01 02:15:00 UTC, on BTC")
    moment = explain(path, "--at", "2024-01-01T02:20:00Z")
    assert moment.stdout.startswith("2024-01-01 02:20:00 UTC: nothing happened")
    assert explain(path, "--at", "1704075600000").stdout == moment.stdout


def test_lines_are_as_wide_as_the_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    found = explain(str(folder / "run.jsonl"), "--trade", "1")
    assert 50 < max(map(len, found.stdout.splitlines())) <= 60


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (["latest", "--trade", "1"], 2, "--database URL is missing: the one that the latest result is stored in"),
        (["RESULT", "--trade", "1"], 2, "run.json was run on"),
        (["1", "--trade", "1"], 2, "--database URL is missing: the one that result 1 is stored in"),
        (
            ["--trade", "1"],
            2,
            "name one RESULT: the id of a stored result, latest, or a file of perpsim run --journal or --json",
        ),
        (["1", "2", "--trade", "1"], 2, "name one RESULT"),
        (
            ["nowhere.jsonl", "--trade", "1"],
            2,
            "nowhere.jsonl is neither the id of a stored result, latest, nor a file",
        ),
        (["1", "--trade", "1", "--order", "1"], 2, "--trade and --order are two questions: ask one of them"),
        (["1", "--json"], 2, "say with --trade, --order or --at what of RESULT to explain"),
        (["17"], 2, "; of a result say what, with --trade, --order or --at"),
        (["JOURNAL", "--trade", "9999"], 1, "run.jsonl: there is no trade 9999: its trades are 1 to "),
        (["JOURNAL", "--order", "9999"], 1, "run.jsonl: there is no order 9999: its orders are 1 to "),
        (["JOURNAL", "--at", "2025-01-01T00:00Z"], 1, "2025-01-01 00:00:00 UTC is not in the run, which goes from"),
        (["CONFIG", "--trade", "1"], 1, "run.toml: its first line is none of a journal"),
        (["STORED", "--trade", "1"], 1, "has no result 9; stored: 1 to 2"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_sentence(
    folder: Path, url: str, words: list[str], status: int, error: str
) -> None:
    names = {
        "JOURNAL": [str(folder / "run.jsonl")],
        "RESULT": [str(folder / "run.json")],
        "CONFIG": [str(folder / "run.toml")],
    }
    names["STORED"] = ["9", "--database", url]
    found = explain(*(word for each in words for word in names.get(each, [each])))
    assert (found.exit_code, found.stdout) == (status, "")
    assert error in " ".join(found.stderr.split())


@pytest.mark.parametrize("name", ["1", "2", "latest", "run.jsonl", "run.json"])
def test_a_result_is_told_the_same_by_whatever_it_is_named(folder: Path, url: str, name: str) -> None:
    named = str(folder / name) if name.startswith("run") else name
    found = explain(named, "--trade", "2", "--trust", "--json", "--database", url)
    assert (found.exit_code, found.stderr) == (0, "")
    told = json.loads(found.stdout)
    assert told.pop("result") == (named if name.startswith("run") else f"result {2 if name == 'latest' else name}")
    stored = json.loads(explain("1", "--trade", "2", "--json", "--database", url).stdout)
    in_file = json.loads((folder / "run.json").read_text())["trades"][1]  # the second, as on the page
    assert told["sections"][-1]["steps"][-1]["facts"]["pnl"] == in_file["pnl"]
    assert told == {name: value for name, value in stored.items() if name != "result"}


def test_a_file_that_gzip_has_packed_is_read_like_any_other(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "run.jsonl.gz"
    packed.write_bytes(gzip.compress((folder / "run.jsonl").read_bytes()))
    assert explain(str(packed), "--trade", "2").stdout == explain(str(folder / "run.jsonl"), "--trade", "2").stdout


def test_without_the_klines_it_is_told_without_values_and_a_note_says_so(folder: Path, tmp_path: Path) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    create_database(open_database(empty, create=True))
    found = explain(str(folder / "run.jsonl"), "--trade", "2", "--database", empty)
    assert found.stdout == explain(str(folder / "run.jsonl"), "--trade", "2").stdout
    assert found.stderr.startswith("Note: values of rows are not told: symbols: ")
