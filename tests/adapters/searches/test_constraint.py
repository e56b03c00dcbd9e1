"""Constraints on figures."""

from __future__ import annotations

import math

import pytest

from adapters.searches.constraint import Constraint, parse_constraint


@pytest.mark.parametrize(
    ("text", "figure", "sign", "limit"),
    [
        ("max_drawdown_percent<25", "max_drawdown_percent", "<", 25.0),
        (" max_drawdown_percent <= 25 % ", "max_drawdown_percent", "<=", 25.0),
        ("total_trades>=30", "total_trades", ">=", 30.0),
        ("total_pnl>-1e3", "total_pnl", ">", -1_000.0),
    ],
)
def test_a_constraint_is_a_figure_a_sign_and_a_number(text, figure, sign, limit):
    constraint = parse_constraint(text)
    assert constraint == Constraint(figure, sign, limit)
    assert parse_constraint(str(constraint)) == constraint


@pytest.mark.parametrize("limit", [0.1, 1 / 3, 1e-9, 123_456_789.125])
def test_its_text_is_the_constraint_to_the_last_digit(limit):
    constraint = Constraint("total_pnl", ">", limit)
    assert parse_constraint(str(constraint)) == constraint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_drawdown_percent", "is no FIGURE < NUMBER"),
        ("max_drawdown_percent==25", "is no FIGURE < NUMBER"),
        ("<25", "is no FIGURE < NUMBER"),
        ("max_drawdown_percnt<25", "did you mean max_drawdown_percent?"),
        ("start_time>0", "start_time: is no figure of a result that is a number"),
        ("max_drawdown_percent<much", "'much' is no finite number"),
        ("max_drawdown_percent<", "'' is no finite number"),
        ("max_drawdown_percent<nan", "no finite number"),
        ("max_drawdown_percent<inf", "no finite number"),
        ("total_trades>30%", "'30%' is no finite number"),
    ],
)
def test_what_is_none_is_refused_with_what_is_wrong(text, said):
    with pytest.raises(ValueError, match="is no") as refused:
        parse_constraint(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "value", "violation"),
    [
        ("total_pnl<25", 24.9, 0.0),
        ("total_pnl<25", 27.0, 2.0),
        ("total_pnl<=25", 25.0, 0.0),
        ("total_pnl>25", 22.0, 3.0),
        ("total_pnl>=25", 25.0, 0.0),
    ],
)
def test_it_is_left_by_so_much(text, value, violation):
    assert parse_constraint(text).violation({"total_pnl": value}) == violation


def test_the_limit_itself_leaves_a_strict_one():
    assert 0.0 < parse_constraint("total_pnl<25").violation({"total_pnl": 25.0}) < 1e-9


def test_a_figure_that_is_not_defined_leaves_it_without_end():
    assert parse_constraint("profit_factor>1").violation({"profit_factor": None}) == math.inf
    assert parse_constraint("win_rate>=0").violation({"win_rate": 0.0, "total_trades": 0}) == math.inf
    assert parse_constraint("win_rate>=0").violation({"win_rate": 0.0, "total_trades": 3}) == 0.0
