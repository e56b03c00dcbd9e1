"""The terminal's table of a result: what is there to show is shown, and nothing else."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from adapters import print_result
from engine import BacktestResult
from engine.result import FIGURES, Group, Place
from tests.support.eventful_run import eventful_result


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return eventful_result()


def table(result: BacktestResult) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_result(result, "a title", console)
    return console.file.getvalue()


def line(text: str, name: str) -> str:
    """The value that stands behind a name."""
    found = re.search(rf"(?:^|  ){re.escape(name)} +(\S.*?)(?:  |$)", text, re.MULTILINE)
    assert found is not None, (name, text)
    return found[1]


def test_every_figure_that_has_a_line_stands_in_it(result: BacktestResult) -> None:
    text = table(result)
    groups = (Group.MONEY, Group.RISK, Group.TRADES, Group.ACTIVITY, Group.VENUE)
    for figure in FIGURES.values():
        if figure.group in groups and Place.LINE in figure.places:
            assert (figure.label if figure.line is None else figure.line.strip()) in text


def test_liquidations_funding_and_limits_are_counted(result: BacktestResult) -> None:
    text = table(replace(result, liquidation_shortfall=12.5))
    assert line(text, "liquidations") == f"{len(result.liquidations)}"
    assert line(text, "liquidation shortfall") == "12.50"
    assert line(text, "funding payments") == f"{result.funding_payments}"
    assert line(text, "risk-limit hits") == f"{len(result.risk_limit_hits)}"


def test_they_are_listed_the_first_of_them_in_full(result: BacktestResult) -> None:
    text = table(result)
    first = result.liquidations[0]
    assert re.search(rf"^{first['symbol']} {first['side']} .* {first['price']:,.7g} ", text, re.MULTILINE)
    assert text.count("risk limit: cool-down after a stop") == 20 + 1  # and once as a reason of rejections
    assert f"and {len(result.risk_limit_hits) - 20} more" in text
    assert max(map(len, text.splitlines())) <= 80


def test_what_did_not_happen_has_no_line(result: BacktestResult) -> None:
    quiet = replace(result, liquidations=[], funding_payments=0, risk_limit_hits=[], open_positions=[], warnings=[])
    text = table(quiet)
    for name in ("iquidation", "funding payments", "isk-limit", "Open at the end", "Warnings", "strategy errors"):
        assert name not in text


def test_averages_of_no_trades_are_not_zero(result: BacktestResult) -> None:
    text = table(replace(result, total_trades=0, winning_trades=0, losing_trades=0))
    assert line(text, "won / lost") == "0 / 0"
    for name in ("win rate", "average win", "average loss", "largest win", "largest loss"):
        assert line(text, name) == "-"
