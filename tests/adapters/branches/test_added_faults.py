"""Faults from some instant on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.branches import Change, branched, given_faults
from adapters.branches.added_faults import beginning_at, fault_text
from adapters.branches.same_past import require_same_past
from adapters.trials import Job, Trial, TrialRunner
from engine import BacktestResult, ConfigurationError, Decision, SimulationError, utc_text
from engine.faults import KINDS, Fault
from processes import TriggerTimes, faults
from tests.support.branches import job, not_copied
from tests.support.runs import MINUTE, START, Script, buy
from tests.support.sandboxes import jailed

AT = START + 29 * MINUTE + 10_000
SIGNALS = (TriggerTimes("X", [START + place * 5 * MINUTE + 3_000 for place in range(1, 12)], "fives"),)
#: Strong enough to do something within half an hour.
WORDS = {**{name: name for name in KINDS}, "rejects": "rejects:60", "latency": "latency:2m", "outage": "outage:10m"}
WORDS |= {"missed_ticks": "missed_ticks:50", "dropped_data": "dropped_data:50", "duplicated_data": "duplicated_data:50"}


class Turns:
    """Turns round at every third trigger, and remembers how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def should_trade(self, data: Any) -> Decision | None:
        self.asked += 1
        if self.asked % 3:
            return None
        price = data.get_price("X")
        return buy(leverage=2, stop_loss_price=price * 0.99) if self.asked % 2 else Decision("close", "X")


def ran(of: Job, **fields: Any) -> BacktestResult:
    with TrialRunner(replace(of, record_journal=True)) as runner:
        return runner.result(Trial(0, fields))


@pytest.mark.parametrize("name", KINDS)
def test_it_is_a_run_with_a_fault_that_begins_then_copied_or_made_again(name: str) -> None:
    of, change = job(Turns, signals=SIGNALS), Change(AT, faults=given_faults(WORDS[name]))
    copied, again = branched(of, change), not_copied(lambda: branched(of, change))
    whole = ran(of, faults=copied.change.faults)
    changes_rows = KINDS[name].changes_market or KINDS[name].changes_sight
    assert (copied.is_forked, again.is_forked) == (not changes_rows, False)
    assert copied.branch.journal_head == again.branch.journal_head
    assert copied.branch.digest == again.branch.digest == whole.digest
    assert copied.branch.warnings == again.branch.warnings == whole.warnings
    assert copied.branch.config["faults"] == again.branch.config["faults"] == whole.config["faults"]
    assert copied.base.digest == ran(of).digest
    assert copied.base.config["faults"] == []
    assert copied.base.journal.upto(AT - 1) == copied.branch.journal.upto(AT - 1)
    assert any(each.startswith(f"fault {name}: once") for each in whole.warnings)


@pytest.mark.parametrize("name", KINDS)
def test_of_no_intensity_it_is_no_change(name: str) -> None:
    found = branched(job(Turns), Change(AT, faults=given_faults(f"{name}:intensity=0")))
    assert found.branch.journal_head == found.base.journal_head
    assert found.branch.digest == found.base.digest


@jailed
def test_in_the_sandbox_it_is_the_same() -> None:
    change = Change(AT, faults=given_faults(["outage:10m", "flash_crash:20", "restart"]))
    assert branched(job(trust=False), change).branch.journal_head == branched(job(), change).branch.journal_head


def test_it_begins_beside_those_of_the_configuration_and_they_end_together() -> None:
    own = Fault("outage", {"start": AT - 5 * MINUTE, "duration": "15m"})
    of = job(Turns, faults=[own])
    for words in ("outage:10m", "outage:5m"):
        found = branched(of, Change(AT, faults=given_faults(words)))
        assert found.is_forked
        assert found.branch.digest == ran(of, faults=found.branch.config["faults"]).digest
        assert any(each.startswith("fault outage 2: once") for each in found.branch.warnings)


