"""The table of kinds, in the code and in the documents."""

from __future__ import annotations

from engine.durations import parse_length
from engine.faults import KINDS
from engine.faults.fault_kinds import kinds_markdown
from tests.conftest import ROOT

README = ROOT / "processes" / "faults" / "README.md"


def test_the_document_has_the_table_that_the_code_makes():
    table = README.read_text("utf-8").partition("<!-- kinds -->")[2].partition("<!-- /kinds -->")[0]
    assert table.strip() == kinds_markdown(), f"put what kinds_markdown() returns into {README}"


def test_what_is_measured_has_a_default_that_is_no_nothing():
    for kind in KINDS.values():
        assert (kind.figure == "") == (kind.default == 0.0)
        assert kind.lasts is None or parse_length(kind.lasts) >= 0
        if kind.figure == "percent":
            assert 0.0 < kind.default <= kind.most
        elif kind.figure:
            assert parse_length(kind.default) > 0
