"""What depends on an order that no rule makes is found, with its tie; what does not is let alone."""

from __future__ import annotations

import pytest

from adapters.certificates import Verdict
from adapters.certificates.order_independence import order_check
from adapters.certificates.proof_subject import ProofSubject
from adapters.workers import ThisProcess
from tests.support import planted_disorder as planted
from tests.support.noise_runs import DAY, START, Turns, noise_job

ALONE = {"scheduled_interval": None}


def checked(job, ties=4, seed=0):
    with ThisProcess() as here:
        return order_check(ProofSubject(job, here, ties=ties, seed=seed))


@pytest.mark.parametrize(
    ("job", "blamed"),
    [
        (planted.job(planted.FirstCome, planted.both_sources(), **ALONE), "the order of what is due at one instant"),
        (planted.job(planted.Both, prepare=planted.prepare_first_symbol, **ALONE), "the order of the symbols"),
        (planted.job(planted.Both, prepare=planted.prepare_first_started, **ALONE), "in which processes start"),
    ],
    ids=["sources", "symbols", "starts"],
)
def test_what_depends_on_an_order_is_found_and_blamed(job, blamed):
    check = checked(job, ties=6)
    assert check.verdict is Verdict.FAILED
    assert blamed in check.reason.partition(";")[2]
    assert blamed in "".join(each["words"] for each in check.evidence["alone"] if each["is_other"])
    assert sum(each["is_other"] for each in check.evidence["alone"]) == 1
    pnls = {each["pnl"] for each in check.evidence["runs"]}
    assert pnls - {next(each["pnl"] for each in check.evidence["alone"] if not each["is_other"])}
    assert "a spread of 0.00 USD" not in check.reason


def test_the_tie_is_named():
    check = checked(planted.job(planted.FirstCome, planted.both_sources(), **ALONE), ties=6)
    assert "the tie at 2024-01-01 03:30:00 UTC of signal BTC one, signal ETH two: trigger" in check.reason


def test_what_does_not_depend_on_it_is_let_alone():
    quiet = checked(planted.job(Turns))
    assert (quiet.verdict, quiet.reason) == (Verdict.PASSED, "4 runs in other orders have the same lines")
    assert len(quiet.evidence["runs"]) == 4


def test_lines_in_another_order_that_come_to_the_same_money_are_told():
    check = checked(planted.job(planted.Both, planted.both_sources(), **ALONE), ties=6)
    if check.verdict is Verdict.PASSED:
        assert "the same money, with lines of one instant in another order" in check.reason
    else:  # a share of what the other has left is not the same
        assert "what is due at one instant" in check.reason


def test_another_seed_is_another_order():
    job = planted.job(planted.FirstCome, planted.both_sources(), **ALONE)
    one, other = checked(job, 8, 1).evidence["runs"], checked(job, 8, 2).evidence["runs"]
    assert [each["pnl"] for each in one] != [each["pnl"] for each in other] or one != other
    assert checked(job, 8, 1).evidence["runs"] == one


@pytest.mark.parametrize("kind", ["outage", "flash_crash", "dropped_data"])
def test_a_fault_that_concerns_several_symbols_depends_on_no_order_of_them(kind):
    fault = {"kind": kind, "start": START + DAY, "duration": "5h"}
    check = checked(noise_job(Turns, faults=[fault]), ties=1)
    assert check.verdict is Verdict.PASSED, check.reason
