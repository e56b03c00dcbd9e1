"""Where two journals differ first, in words."""

from __future__ import annotations

import json

from adapters.certificates.differing_journals import first_difference

AT = 1_704_067_200_000


def line(message, at=AT, **fields):
    return json.dumps({"at": at, "id": 1, "cause": None, "message": message, "~hash": "0" * 32, **fields}).encode()


BUY = line("decision", decision={"operation": "buy", "symbol": "BTC", "leverage": 2})
FILL = line("fill", symbol="BTC", price=100.0, size=2.0)


def test_the_same_lines_do_not_differ():
    assert first_difference([BUY, FILL], [BUY, FILL]) is None


def test_fields_that_differ_are_told_but_not_the_chain():
    other = line("fill", symbol="BTC", price=101.5, size=2.0, **{"~hash": "1" * 32, "cause": 7})
    found = first_difference([BUY, FILL], [BUY, other])
    assert found is not None
    assert (found.line, found.at_ms) == (2, AT)
    assert found.words.startswith(
        "fill (BTC) at 2024-01-01 00:00:00 UTC has, with the recorded future and with another"
    )
    assert found.words.endswith(" future, price 100.0 and 101.5")


def test_fields_within_a_decision_are_told():
    other = line("decision", decision={"operation": "buy", "symbol": "ETH", "leverage": 2})
    found = first_difference([BUY], [other])
    assert found is not None
    assert found.words.endswith("decision (symbol 'BTC' and 'ETH')")
    assert found.words.startswith("decision (buy BTC) at ")


def test_lines_that_only_one_has_are_told():
    one, other = first_difference([BUY, FILL], [BUY]), first_difference([BUY], [BUY, FILL])
    assert one is not None
    assert other is not None
    assert one.words == "fill (BTC) at 2024-01-01 00:00:00 UTC comes with the recorded future only"
    assert other.words == "fill (BTC) at 2024-01-01 00:00:00 UTC comes with another future only"


def test_lines_of_other_messages_are_both_told():
    later = line("trigger", AT + 60_000)
    found = first_difference([BUY], [later])
    assert found is not None
    assert found.at_ms == AT
    assert found.words == (
        "decision (buy BTC) at 2024-01-01 00:00:00 UTC comes with the recorded future, trigger at 2024-01-01 00:01:00 "
        "UTC with another future"
    )
