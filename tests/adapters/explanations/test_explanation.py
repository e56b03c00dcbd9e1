"""Steps as text."""

from __future__ import annotations

from adapters.explanations import Explanation, Section, Step

STEPS = (
    Step("one", "word " * 40, 1_704_067_200_000, "a-rule-with-hyphens", ("klines 1h", "X", 1_704_063_600_500)),
    Step("two", "short.", 1_704_067_200_000),
    Step("three", "without a time."),
)
FOUND = Explanation("trade 3", "it was long", (Section("Entry", STEPS),), "ab")


def test_lines_keep_their_width_and_each_instant_stands_once() -> None:
    lines = FOUND.text(60).split("\n")
    assert max(map(len, lines)) <= 60
    assert lines[0] == "Trade 3: it was long"
    assert [line for line in lines if line.endswith("UTC")] == ["  2024-01-01 00:00:00 UTC"]
    assert lines[-1] == "    without a time."


def test_rule_and_row_stand_behind_a_text_and_are_not_broken() -> None:
    text = FOUND.text(60)
    assert "[a-rule-with-hyphens;" in text
    assert "2023-12-31 23:00:00.500]" in " ".join(text.split())


def test_it_shows_itself_and_a_narrow_terminal_gets_what_can_be_read() -> None:
    assert str(FOUND) == repr(FOUND) == FOUND.text(100)
    assert FOUND.text(3) == FOUND.text(50)
