"""A bar in a notebook is the output of a cell, and nothing where nobody looks."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from adapters import backtest, progress_bar, synthetic_klines
from adapters.runs.notebook_bar import is_notebook
from engine import MarketData

START_MS = 1_704_067_200_000


class Cell:
    """What stands in the output of a cell, one text after another."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def display(self, data: dict[str, str], raw: bool, display_id: bool) -> Cell:
        assert (raw, display_id) == (True, True)
        self.update(data, raw)
        return self

    def update(self, data: dict[str, str], raw: bool) -> None:
        assert raw
        self.texts.append(data["text/plain"])


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """The output of a cell of a kernel, which this process seems to be; there are no ipywidgets."""
    cell = Cell()
    ipython: Any = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    display: Any = ModuleType("IPython.display")
    display.display = cell.display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.setattr("adapters.runs.notebook_bar._REFRESH_S", 0.0)
    return cell


class Holds:
    def should_trade(self, data: MarketData) -> None:
        return None


def run(**options: Any) -> None:
    klines = {"BTC": synthetic_klines("BTC", START_MS, 5_000, seed=1)}
    assert backtest(klines, Holds, **options).success


def test_a_run_shows_how_far_it_is_and_takes_the_bar_away(cell: Cell, capfd: pytest.CaptureFixture[str]) -> None:
    run()
    shown = [text for text in cell.texts if text]
    assert len(shown) > 1
    assert all("2024-01-" in text and "equity 10,000.00" in text and "\n" not in text for text in shown[1:])
    assert any("of 3 days" in text for text in shown)
    assert (cell.texts[0], cell.texts[-1]) == ("", "")
    assert capfd.readouterr() == ("", "")


def test_without_progress_nothing_is_shown(cell: Cell) -> None:
    run(progress=False)
    assert cell.texts == []


def test_other_bars_are_there_too(cell: Cell) -> None:
    with progress_bar("klines", 3) as advance:
        for _ in range(3):
            advance(1)
    assert [text.split()[0] for text in cell.texts if text] == ["klines"] * len([text for text in cell.texts if text])
    assert "3 of 3 rows" in cell.texts[-2]


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython: Any = ModuleType("IPython")
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    for shell in (None, SimpleNamespace()):
        ipython.get_ipython = lambda shell=shell: shell
        assert not is_notebook()
