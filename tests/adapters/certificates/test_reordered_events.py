"""The same events in another order are told from other events."""

from __future__ import annotations

import json

import pytest

from adapters.certificates.reordered_events import same_events

ONE = {"at": 5, "cause": None, "message": "trigger", "symbol": "BTC"}
TWO = {"at": 5, "cause": None, "message": "trigger", "symbol": "ETH"}
BUY = {"at": 5, "cause": "ONE", "message": "fill", "order": 1, "account": {"cash": 9.0}, "price": 100.0, "size": 0.1}
SELL = {"at": 5, "cause": "TWO", "message": "fill", "order": 2, "account": {"cash": 8.0}, "price": 50.0, "size": 0.2}
LATER = {"at": 6, "cause": "BUY", "message": "order", "order": 1, "row": ["klines", "BTC", 4]}


def journal(**lines):
    """Lines of a journal, each with its id, by names that causes give."""
    ids = {name: place for place, name in enumerate(lines)}
    told = ({**line, "id": ids[name], "cause": ids.get(line["cause"])} for name, line in lines.items())
    return [json.dumps(each).encode() for each in told]


OURS = journal(ONE=ONE, BUY=BUY, TWO=TWO, SELL=SELL, LATER=LATER)


def swapped(**changed):
    lines = {"TWO": TWO, "SELL": {**SELL, "order": 1}, "ONE": ONE, "BUY": {**BUY, "order": 2}}
    return journal(**{**lines, "LATER": {**LATER, "order": 2}, **changed})


def test_the_same_in_another_order_is_the_same_at_that_instant():
    assert same_events(OURS, OURS) == ([], False)
    assert same_events(OURS, swapped()) == ([5], False)


def test_sums_in_another_order_are_rounding():
    assert same_events(OURS, swapped(BUY={**BUY, "price": 100.0 + 1e-11})) == ([5], True)


@pytest.mark.parametrize(
    "other",
    [
        swapped(BUY={**BUY, "size": 0.1001}),
        swapped(BUY={**BUY, "cause": "TWO"}),
        swapped(LATER={**LATER, "cause": "SELL"}),
        swapped(LATER={**LATER, "at": 7}),
        swapped(TWO={**TWO, "symbol": "SOL"}),
        OURS[:-1],
        [*OURS, OURS[-1]],
    ],
    ids=["size", "cause", "later cause", "time", "symbol", "fewer", "more"],
)
def test_other_events_are_other_events(other):
    assert same_events(OURS, other) is None
