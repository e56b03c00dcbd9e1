"""What is told of a figure, and by which names it is found."""

from __future__ import annotations

import pytest

from adapters.results import explained, figure_list
from adapters.results.figure_explained import ELSEWHERE, SOURCES, figure_text_of
from engine.result import FIGURES, REASONS, Group


def test_all_figures_are_listed_in_groups_and_fit_a_narrow_terminal() -> None:
    lines = figure_list().splitlines()
    assert [line for line in lines if line and line[0] != " "] == [*Group]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        name for group in Group for name, figure in FIGURES.items() if figure.group is group
    ]
    assert max(map(len, lines)) <= 80
    figures = [line for line in lines if line.startswith("  ")]
    assert len({line.rindex(f"  {FIGURES[line.split()[0]].label}") for line in figures}) == 1


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_explained_by_its_field(name: str) -> None:
    text, figure = explained(name), FIGURES[name]
    assert text is not None
    assert text.startswith(f"{name}: {figure.label}\n")
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert " ".join(figure.meaning.split()) in flat
    assert f"Unit: {figure.unit.label}" in flat
    assert all(why in flat for why, _ in REASONS.get(name, ()))
    assert SOURCES.get(name, "") in flat


def test_what_is_told_of_names_and_sources_is_of_figures() -> None:
    assert {*SOURCES} | {*ELSEWHERE} <= {*FIGURES}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_figure_is_found_by_what_others_call_it(name: str) -> None:
    for other in ELSEWHERE[name]:
        assert f"{name}: " in str(explained(other)), other


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("SHARPE RATIO", "sharpe_ratio"),
        ("Sharpe-ratio", "sharpe_ratio"),
        ("won / lost", "winning_trades"),
        ("sqn", "sqn"),
        ("held on average", "avg_holding_ms"),
        ("sortino", "sortino_ratio"),
        ("price pnl", "price_pnl"),
        ("ruined", "ruined_at"),
    ],
)
def test_a_figure_is_found_by_its_label(words: str, name: str) -> None:
    assert explained(words) == figure_text_of(name)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_found_by_its_title_in_comparisons(name: str) -> None:
    parts = str(explained(FIGURES[name].title)).split("\n\n")
    assert figure_text_of(name) in parts


def test_of_a_label_that_two_have_both_are_explained() -> None:
    assert explained("net PnL") == "\n\n".join(map(figure_text_of, ("total_pnl", "total_pnl_percent")))


def test_a_word_that_several_have_lists_them() -> None:
    first, *others = str(explained("streak")).splitlines()
    assert first == "2 figures have 'streak' in their names:"
    assert [line.split()[0] for line in others] == ["longest_win_streak", "longest_loss_streak"]


def test_a_near_miss_is_answered_with_the_nearest() -> None:
    assert explained("sharp_raito") == (
        f"No figure is called 'sharp_raito'; did you mean sharpe_ratio?\n\n{figure_text_of('sharpe_ratio')}"
    )
    assert explained("kely critterion") is not None
    for nothing in ("quux", "", "?!", "x" * 10_000):
        assert explained(nothing) is None, nothing[:10]
