"""The terminal's table of a result: what is there to show is shown, and nothing else."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from adapters import print_result
from adapters.results import unit_text
from engine import BacktestResult
from engine.result import FIGURES, Group, Place, Unit
from engine.result.reasons import REASONS
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


def test_why_a_figure_has_no_value_stands_in_its_place(result: BacktestResult) -> None:
    text = table(result)
    assert line(text, "return a year") == line(text, "alpha a year") == "under 30 days"
    assert line(text, "recovered in") == "not recovered"
    assert line(table(replace(result, annual_return_percent=12.0, undefined={})), "return a year") == "+12.00 %"


def test_every_reason_fits_into_the_table(result: BacktestResult) -> None:
    reasons = {why for each in REASONS.values() for why, _ in each}
    assert len(reasons) > 10
    for why in reasons:
        text = table(replace(result, undefined=dict.fromkeys(REASONS, why)))
        assert text.count(why) == sum(Place.LINE in FIGURES[name].places for name in REASONS)
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("missing", "expected", "shown"),
    [
        (9_960, 10_000, "9,960 (99.6 %)"),
        (9_999_999, 10_000_000, "9,999,999 (> 99.99 %)"),
        (10_000, 10_000, "10,000 (100 %)"),
        (1, 10_000_000, "1 (< 0.01 %)"),
        (150, 1_000, "150 (15 %)"),
    ],
)
def test_shares_are_written_as_people_write_them(
    result: BacktestResult, missing: int, expected: int, shown: str
) -> None:
    (covered, *_) = result.data_coverage
    text = table(replace(result, data_coverage=[{**covered, "missing": missing, "expected": expected}]))
    assert shown in text
    assert "e+" not in text


@pytest.mark.parametrize("value", [-0.001, -0.0, 0.0, 0.001])
def test_what_is_written_as_zero_has_no_sign(result: BacktestResult, value: float) -> None:
    names = [name for name, figure in FIGURES.items() if figure.unit in (Unit.USD, Unit.PERCENT, Unit.RATIO)]
    text = table(replace(result, **dict.fromkeys(names, value), undefined={}, open_positions=[]))
    assert not re.search(r"[-+]0\.00(?!\d)", text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (1_500, "1.5 s"),
        (59_999, "60 s"),
        (60_000, "1m"),
        (5_430_000, "1h 30m"),
        (172_799_999, "47h 59m"),
        (172_800_000, "2.0 days"),
        (864_000_000, "10.0 days"),
    ],
)
def test_lengths_of_time_are_in_seconds_hours_or_days(ms: int, text: str) -> None:
    assert unit_text(Unit.DURATION, ms) == text


def test_averages_of_no_trades_are_not_zero(result: BacktestResult) -> None:
    text = table(replace(result, total_trades=0, winning_trades=0, losing_trades=0))
    assert line(text, "won / lost") == "0 / 0"
    for name in ("win rate", "average win", "average loss", "largest win", "largest loss"):
        assert line(text, name) == "-"
