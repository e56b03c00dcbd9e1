"""One rule for what users call things: the pattern that schemas say is the check."""

from __future__ import annotations

import re

import pytest

from adapters.input import LINE, LINES, are_lines, is_line


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a", True),
        ("first try, 5 % <b>", True),
        ("Ünïcode 🚀", True),
        ("", False),
        (" a", False),
        ("a ", False),
        ("a\u00a0", False),
        ("a\nb", False),
        ("a\tb", False),
        ("a\x00b", False),
        ("a\x7fb", False),
        ("a\u202eb", False),
        ("a\u2028b", False),
        ("\ufeffa", False),
        ("x" * 10, True),
        ("x" * 11, False),
    ],
)
def test_a_line_has_no_blanks_around_it_and_nothing_that_cannot_be_seen(text: str, is_one: bool) -> None:
    assert is_line(text, 20 if len(text) < 10 or " " in text else 10) is is_one
    assert (re.fullmatch(LINE, text) is not None) is (is_one or text == "x" * 11)


def test_half_characters_are_no_text() -> None:
    assert not is_line("a\ud800", 10)
    assert not are_lines("a\ud800", 10)


@pytest.mark.parametrize(("text", "fits"), [("", True), ("a\n\tb", True), ("a\rb", False), ("a\x00", False)])
def test_lines_may_be_many_or_none(text: str, fits: bool) -> None:
    assert are_lines(text, 10) is fits
    assert (re.fullmatch(LINES, text) is not None) is fits
    assert not are_lines("x" * 11, 10)
