"""The documents explain every field of a configuration, in the words that the code has for it."""

from __future__ import annotations

from adapters.configuration import fields_markdown
from engine.config import SETTINGS
from tests.conftest import ROOT

README = ROOT / "engine" / "README.md"
RENEW = "is not what the code makes: put what `perpsim fields --markdown` prints between <!-- fields --> and its end"


def chapter() -> str:
    return README.read_text("utf-8").partition("<!-- fields -->")[2].partition("<!-- /fields -->")[0]


def test_the_table_of_fields_is_the_one_that_the_code_makes() -> None:
    assert chapter().strip() == fields_markdown(), f"{README} {RENEW}"


def test_every_field_and_every_choice_is_explained() -> None:
    for name, setting in SETTINGS.items():
        (row,) = [line for line in chapter().splitlines() if line.startswith(f"| `{name}` |")]
        assert [choice for choice in setting.choices if choice not in row] == []
        assert row.count("|") == 4
