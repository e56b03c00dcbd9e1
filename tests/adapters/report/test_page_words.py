"""The words of the page: complete, plain, and of what the server really gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.report import vocabulary
from engine.contract import ActionType, ExitReason
from engine.exchange import OrderState
from engine.plain_values import plain
from engine.result import FIGURES, Unit


@pytest.fixture
def words() -> dict[str, Any]:
    return vocabulary()


def test_it_is_plain_json(words: dict[str, Any]) -> None:
    assert json.loads(json.dumps(words, allow_nan=False)) == plain(words)


def test_every_exit_decision_and_order_status_has_a_word(words: dict[str, Any]) -> None:
    assert words["exit_reasons"] == {reason.value: reason.label for reason in ExitReason}
    orders = {"placed", "amended", "rejected", "cancelled", "expired"}
    assert set(words["marks"]) == {"entry", "add", *ExitReason, "open", *orders, "decided", "ambiguous", "trigger"}
    assert [kind for kind, shown in words["marks"].items() if shown.get("is_hidden")] == ["trigger"]
    assert set(words["decisions"]) == {*ActionType, "none"}
    assert set(words["order_statuses"]) == set(OrderState)


def test_every_figure_stands_once_on_the_page(words: dict[str, Any]) -> None:
    main = [name for name, figure in words["figures"].items() if figure["is_main"]]
    below = [name for tab in words["tabs"] for section in tab["sections"] for name in section["figures"]]
    twice = {"funding_received"}  # a part of the money, and what the venue did
    assert {name for name in below if below.count(name) > 1} == twice
    assert {*main, *below} == {name for name, figure in FIGURES.items() if figure.unit is not Unit.RECORDS}
    assert not set(main) & set(below)


def test_the_words_that_a_column_names_are_there(words: dict[str, Any]) -> None:
    tables = [*words["columns"].values(), *(figure["columns"] for figure in words["figures"].values())]
    named = {column["words"] for table in tables for column in table} - {""}
    assert named == {"symbols", "sides", "exit_reasons"}
    assert named - {"symbols"} <= set(words)
