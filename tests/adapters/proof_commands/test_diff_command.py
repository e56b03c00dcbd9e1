"""``perpsim diff``: of stored results, of journals and of files of fills, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters import create_database, open_database
from engine.journal import Journal
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market; the results 1 and 2, which differ in their slippage, and their journals."""
    made = tmp_path_factory.mktemp("diff")
    path, url = write_run(made), f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    for name, slippage in (("a", 0.0), ("b", 0.1)):
        words = ("--set", f"slippage_percent={slippage}", "--journal", made / f"{name}.jsonl", "--set", "fee_rate=0.04")
        done = perpsim("run", path, "--database", url, "--trust", "--save", "--quiet", *words)
        assert done.exit_code == 0, done.output
    return made


def asked(folder: Path, *words: object, status: int = 0) -> str:
    done = perpsim("diff", *words)
    assert done.exit_code == status, done.output
    return done.output


def binance(folder: Path, delay_ms: int = 1_500, worse: float = 0.0, without: int = 0) -> Path:
    """The fills of the first run as Binance's API tells them, later and at worse prices, without the last few."""
    fills = [each for each in Journal.read(folder / "a.jsonl").records() if each["message"] == "fill"]
    rows = [
        {
            "symbol": "BTCUSDT",
            "id": number,
            "orderId": 900 + number,
            "side": each["side"].upper(),
            "price": repr(each["price"] * (1 + (worse if each["side"] == "buy" else -worse))),
            "qty": repr(each["size"]),
            "realizedPnl": "0" if each["purpose"] == "entry" else "1",
            "commission": repr(each["fee"]),
            "commissionAsset": "USDT",
            "time": each["at"] + delay_ms,
            "positionSide": "BOTH",
            "buyer": each["side"] == "buy",
            "maker": False,
        }
        for number, each in enumerate(fills[: len(fills) - without])
    ]
    path = folder / f"live_{delay_ms}_{worse}_{without}.json"
    path.write_text(json.dumps(rows[::-1]))
    return path


def test_stored_results_and_their_journals_say_the_same(folder: Path) -> None:
    url = f"sqlite:///{folder / 'market.db'}"
    stored = asked(folder, 1, 2, "--trust", "--database", url)
    read = asked(folder, folder / "a.jsonl", folder / "b.jsonl")
    assert stored.splitlines()[3:] == read.splitlines()[3:]
    first, second = (text.splitlines()[2] for text in (stored, read))
    assert first == "They are runs of other things: slippage_percent: 0.0 in A, 0.1 in B"
    assert second.startswith("They are runs of other things: configuration: ")
    assert second.endswith("(in which fields a journal does not tell: name stored results by their ids, which do)")
    assert "First difference:\n  A line " in stored
    assert "prices of B are worse by (bp): mean +10.00," in stored
    mixed = asked(folder, 1, folder / "a.jsonl", "--trust", "--database", url)
    assert mixed.splitlines()[-1].startswith("Nothing differs: ")


def test_what_else_a_run_writes_is_no_journal_and_the_way_out_is_told(folder: Path) -> None:
    written = "--json", folder / "a.json", "--trades", folder / "a.csv"
    assert (
        perpsim(
            "run",
            folder / "run.toml",
            "--trust",
            "--quiet",
            "--database",
            f"sqlite:///{folder / 'market.db'}",
            *written,
        ).exit_code
        == 0
    )
    for name, kind in (("a.json", "a result"), ("a.csv", "the closed trades of a run")):
        text = asked(folder, folder / "a.jsonl", folder / name, status=1)
        assert text == (
            f"Error: {folder / name} is {kind}, which perpsim run writes, and no journal: diff needs what perpsim run "
            "--journal FILE writes, or the id of a stored result\n"
        )


def test_fills_of_a_venue_that_came_later_and_worse(folder: Path) -> None:
    live = binance(folder, worse=0.0005)
    text = asked(folder, folder / "a.jsonl", live, "--fills")
    assert "user trades of Binance's API" in text
    assert "only fills are compared" in text
    assert " pairs within 1m, 0 missed (in A alone), 0 extra (in B alone)" in text
    assert "prices of B are worse by (bp): mean +5.00" in text
    assert "fills of B are later by (s): mean +1.500, median +1.500" in text
    told = json.loads(asked(folder, folder / "a.jsonl", live, "--json"))
    assert told["parts"]["price"] == pytest.approx(told["gap"], rel=1e-12)
    assert told["parts"]["fee"] == told["parts"]["missed"] == 0.0
    far = json.loads(asked(folder, folder / "a.jsonl", live, "--json", "--within", "1s"))
    assert (far["pairs"], far["missed"]) == (0, told["pairs"])


def test_fills_that_a_venue_did_not_have_are_missed(folder: Path) -> None:
    told = json.loads(asked(folder, folder / "a.jsonl", binance(folder, without=2), "--json"))
    assert told["missed"] == 2
    assert told["parts"]["missed"] == pytest.approx(told["gap"], rel=1e-12)
    assert told["parts"]["price"] == told["parts"]["fee"] == 0.0


def test_a_venue_can_be_the_first_one_and_both(folder: Path) -> None:
    live = binance(folder)
    assert "0 missed (in A alone), 0 extra" in asked(folder, live, folder / "a.jsonl")
    assert json.loads(asked(folder, live, live, "--json"))["gap"] == 0.0


def test_what_is_asked_wrongly_is_refused_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    a, live = folder / "a.jsonl", binance(folder)
    assert "an id is of a stored result: say with --database URL" in asked(folder, 1, a, status=2)
    assert "neither the id of a stored result nor a file" in asked(folder, "nothing.csv", a, status=2)
    assert "A and B are journals; leave it out" in asked(folder, a, a, "--once", status=2)
    assert "whose payments these are is not known" in asked(folder, live, live, "--funding", live, status=2)
    assert "write it as BNB=600" in asked(folder, a, live, "--fee-asset", "BNB=much", status=2)
    assert "is a positive number of USD" in asked(folder, a, live, "--fee-asset", "BNB=-1", status=1)
    notes = tmp_path / "notes.txt"
    notes.write_text("some notes\n")
    assert f"{notes}" in asked(folder, a, notes, status=1)
    damaged = tmp_path / "a.jsonl"
    damaged.write_bytes(a.read_bytes().replace(b'"message":"fill"', b'"message":"fall"', 1))
    assert f"{damaged}: line " in asked(folder, a, damaged, status=1)
