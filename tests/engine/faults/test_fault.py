"""What a fault may be given, and what is told of one that is wrong."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from engine import BacktestConfig, ConfigurationError
from engine.faults import KINDS, Fault, FaultProblems, checked_faults
from tests.support.runs import START, Hold, config


def problems(*faults, **fields):
    with pytest.raises(ConfigurationError) as caught:
        config(Hold, 60, faults=list(faults), **fields)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "outrage"}, "there is no such kind of fault; did you mean outage?"),
        ({"kind": "wik"}, "there is no such kind of fault; did you mean wick?"),
        ({"kind": "zzz"}, "there is no such kind of fault; there are outage, cancel_only, "),
        ({"kind": "own"}, "a fault of one's own has a process, which only Python can give: perpsim.faults.own(process"),
        ({"kind": "outage", "duratoin": "2h"}, "duratoin: there is no such field; did you mean duration?"),
        ({"kind": "outage", "duration": "2 hours"}, "duration: '2 hours' is no duration: write 2h, 30m, 90s or 500ms"),
        ({"kind": "outage", "duration": "-2h"}, "duration: '-2h' is below 0"),
        ({"kind": "outage", "percent": 5}, "percent: there is no such field"),
        ({"kind": "outage", "symbols": ["X"]}, "symbols: there is no such field"),
        ({"kind": "outage", "start": "2024-01-01"}, "start: 2024-01-01 has no time zone"),
        ({"kind": "outage", "start": []}, "start: names no time"),
        ({"kind": "outage", "every": "5s"}, "every: '5s' is shorter than a minute"),
        ({"kind": "outage", "times": 3}, "times: needs every"),
        ({"kind": "outage", "every": "1h", "times": -1}, "times: -1 is no whole number from 0 on to 100,000"),
        ({"kind": "outage", "rate_per_day": -1}, "rate_per_day: -1 is no number from 0 to 1440"),
        ({"kind": "outage", "rate_per_day": float("nan")}, "rate_per_day: nan is no number"),
        ({"kind": "outage", "rate_per_day": 1, "every": "1h"}, "rate_per_day: chance says when it happens"),
        ({"kind": "outage", "start": [START, START + 1], "every": "1h"}, "start: give several times, or every"),
        ({"kind": "outage", "seed": 1.5}, "seed: 1.5 is no whole number from 0 on"),
        ({"kind": "outage", "intensity": -1}, "intensity: -1 is no number from 0 to 1000"),
        ({"kind": "outage", "intensity": True}, "intensity: True is no number"),
        ({"kind": "rejects", "percent": 101}, "percent: 101 is no number from 0 to 100"),
        ({"kind": "rejects", "percent": 60, "intensity": 2}, "intensity: 60 % x 2 is above 100 %"),
        ({"kind": "flash_crash", "intensity": 10}, "intensity: 10 % x 10 is above 99 %"),
        ({"kind": "rejects", "rate_per_day": 2}, "duration: is needed where it happens again"),
        ({"kind": "latency", "delay": "-5s"}, "delay: '-5s' is below 0"),
        ({"kind": "latency", "delay": True}, "delay: True is no duration"),
        ({"kind": "clock_skew", "skew": "fast"}, "skew: 'fast' is no duration"),
        ({"kind": "wick", "direction": "sideways"}, "direction: 'sideways' is not one of both, down, up"),
        ({"kind": "spread", "symbols": "X"}, "symbols: 'X' is no list of symbols"),
        ({"kind": "spread", "symbols": ["Y"]}, "symbols: Y is not one of the symbols of the run"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(given, said):
    (problem,) = problems(given)
    assert problem.startswith(f"faults: number 1, {given['kind']}: {said}")


def test_all_that_is_wrong_is_told_at_once():
    found = problems(
        {"kind": "outrage"}, {"kind": "outage", "duration": 1.5, "seed": -1}, 5, {"no": "kind"}, fee_rate=-1
    )
    assert [text.partition(": ")[2][:20] for text in found if text.startswith("faults")] == [
        "number 1, outrage: t",
        "number 2, outage: du",
        "number 2, outage: se",
        "number 3: 5 is no fa",
        "number 4: {'no': 'ki",
    ]
    assert any(text.startswith("fee_rate: ") for text in found)


@pytest.mark.parametrize("value", [None, "outage", {"kind": "outage"}, Fault("outage"), 5])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(FaultProblems, match="is no list of faults"):
        checked_faults(value)


def test_a_table_in_single_brackets_is_told_of_double_ones():
    with pytest.raises(FaultProblems, match=r"in TOML each is a table under \[\[faults\]\], in double brackets$"):
        checked_faults({"kind": "outage"})
    with pytest.raises(FaultProblems) as found:
        checked_faults(["outage", 5])
    assert "[[faults]]" not in str(found.value)


def test_a_day_is_no_start():
    with pytest.raises(FaultProblems) as found:
        checked_faults([{"kind": "outage", "start": date(2023, 8, 5)}])
    problem = "2023-08-05 is a day, and no time: give a time of it, such as 2023-08-05T00:00:00Z"
    assert found.value.problems == (f"number 1, outage: start: {problem}",)


def test_a_configuration_with_faults_goes_through_json_and_pickle():
    given = [
        {"kind": kind, "start": datetime(2024, 1, 2, tzinfo=UTC), "duration": timedelta(hours=2), "intensity": 0.5}
        for kind in KINDS
    ]
    made = config(Hold, 60, faults=[*given, Fault("wick", {"start": [START, "2024-01-03T00:00:00Z"]})])
    values = json.loads(json.dumps(made.to_dict()))
    assert values["faults"][0]["start"] == START + 86_400_000
    assert values["faults"][-1] == {"kind": "wick", "start": [START, START + 2 * 86_400_000]}
    again = BacktestConfig.from_dict({**values, "strategy": Hold})
    assert again.to_dict() == made.to_dict() == pickle.loads(pickle.dumps(made)).to_dict()


def test_a_process_of_ones_own_is_stored_by_its_name_and_cannot_come_back():
    def flood(sim, fault):
        yield fault.over()

    made = config(Hold, 60, faults=[Fault("own", {"duration": "5m", "height": 3}, flood)])
    stored = made.to_dict()["faults"]
    assert [(each["kind"], each["process"].rpartition(".")[2], each["height"]) for each in stored] == [
        ("own", "flood", 3)
    ]
    (problem,) = problems(*stored)
    assert "which only Python can give" in problem
    assert "faults: <" not in str(problem)


def test_one_of_ones_own_has_a_name_of_its_own_and_is_known_when_it_comes_back():
    def flood(sim, fault):
        yield fault.over()

    (problem,) = problems(Fault("outage", {}, flood))
    assert problem == "faults: number 1, outage: that is the name of a kind: give a fault of one's own another"
    (problem,) = problems(*config(Hold, 60, faults=[Fault("flood", {}, flood)]).to_dict()["faults"])
    assert "which only Python can give" in problem


def test_a_process_that_is_none_is_refused():
    (problem,) = problems(Fault("mine", {}, "flood"))  # type: ignore[arg-type]
    assert problem == "faults: number 1, mine: 'flood' is no process: a generator function process(sim, fault)"


def test_one_that_cannot_go_to_another_process_is_told_so(monkeypatch):
    monkeypatch.setattr("engine.config._BY_VALUE", frozenset())  # another test may have imported what sends by value
    made = config(Hold, 60, faults=[Fault("mine", {}, lambda sim, fault: iter(()))])
    with pytest.raises(ConfigurationError, match=r"faults: .* cannot go to another process"):
        pickle.dumps(made)
