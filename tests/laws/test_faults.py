"""The engine in trouble against a venue in plain loops that knows faults from their README alone: the same fills."""

from __future__ import annotations

import itertools

import pytest

from tests.oracles.fault_oracle import Disturbed
from tests.oracles.venue_market import UndecidedError
from tests.support.fault_cases import TROUBLES, DisturbedCase
from tests.support.venue_comparison import Outcome, by_engine, difference, outcome_of


def by_oracle(made: DisturbedCase) -> Outcome:
    case = made.case
    return outcome_of(Disturbed(case.rules, case.records, made.troubles).run(case.program))


def compare(kind: str, first: int, wanted: int) -> int:
    """Compare so many cases to which the rules give one answer; return in how many of them the fault mattered."""
    done = mattered = 0
    for seed in itertools.count(first):
        try:
            made = TROUBLES[kind](seed)
            expected = by_oracle(made)
            calm = outcome_of(Disturbed(made.case.rules, made.case.records, []).run(made.case.program))
        except UndecidedError:
            continue
        found = difference(made.case, by_engine(made.case), expected)
        assert found is None, f"{kind} {made.troubles}, {found}"
        done += 1
        mattered += expected != calm
        if done == wanted:
            return mattered
    raise AssertionError("no case is left")


@pytest.mark.parametrize("kind", TROUBLES)
def test_the_engine_in_trouble_does_what_the_oracle_does(kind: str) -> None:
    assert compare(kind, first=0, wanted=8) >= 3


@pytest.mark.soak
@pytest.mark.parametrize("kind", TROUBLES)
def test_the_engine_in_trouble_does_what_the_oracle_does_in_many_cases(kind: str) -> None:
    compare(kind, first=1_000_000, wanted=150)
