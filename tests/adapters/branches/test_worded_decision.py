"""Decisions in words."""

from __future__ import annotations

import pytest

from adapters.branches import given_decision
from engine import ConfigurationError, Decision

BUY = Decision("buy", "BTC", target_portion_of_balance=0.3, leverage=2)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("hold", None),
        (" HOLD ", None),
        ("buy BTC target_portion_of_balance=0.3 leverage=2", BUY),
        ("buy symbol=BTC target_portion_of_balance=0.3 leverage=2", BUY),
        ('{"operation": "buy", "symbol": "BTC", "target_portion_of_balance": 0.3, "leverage": 2}', BUY),
        ("close BTC reason='had enough'", Decision("close", "BTC", reason="had enough")),
        (BUY, BUY),
        ([BUY, BUY], (BUY, BUY)),
    ],
)
def test_what_is_given_is_a_decision(given: object, found: object) -> None:
    assert given_decision(given) == found


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("buyy BTC", "'buyy' is none of buy, sell, close, hold, cancel, amend: begin with one of them"),
        ("", "'' is none of buy"),
        ("buy", "it names no symbol: name it, as in buy BTC"),
        ("buy BTC levrage=3", "a Decision has no levrage; did you mean leverage?"),
        ("buy BTC 0.3", "'0.3' is not of the form field=value"),
        ("buy 'BTC", "No closing quotation"),
        ("{buy}", "is no JSON"),
        (7, "7 is no Decision, no list of them, and no text"),
        ([], "is no Decision, no list of them"),
        ([BUY, "hold"], "is no Decision, no list of them"),
    ],
)
def test_what_is_none_is_refused(given: object, problem: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        given_decision(given)
    (found,) = raised.value.problems
    assert found.startswith("decision: ")
    assert problem in found
