"""``perpsim replay``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import main
from tests.support.journals import recorded
from tests.support.runs import buy, klines, market


@pytest.fixture(scope="module")
def run() -> object:
    history = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
    return recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0), 6: buy()}, 9, fee_rate=0.1).result


@pytest.fixture
def path(run, tmp_path: Path) -> Path:
    run.journal.write(tmp_path / "run.journal")
    return tmp_path / "run.journal"


def replayed(*words: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, words)], catch_exceptions=False)


def test_a_whole_journal_is_told_with_what_it_comes_to(run, path: Path) -> None:
    done = replayed(path)
    first, second, third = done.output.splitlines()
    assert done.exit_code == 0
    assert first == f"{path}: whole; {len(run.journal.lines)} lines of perpsim 0.1.0, 3 fills"
    cash = json.loads(replayed(path, "--json").output)["cash"]
    assert second == f"The money adds up: 1 closed trade, {cash:,.2f} USD in cash, X held at the end"
    assert third == f"Result {run.digest}, journal {run.journal_head}"


def test_json_has_the_figures(run, path: Path) -> None:
    told = json.loads(replayed(path, "--json", "--head", run.journal_head).output)
    (trade,) = run.trades
    assert told["lines"] == len(run.journal.lines)
    assert (told["fills"], told["trades"], told["ended"]) == (3, 1, "end")
    assert told["digest"] == run.digest
    assert told["journal_head"] == run.journal_head
    assert set(told["open_positions"]) == {"X"}
    assert told["cash"] < trade.equity_after


def test_a_damaged_journal_is_told_with_its_place(path: Path) -> None:
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"price":100.0', b'"price":100.5', 1))
    done = replayed(path)
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {path}: line 5, field price: byte ")
    assert 'now "price":100.5, before "price":100.0' in done.output


def test_another_head_is_refused(run, path: Path) -> None:
    done = replayed(path, "--head", "0" * 32)
    assert done.exit_code == 1
    assert f"its head is {run.journal_head}, and not {'0' * 32}: it is another journal" in done.output


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("some notes\n")
    done = replayed(path)
    assert (done.exit_code, done.output) == (
        1,
        f"Error: {path}: its first line is none of a journal: perpsim run --journal FILE writes one\n",
    )
    assert replayed(tmp_path / "none").exit_code == 2
