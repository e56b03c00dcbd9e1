"""Laws that hold of every honest run are found broken where something knows its units, its time or its neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from adapters.certificates import Verdict
from adapters.certificates.metamorphic_laws import LAWS, law_reruns, laws_check
from adapters.certificates.proof_subject import ProofSubject
from adapters.workers import ThisProcess
from engine import Decision, ExecutionModels
from processes import faults
from tests.adapters.certificates.test_ledger_proof import eventful_job
from tests.support import planted_disorder as planted
from tests.support.noise_runs import DAY, HOUR, START, Turns, noise_job

BY_WORDS = {law.words: law for law in LAWS}
ALL = "the same fills and the same money with a process that does nothing, " + ", ".join(BY_WORDS)


def subject_of(job, **more):
    return ProofSubject(job, ThisProcess(), **more)


class Wakes:
    """Asks to be woken, trades limits and sizes of its own, amends and cancels."""

    def should_trade(self, data):
        price = data.get_price("ETH")
        if data.trigger_type == "scheduled":
            data.wake_at(data.timestamp + 1_234_567)
            limit = {"max_price": price * 0.999, "time_in_force": "Gtc", "size": 0.7, "tag": "rest"}
            return [
                Decision("cancel", "ETH", tag="rest"),
                Decision(
                    "buy", "ETH", leverage=3, take_profit_price=price * 1.01, stop_loss_price=price * 0.98, **limit
                ),
                Decision("sell", "BTC", notional=700.0, leverage=2, trailing_stop_percent=1.0),
            ]
        return Decision("close", "BTC") if "BTC" in data.positions else None


@pytest.mark.parametrize(
    "job",
    [
        noise_job(Turns),
        planted.job(planted.FirstCome, planted.both_sources(), scheduled_interval=None),
        eventful_job(True),
        noise_job(Wakes, wake_on=["fill"], max_position_usd=9_000.0),
        noise_job(Turns, strategy_lifetime="trigger", scheduled_interval="1h", order_latency_ms=700),
    ],
    ids=["turns", "signals", "eventful", "wakes", "latency"],
)
def test_honest_runs_keep_all_laws(job):
    check = laws_check(subject_of(job))
    assert (check.verdict, check.not_shown) == (Verdict.PASSED, [])
    assert check.reason == ALL
    assert subject_of(job).result.fills > 10


@dataclass(frozen=True)
class OddFee:
    """A fee that depends on the date, or on what was traded."""

    by: str

    def percent(self, symbol, is_maker, time_ms, traded):
        if self.by == "date":
            return 0.01 if time_ms < START + 30 * DAY else 0.02
        return 0.01 + traded.before_today(time_ms) / 1e9


@dataclass(frozen=True)
class UsdSlippage:
    """One dollar, whatever a coin costs."""

    def fill_price(self, order):
        return order.price + order.sign


@pytest.mark.parametrize(
    ("models", "words", "said"),
    [
        (ExecutionModels(fees=OddFee("date")), "8 weeks later", "fee"),
        (ExecutionModels(fees=OddFee("volume")), "a doubled account", "fee"),
        (ExecutionModels(slippage=UsdSlippage()), "prices x 1,024", "price"),
    ],
)
def test_a_model_that_breaks_a_law_is_found_by_that_law(models, words, said):
    subject = subject_of(replace(noise_job(Turns), models=models))
    found = subject.found(law_reruns(subject, LAWS))
    broken = {law.words: found[place] for place, law in enumerate(LAWS)}
    assert {name for name, each in broken.items() if each.differs} == {words}
    assert said in broken[words].differs
    check = laws_check(subject)  # which cannot know whose fault it is
    assert any("execution models of one's own" in each for each in check.not_shown)


def test_a_process_that_looks_at_its_neighbours_is_found():
    check = laws_check(subject_of(planted.job(planted.Both, prepare=planted.prepare_counting, scheduled_interval=None)))
    assert check.verdict is Verdict.FAILED
    assert check.reason.startswith("a process that does nothing: line")
    assert any(each.startswith("recorded decisions: processes of one's own") for each in check.not_shown)


def test_a_result_that_its_decisions_do_not_come_to_is_found():
    job = noise_job(Turns)
    result = subject_of(job).result
    check = laws_check(subject_of(job, given=replace(result, final_equity=result.final_equity + 0.01)))
    assert check.verdict is Verdict.FAILED
    assert "recorded decisions: equity at the end is" in check.reason
    assert "prices x 1,024" not in check.reason


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"venue": "hyperliquid"}, ["prices x 1,024", "8 weeks later", "an unused symbol", "a doubled account"]),
        ({"volume_cap_percent": 10.0}, ["a doubled account"]),
        ({"latency_model": "lognormal", "order_latency_ms": 200}, ["8 weeks later"]),
        ({"faults": [{"kind": "flash_crash", "start": START + DAY, "duration": "8h"}]}, ["8 weeks later"]),
        ({"faults": [{"kind": "partial_volume", "percent": 1.0}]}, ["8 weeks later", "a doubled account"]),
        ({"faults": [{"kind": "clock_skew"}]}, ["recorded decisions"]),
        ({"faults": [faults.own(lambda sim, fault: (each for each in [fault.over()]))]}, ["recorded decisions"]),
    ],
)
def test_laws_that_need_not_hold_are_not_shown(fields, words):
    check = laws_check(subject_of(noise_job(Turns, **fields)))
    assert check.verdict is Verdict.PASSED
    assert [each.partition(": ")[0] for each in check.not_shown] == words


def test_a_program_that_a_fault_has_restarted_is_played_on_from_there():
    restart = [{"kind": "restart", "start": START + DAY + HOUR}]
    check = laws_check(subject_of(noise_job(Turns, faults=restart)))
    stays = "8 weeks later: faults stay at their instants, and what chance does in them is drawn from these"
    assert (check.verdict, check.not_shown) == (Verdict.PASSED, [stays])


def test_another_trigger_than_the_recorded_one_is_said():
    subject = subject_of(noise_job(Turns))
    other = replace(subject, job=noise_job(Turns, scheduled_interval="2h"), given=subject.result)
    told = other.found(law_reruns(other, LAWS[:1]))[0]
    assert told.problem is not None
    assert "trigger 0 is scheduled at 2024-01-01 02:00:00 UTC" in told.problem
