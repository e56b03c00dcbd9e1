"""Dated values: the one in force at the start of a run, and the sentences about what was assumed."""

import pytest

from engine.venue.dated import Assumptions, Dated, InForce

DAY = 86_400_000


def picked(own, every=(), start=10, end=20):
    noted = Assumptions("mine")
    return InForce(start * DAY, end * DAY, noted).pick("step", "X", dated(own), dated(every)), noted.texts()


def dated(days):
    return [Dated(since * DAY, seen * DAY, value) for since, seen, value in days]


@pytest.mark.parametrize(
    ("own", "every", "value"),
    [
        ([(5, 5, "a"), (9, 9, "b")], [], "b"),
        ([(10, 10, "b"), (5, 5, "a")], [], "b"),
        ([(5, 5, "a")], [(9, 9, "c")], "a"),
        ([(30, 30, "a")], [(9, 9, "c")], "c"),
        ([(40, 40, "b"), (30, 30, "a")], [(50, 50, "c")], "a"),
        ([], [(50, 50, "c"), (40, 40, "d")], "d"),
        ([], [], None),
    ],
    ids=["newest", "on the day itself", "own first", "own not yet", "own is earliest", "of every one", "none"],
)
def test_the_newest_value_of_its_own_that_holds_else_that_of_all_else_the_earliest(own, every, value):
    assert picked(own, every)[0] == value


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ([(5, 5, "a")], None),
        ([(5, 10, "a")], None),
        ([(11, 11, "a")], "step of X known from 1970-01-12 00:00:00 UTC on only; that was assumed for the time before"),
        ([(5, 11, "a")], "step of X assumed from 1970-01-06 00:00:00 UTC on, shown by a source from 1970-01-12"),
        (
            [(5, 5, "a"), (12, 12, "b"), (15, 15, "c")],
            "step of X another from 1970-01-13 00:00:00 UTC on, within the run",
        ),
        ([(5, 5, "a"), (12, 12, "a")], None),
        ([(5, 5, "a"), (21, 21, "b")], None),
    ],
    ids=["valid", "seen at the start", "later", "not yet seen", "changes", "changes to the same", "changes after it"],
)
def test_what_is_assumed_is_said_and_nothing_else(own, said):
    texts = picked(own)[1]
    assert [text.startswith(f"mine rule book: {said}") for text in texts] == ([] if said is None else [True])


def test_a_sentence_comes_once_with_all_that_it_is_about():
    noted = Assumptions("mine")
    for name, owner in (("a", "X"), ("b", "X"), ("a", "Y"), ("c", "Z"), ("b", "Y"), ("a", "X")):
        noted.about("could not be checked", name, owner)
    noted.add("something else")
    assert noted.texts() == (
        "mine rule book: something else",
        "mine rule book: a, b of X, Y; c of Z could not be checked",
    )
