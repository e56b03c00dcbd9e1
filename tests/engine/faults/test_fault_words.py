"""Faults in words."""

from __future__ import annotations

import pytest

from engine.faults import Fault, FaultProblems, checked_faults, worded_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("outage", Fault("outage")),
        (" outage : 4h ", Fault("outage", {"duration": "4h"})),
        ("rejects:25", Fault("rejects", {"percent": 25})),
        ("spread:0.1", Fault("spread", {"percent": 0.1})),
        ("clock_skew:-30s", Fault("clock_skew", {"skew": "-30s"})),
        ("restart:5m", Fault("restart", {"duration": "5m"})),
        ("wick:percent=3, symbols=BTC+ETH", Fault("wick", {"percent": 3, "symbols": ["BTC", "ETH"]})),
        ("fees: symbols = BTC", Fault("fees", {"symbols": ["BTC"]})),
        ("outage:start=2024-01-02T03:00:00Z", Fault("outage", {"start": "2024-01-02T03:00:00Z"})),
    ],
)
def test_a_fault_may_be_said_in_words(text, fault):
    assert worded_fault(text) == fault
    assert checked_faults([fault])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("outrage:2h", "fault: there is no such kind as 'outrage'; did you mean outage?"),
        ("", "fault: there is no such kind as ''; there are outage, "),
        ("wick:5,percent=3", "fault wick:5,percent=3: 5 is not of the form key=value"),
    ],
)
def test_what_is_none_is_told(text, problem):
    with pytest.raises(FaultProblems, match="fault") as raised:
        worded_fault(text)
    assert raised.value.problems[0].startswith(problem)
