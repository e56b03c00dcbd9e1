"""Trials of stored studies by any figure, as lists have them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from adapters import Database
from adapters.database import perp_trials
from adapters.studies import StudyStore, kept, list_trials, parse_metric, read_study
from adapters.trials import Trial
from tests.adapters.studies.test_study_store import outcome, study

#: The win rate of each trial and how many trades it is of; None failed.
FACTORS = [
    (2.5, 4),
    (math.inf, 3),
    (1e-07, 2),
    (None, 5),
    (7.0, 0),
    (-3.25, 1),
    None,
    (1.5e22, 2),
    (3, 2),
    (2.5, 9),
    (math.nan, 2),
]


@pytest.fixture
def stored(any_database: Database) -> Database:
    """A study of trials with these profit factors, in a database."""
    made = study(len(FACTORS))
    with kept(keeper := StudyStore(any_database).create(made), made):
        for number, given in enumerate(FACTORS):
            done = outcome(number, 1.0, None if given else 'it broke: "win_rate":99')
            if given:
                text = 'a "win_rate":99, in quotes'
                own = {"win_rate": given[0], "total_trades": given[1], "return_grid": text}
                done = replace(done, figures={**done.figures, **own})
            keeper.add(made.add(Trial(number, {}, {"a": number}), done))
    return any_database


@pytest.mark.parametrize(("metric", "best"), [("win_rate", [7, 8, 0, 9, 2, 5]), ("min:win_rate", [5, 2, 0, 9, 8, 7])])
def test_a_figure_without_a_column_puts_them_in_the_order_of_the_study(
    stored: Database, metric: str, best: list[int]
) -> None:
    ranked = read_study(stored, 1)[0].ranked(metric=parse_metric(metric))
    listed = [row["number"] for row in list_trials(stored, 1, parse_metric(metric))]
    assert [each.number for each in ranked] == best == listed[: len(best)]
    assert listed[len(best) :] == [1, 3, 4, 10, 6]
    assert [row["number"] for row in list_trials(stored, 1, parse_metric(metric), 2)] == best[:2]


def test_that_order_takes_no_reading_of_all_figures(stored: Database) -> None:
    before = list_trials(stored, 1, parse_metric("win_rate"))
    with stored.writing() as connection:  # who read all of it would stumble
        connection.execute(perp_trials.update().values(figures=perp_trials.c.figures + " and no JSON"))
    after = list_trials(stored, 1, parse_metric("win_rate"))
    assert [row["number"] for row in after] == [row["number"] for row in before]
