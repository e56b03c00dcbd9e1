"""What a notebook shows of a result by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from adapters.report import summary_html
from engine import BacktestResult, MarketHistory
from engine.result import FIGURES, Place
from tests.support.eventful_run import eventful_result
from tests.support.klines import random_klines
from tests.support.runs import Hold, run


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return eventful_result()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def points(html: str) -> list[np.ndarray]:
    return [
        np.array([pair.split(",") for pair in line.split()], float)
        for line in re.findall(r"<polyline points='([^']+)'", html)
    ]


def test_it_is_small_whole_and_without_a_script(result: BacktestResult) -> None:
    html = result._repr_html_()
    assert html == summary_html(result)
    assert len(html) < 40_000
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "http" not in html


def test_warnings_come_before_the_figures_and_these_before_the_picture(result: BacktestResult) -> None:
    html = summary_html(replace(result, warnings=["look <here>"], error="it & that"))
    places = [html.index(each) for each in ("it &amp; that", "look &lt;here&gt;", "Eventful", "Sharpe", "<svg")]
    assert places == sorted(places)
    for name, figure in FIGURES.items():
        if Place.HEAD in figure.places:
            assert figure.title in html, name


def test_both_lines_reach_from_edge_to_edge_and_from_lowest_to_highest(result: BacktestResult) -> None:
    equity, fall = points(summary_html(result))
    for line, (top, bottom) in ((equity, (8, 168)), (fall, (184, 244))):
        assert (line[0, 0], line[-1, 0]) == (70, 756)
        assert (line[:, 1].min(), line[:, 1].max()) == (top, bottom)
        assert (np.diff(line[:, 0]) >= 0).all()
        assert len(line) <= 400
    assert f"{result.equity.equity.max():,.2f}" in summary_html(result)


def test_a_run_without_a_trade_has_a_flat_line_and_one_label() -> None:
    flat = run(MarketHistory.from_klines({"X": random_klines(60)}), Hold(), 30)
    equity, fall = points(summary_html(flat))
    assert len({*equity[:, 1]}) == len({*fall[:, 1]}) == 1
    assert summary_html(flat).count(">10,000.00</text>") == 1
