"""The figures: each field has one, and all that is made from them agrees with what a run gives."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields
from typing import Annotated

import pytest

from engine import BacktestResult, BacktestTradeRecord
from engine.contract import ExitReason
from engine.result import FIGURES, Figure, Group, Unit
from engine.result.figures import figures_of
from tests.conftest import ROOT
from tests.support.eventful_run import eventful_result


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return eventful_result()


def test_every_field_of_a_result_has_a_figure() -> None:
    assert list(FIGURES) == [each.name for each in fields(BacktestResult)]
    assert all(each.label and each.meaning for each in FIGURES.values())


def test_a_field_without_a_figure_is_refused() -> None:
    @dataclass
    class Half:
        told: Annotated[int, Figure(Group.RUN, "told", Unit.COUNT, "It has one")]
        untold: int

    with pytest.raises(TypeError, match=r"Half\.untold has no Figure"):
        figures_of(Half)


def test_no_two_figures_of_a_unit_have_one_name() -> None:
    assert max(Counter((each.title, each.unit) for each in FIGURES.values()).values()) == 1


def test_what_a_figure_is_of_is_a_figure() -> None:
    assert {each.of for each in FIGURES.values()} - {""} <= set(FIGURES)


def test_everything_happens_in_the_eventful_run(result: BacktestResult) -> None:
    assert {trade.exit_reason for trade in result.trades} == set(ExitReason)
    assert result.liquidations
    assert result.risk_limit_hits
    assert result.funding_payments > 0
    assert result.open_positions


def test_the_columns_of_a_figure_are_in_its_rows(result: BacktestResult) -> None:
    listed = {name: figure for name, figure in FIGURES.items() if figure.unit is Unit.ROWS}
    assert {"liquidations", "risk_limit_hits", "open_positions", "data_coverage"} <= set(listed)
    for name, figure in listed.items():
        for row in getattr(result, name):
            assert {column.key for column in figure.columns} <= set(row), name
    trade = {each.name for each in fields(BacktestTradeRecord)}
    assert {column.key for column in FIGURES["trades"].columns} <= trade


def test_values_are_of_their_units(result: BacktestResult) -> None:
    kinds = {Unit.FLAG: bool, Unit.TEXT: str, Unit.COUNT: int, Unit.MOMENT: int, Unit.ROWS: list, Unit.LINES: list}
    kinds |= {Unit.DURATION: int, **dict.fromkeys((Unit.COUNTS, Unit.PERCENTS, Unit.TEXTS), dict)}
    for name, value in result.figures().items():
        kind = kinds.get(FIGURES[name].unit, float)
        assert value is None or type(value) is kind, name


def test_what_is_listed_or_counted_by_name_is_one_number(result: BacktestResult) -> None:
    amounts = {name: FIGURES[name].amount(value) for name, value in result.figures().items()}
    assert amounts["liquidations"] == len(result.liquidations)
    assert amounts["rejections"] == sum(result.rejections.values())
    assert amounts["decisions"] == result.total_triggers
    assert (amounts["total_pnl"], FIGURES["total_pnl"].amount(None)) == (result.total_pnl, None)


def test_an_absent_figure_is_empty_and_fresh() -> None:
    for figure in FIGURES.values():
        assert not figure.absent
        assert figure.absent is None or figure.absent is not figure.absent
        assert figure.amount(figure.absent) in (None, 0, {})


def figures_table() -> str:
    """The figures as a Markdown table, group by group."""
    rows = ["| Field | What | Unit | Meaning |", "|---|---|---|---|"]
    for group in Group:
        rows.append(f"| **{group}** | | | |")
        for name, figure in FIGURES.items():
            if figure.group is group:
                rows.append(f"| `{name}` | {figure.label} | {figure.unit.label} | {figure.meaning} |")
    return "\n".join(rows)


def test_the_document_has_the_table_of_the_code() -> None:
    text = (ROOT / "engine" / "result" / "README.md").read_text("utf-8")
    (between,) = re.findall(r"<!-- figures -->\n(.*?)<!-- /figures -->", text, re.DOTALL)
    assert between.strip() == figures_table(), "put there what figures_table() makes"
