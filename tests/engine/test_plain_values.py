"""Values of users, and numbers of things, as text."""

from __future__ import annotations

import pytest

from engine.plain_values import counted


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (0, ("closed trade",), "0 closed trades"),
        (1, ("closed trade",), "1 closed trade"),
        (2_000, ("closed trade",), "2,000 closed trades"),
        (1, ("study", "studies"), "1 study"),
        (3, ("study", "studies"), "3 studies"),
        (1, ("day with a gain", "days with a gain"), "1 day with a gain"),
    ],
)
def test_one_of_a_thing_is_no_plural(count: int, words: tuple[str, ...], text: str) -> None:
    assert counted(count, *words) == text
