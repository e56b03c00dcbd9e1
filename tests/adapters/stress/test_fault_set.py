"""The standard faults of a stress test, and those that are named."""

from __future__ import annotations

import pytest

from adapters.stress import chosen_faults, parse_fault, standard_faults
from engine import ConfigurationError
from engine.faults import KINDS, Fault, checked_faults, plans_of
from tests.support.runs import DAY, START, Hold, config

WEEK = config(Hold, 7 * 1440, ("X", "Y"))


@pytest.mark.parametrize("minutes", [30, 600, 1440, 90 * 1440, 1000 * 1440])
def test_there_is_one_of_each_kind_that_suits_any_range(minutes):
    settings = config(Hold, minutes, ("X", "Y"))
    found = standard_faults(settings)
    assert list(found) == list(KINDS)
    assert checked_faults(list(found.values())) == tuple(found.values())
    plans = plans_of(list(found.values()), settings.symbols, settings.start_ms, settings.end_ms)
    whole = settings.end_ms - settings.start_ms
    for plan in plans:
        assert plan.spans, plan.name
        lasting = sum(min(end, settings.end_ms) - start for start, end in plan.spans)
        assert lasting <= whole / 2 or len(plan.spans) == 1
    assert {len(plan.spans) for plan in plans} == {1, 8}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("outage:4h", {"duration": "4h"}),
        ("rejects:25", {"percent": 25}),
        ("rejects:2.5", {"percent": 2.5}),
        ("latency:500ms", {"delay": "500ms"}),
        ("clock_skew:-30s", {"skew": "-30s"}),
        ("flash_crash:20", {"percent": 20}),
    ],
)
def test_a_named_one_may_have_another_strength(text, given):
    name, fault = parse_fault(text, WEEK)
    standard = standard_faults(WEEK)[fault.kind]
    assert name == text
    assert dict(fault.given) == {**standard.given, **given}


def test_one_that_is_said_in_full_has_nothing_of_the_set():
    _, fault = parse_fault("wick: percent=3, rate_per_day=2, seed=1, direction=up", WEEK)
    assert fault == Fault("wick", {"percent": 3, "rate_per_day": 2, "seed": 1, "direction": "up"})


def test_names_faults_and_tables_are_taken_and_two_of_a_kind_have_two_names():
    def flood(sim, fault):
        yield fault.over()

    given = ["outage", Fault("outage", {"duration": "3h"}), {"kind": "wick"}, Fault("flood", {}, flood)]
    found = chosen_faults(given, WEEK)
    assert list(found) == ["outage", "outage 2", "wick", "flood"]
    assert chosen_faults("outage", WEEK) == {"outage": standard_faults(WEEK)["outage"]}
    assert chosen_faults(None, WEEK) == standard_faults(WEEK)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ConfigurationError) as caught:
        chosen_faults(["outrage", "rejects:500", "outage:2x", 5, {"no": 1}, "wick:5,6=7"], WEEK)
    assert [text[:42] for text in caught.value.problems] == [
        "fault: there is no such kind as 'outrage';",
        "fault rejects:500: percent: 500 is no numb",
        "fault outage:2x: duration: '2x' is no dura",
        "fault: 5 is no fault: perpsim.faults.outag",
        "fault: {'no': 1} is no fault: perpsim.faul",
        "fault wick:5,6=7: 5 is not of the form key",
    ]


def test_the_delisting_is_of_the_first_symbol_in_the_middle():
    (plan,) = plans_of([standard_faults(WEEK)["delisting"]], ("X", "Y"), WEEK.start_ms, WEEK.end_ms)
    assert plan.symbols == ("X",)
    assert plan.spans[0].start_ms == START + 7 * DAY // 2


def test_symbols_are_said_with_a_plus_between_them() -> None:
    settings = config(Hold(), 600, ("BTC", "ETH"))
    for text, symbols in (("BTC+ETH", ["BTC", "ETH"]), ('["BTC"]', ["BTC"]), ("ETH", ["ETH"])):
        (fault,) = chosen_faults(f"fees:symbols={text},percent=1", settings).values()
        assert (fault.given["symbols"], fault.given["percent"]) == (symbols, 1)
