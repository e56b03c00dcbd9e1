"""The notebooks run from top to bottom, offline and without Jupyter, and print what they say."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.documents.notebooks import ROOT, cells, printed, source, stored_text

NOTEBOOKS = sorted((ROOT / "scenarios" / "notebooks").glob("*.ipynb"))


def test_there_is_one_for_beginners() -> None:
    assert "first_steps.ipynb" in {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_has_stored(path: Path, tmp_path: Path) -> None:
    texts = printed(path, tmp_path)
    stored = [stored_text(cell) for cell in cells(path)]
    assert [text for text, told in zip(texts, stored, strict=True) if told is not None] == [
        told for told in stored if told is not None
    ]
    assert sum(told is not None for told in stored) >= 8, "it shows what comes of it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_one_for_any_viewer(path: Path) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    numbers = [cell["id"] for cell in notebook["cells"]]
    assert len({*numbers}) == len(numbers)
    assert notebook["cells"][0]["cell_type"] == "markdown"
    assert {cell.get("execution_count") for cell in cells(path)} == {None}, "no trace of who ran it last"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_takes_perpsim_from_its_face(path: Path) -> None:
    imported = [
        alias.name
        for cell in cells(path)
        for node in ast.walk(ast.parse(source(cell)))
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    assert "perpsim" in imported