def test_it_goes_with_another_field_and_another_decision() -> None:
    sell = Decision("sell", "X", target_portion_of_balance=0.2, leverage=1)
    script = Script({5: buy(), 32: buy(), 50: buy()})
    change = Change(AT, {"fee_rate": 1.0}, True, sell, given_faults("spread:1"))
    copied, again = branched(job(script), change), not_copied(lambda: branched(job(script), change))
    assert copied.branch.journal_head == again.branch.journal_head
    first, *later = copied.branch.fill_records
    assert first.fee == pytest.approx(first.size * first.price * 0.0005)
    assert [each.fee for each in later] == pytest.approx([0.01 * each.size * each.price for each in later])
    plain = branched(job(script), replace(change, faults=())).branch.fill_records
    assert later[0].price == pytest.approx(plain[1].price * 0.99)
    told = "from 2024-01-01 00:29:10 UTC on fee_rate = 1.0, fault spread (percent 1), at the trigger then or next"
    assert change.text().startswith(told)


def test_one_may_begin_later_and_come_again() -> None:
    later = START + 40 * MINUTE
    given = [faults.outage(start=later, duration="5m"), {"kind": "fees", "every": "10m", "duration": "1m"}]
    found = branched(job(Turns), Change(AT, faults=given_faults(given)))
    warnings = [each for each in found.branch.warnings if each.startswith("fault ")]
    assert warnings[0].startswith("fault outage: once, 5m in all")
    assert warnings[1].startswith("fault fees: 4 times")
    assert found.branch.journal.upto(AT - 1) == found.base.journal.upto(AT - 1)


def test_one_of_ones_own_is_copied_too() -> None:
    def closed(sim: Any, fault: Any) -> Any:
        sim.exchange.reject_orders("closed")
        yield fault.over()
        sim.exchange.accept_orders()

    found = branched(job(Turns), Change(AT, faults=given_faults(faults.own(closed, duration="10m"))))
    assert found.is_forked
    assert (found.base.rejections.get("closed"), found.branch.rejections["closed"]) == (None, 4)


def test_a_wick_is_in_the_first_kline_that_opens_then_or_later() -> None:
    (fault,) = beginning_at(given_faults("wick"), AT, job().config)
    assert fault.given["start"] == START + 30 * MINUTE
    (fault,) = beginning_at(given_faults("wick"), START + 30 * MINUTE, job().config)
    assert fault.given["start"] == START + 30 * MINUTE
    assert fault_text(fault, START) == "fault wick (start 2024-01-01 00:30:00 UTC)"


def test_an_object_that_is_started_anew_is_run_again() -> None:
    change = Change(AT, faults=given_faults("restart:5m"))
    by_class, by_object = branched(job(Turns), change), branched(job(Turns()), change)
    assert (by_class.is_forked, by_object.is_forked) == (True, False)
    assert by_class.branch.fill_records == by_object.branch.fill_records


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("outrage", "fault: there is no such kind as 'outrage'; did you mean outage?"),
        ("rejects:500", "fault rejects: percent: 500 is no number from 0 to 100"),
        ({"kind": "outage", "duration": "2x"}, "fault outage: duration: '2x' is no duration"),
        (7, "fault: 7 is no fault: perpsim.faults.outage"),
        (faults.outage(start=START), f"fault outage: it begins at {utc_text(START)}, before {utc_text(AT)}, from when"),
        (faults.outage(start=[AT, START]), f"fault outage: it begins at {utc_text(START)}, before"),
        (faults.outage(start=START + 61 * MINUTE), "fault outage: it begins at 2024-01-01 01:01:00 UTC, when the run"),
        ("fees:symbols=X+Y", "fault fees: symbols: Y is not one of the symbols of the run"),
    ],
)
def test_what_cannot_be_is_refused(given: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        branched(job(Turns), Change(AT, faults=given_faults([given])))
    (found,) = raised.value.problems
    assert found.startswith(problem)


def test_a_program_that_answers_otherwise_is_found_beside_a_fault_of_the_market() -> None:
    base, branch = (ran(job(Script({5: buy(portion=part)}))) for part in (0.1, 0.2))
    change = Change(AT, faults=given_faults("delisting"))
    with pytest.raises(SimulationError, match="or a fault reaches further back than it begins"):
        require_same_past(base, branch, change, AT)
    require_same_past(base, branch, change, START + 5 * MINUTE)
