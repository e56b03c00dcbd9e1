"""What a program is called by the configuration of its run."""

from __future__ import annotations

import pytest

from engine.result import program_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (
            "class Memory:\n    n = 0\nclass Trader:\n    def should_trade(self, data): pass\nclass After:\n    pass\n",
            "Trader",
        ),
        ("class A:\n    def should_trade(self, data): pass\nclass B:\n    def should_trade(self, data): pass\n", "A"),
        ("class A:\n    pass\nclass B(A):\n    should_trade = print\n", "B"),
        ("x = 1\n", None),
    ],
)
def test_a_program_is_named_by_the_class_that_is_run(code: str, name: str | None) -> None:
    assert program_name({"code": code}) == name


def test_a_class_of_ones_own_is_named_by_its_name() -> None:
    assert program_name({"code": None, "strategy": "Mine"}) == "Mine"
    assert program_name({}) is None
