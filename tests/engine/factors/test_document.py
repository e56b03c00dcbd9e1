"""The tables of the document are what the code has."""

from __future__ import annotations

import re

import pytest

from engine.factors import BUILT_IN_FACTORS, FUNCTIONS, REGISTRY_FACTORS
from tests.conftest import ROOT


def functions() -> str:
    rows = (f"| `{each.signature}` | {each.formula} | {each.first} |" for each in FUNCTIONS.values())
    return "\n".join(["| Function | | Known from row |", "|---|---|---|", *rows])


def factors() -> str:
    rows = (f"| `{each.name}` | {each.category} | {each.description} |" for each in REGISTRY_FACTORS.values())
    return "\n".join(["| Factor | | |", "|---|---|---|", *rows])


def expressions() -> str:
    rows = (f"| `{each.name}` | {each.category} | `{each.expression}` |" for each in BUILT_IN_FACTORS.values())
    return "\n".join(["| Factor | | Expression |", "|---|---|---|", *rows])


@pytest.mark.parametrize("table", [functions, factors, expressions], ids=lambda each: each.__name__)
def test_the_document_has_the_table_of_the_code(table) -> None:
    text = (ROOT / "engine" / "factors" / "README.md").read_text("utf-8")
    name = table.__name__
    (between,) = re.findall(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert between.strip() == table(), f"put there what {name}() makes"
