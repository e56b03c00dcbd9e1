"""The line of a card on faults."""

from __future__ import annotations

import pytest

from adapters.robustness import Grade, make_card
from adapters.workers import ThisProcess
from engine.faults import KINDS
from tests.support.card_programs import Chance, Knowing, edged_market, job_of, noise_market


@pytest.fixture(scope="module")
def edge():
    return make_card(
        job_of(Knowing, edged_market(3, 0.6), "1h", {"hold": 8, "portion": 0.5}), ThisProcess(), stress=True
    )


def test_what_an_edge_bears_is_told_with_the_worst(edge):
    line = edge.line("faults")
    assert list(line.facts["faults"]) == list(KINDS)
    assert line.grade in (Grade.GOOD, Grade.DOUBTFUL, Grade.BAD)
    assert line.reason.startswith("the worst is ") or line.grade is Grade.BAD
    assert line.value.endswith(" with a profit")


def test_without_skill_it_is_no_good_line_and_no_good_card():
    market = noise_market(1)
    for seed in range(1):
        card = make_card(
            job_of(Chance, market, params={"seed": seed, "hold": 6, "portion": 0.5}), ThisProcess(), stress=True
        )
        assert card.grade is not Grade.GOOD
        assert card.line("faults").grade is not Grade.GOOD or card.line("best_trades").grade is not Grade.GOOD
