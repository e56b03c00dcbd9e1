"""What can be asked of a journal, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.explanations import JournalExplained
from engine import DataError, MarketHistory
from engine.journal import Journal
from tests.support.journals import recorded
from tests.support.runs import buy, close, klines, market

FLAT = market(X=klines(*[100.0] * 12))


def journal_of(history: MarketHistory = FLAT) -> Journal:
    journal = recorded(history, {1: buy(), 3: close()}, 5).result.journal
    assert journal is not None
    return journal


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "nothing was given: say what to explain, and one thing only"),
        ({"trade": 1, "order": 1}, "trade and order was given"),
        ({"trade": True}, "trade: True is no whole number"),
        ({"order": "1"}, "order: '1' is no whole number"),
        ({"trade": 0}, "there is no trade 0: its trades are 1 to 1"),
        ({"trade": -2}, "there is no trade"),
        ({"at": 17}, "17 is no time in epoch ms"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_sentence(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        JournalExplained(journal_of()).explanation(**asked)


def test_a_file_tells_the_same_but_for_the_values_of_rows(tmp_path: Path) -> None:
    journal = journal_of()
    journal.write(tmp_path / "run.jsonl")
    here = JournalExplained(journal).explanation(trade=1)
    there = JournalExplained(Journal.read(tmp_path / "run.jsonl")).explanation(trade=1)
    given = JournalExplained(Journal.read(tmp_path / "run.jsonl"), market=FLAT).explanation(trade=1)
    assert given.to_dict() == here.to_dict()
    assert "had open 100" in here.text()
    assert "had open 100" not in there.text()
    assert "[market-at-close; klines X" in there.text()
    assert [len(each.steps) for each in there.sections] == [len(each.steps) for each in here.sections]


def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    journal_of().write(path)
    path.write_bytes(path.read_bytes().replace(b'"price":100.0', b'"price":101.0', 1))
    with pytest.raises(DataError, match="my run: line"):
        JournalExplained(Journal.read(path), "my run").explanation(trade=1)


def test_plain_values_are_json_and_name_lines_of_the_journal() -> None:
    journal = journal_of()
    found = JournalExplained(journal).explanation(trade=1).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["journal_head"] == journal.head
    lines = {each["id"]: each for each in journal.records()}
    told = [step for section in found["sections"] for step in section["steps"]]
    prices = [step for step in told if step["what"] == "price"]
    assert [lines[step["lines"][0]]["price"] for step in prices] == [step["facts"]["price"] for step in prices]
    assert {step["rule"] for step in told} <= {None, *(each["rule"] for each in lines.values())}
    assert prices[0]["row"] == lines[prices[0]["lines"][0]]["row"]
