"""Leaks that are planted are all found, in at most 20 cuts, and honest programs are let alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adapters.certificates import Verdict
from adapters.certificates.futures import data_in_text
from adapters.certificates.look_ahead import look_ahead_check
from adapters.certificates.proof_subject import ProofSubject
from adapters.trials import Ground, Job
from adapters.workers import ProcessWorkers, ThisProcess
from engine import BacktestConfig, MarketHistory, StrategyError
from processes import PoolSource, TriggerTimes
from scenarios import signal_pools
from tests.conftest import ROOT
from tests.support import planted_leaks as planted
from tests.support.noise_runs import Turns, noise_job
from tests.support.runs import MINUTE, START, klines, market

KINDS = {"longer close", "negative shift", "whole mean", "open time", "stale cache", "sorted by the future"}


@pytest.fixture(autouse=True)
def fresh():
    planted.SEEN.clear()
    planted.KeepsHighest.highest = 0.0
    planted._FOUND.clear()
    yield
    planted.SEEN.clear()
    planted._FOUND.clear()


def checked(job: Job, cuts: int = 20, workers=None, seed: int = 0):
    with workers or ThisProcess() as opened:
        return look_ahead_check(ProofSubject(job, opened, cuts, 1, seed))


def differing(check):
    return [each for each in check.evidence["cuts"] if each["differs"] is not None]


def test_each_of_six_kinds_is_planted_in_two_shapes_at_least():
    shapes = {kind: {each.shape for each in planted.LEAKS if each.kind == kind} for kind in KINDS}
    assert {each.kind for each in planted.LEAKS} == KINDS
    assert min(map(len, shapes.values())) >= 2


@pytest.mark.parametrize("leak", planted.LEAKS, ids=lambda leak: f"{leak.kind}, {leak.shape}")
def test_a_planted_leak_is_found_in_20_cuts(leak):
    check = checked(leak.make())
    assert check.verdict is Verdict.FAILED
    assert leak.said in check.reason
    if "another future" in leak.said:
        first = differing(check)[0]["differs"]
        assert f"line {first['line']} differs" in check.reason or len(differing(check)) > 1
        assert min(each["differs"]["at_ms"] <= each["cut"] for each in differing(check))


def test_signals_that_a_process_keeps_show_in_fresh_ones():
    """In this process the times of the real run are kept, and hide what they look ahead at."""
    job = planted.job(planted.Alternating, planted.market(), [planted.CachedSignals()], interval=None)
    hidden = checked(job, cuts=6)
    assert hidden.verdict is Verdict.NOT_SHOWN
    assert "global _FOUND" in hidden.reason
    assert any("kept between runs of one process" in each for each in hidden.not_shown)
    found = checked(job, cuts=6, workers=ProcessWorkers(2))
    assert found.verdict is Verdict.FAILED
    assert "runs with another future differ" in found.reason
    assert not any("one process" in each for each in found.not_shown)


def bar(minute: int) -> tuple[float, float, float, float]:
    opened, closed = (100 + 5 * math.sin(each / 3) + math.sin(each * 1.7) / 2 for each in (minute - 1, minute))
    return opened, max(opened, closed) + 0.2, min(opened, closed) - 0.1, closed


WAVE = market(X=klines(*map(bar, range(125))))
HONEST = (
    "annotated brackets clock closures decorators early_returns factors generators globals_used grid inheritance "
    "limits partial_close private_state pyramid recent_trades several_classes state_machine trailing verbose"
).split()


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_is_let_alone(name):
    code = (ROOT / "tests" / "programs" / f"{name}.py").read_text("utf-8")
    config = BacktestConfig(
        code=code, symbols=["X"], start_time=START, end_time=START + 120 * MINUTE, scheduled_interval="1m"
    )
    check = checked(Job(config, {"": Ground(WAVE)}, trust=True))
    assert (check.verdict, check.not_shown) == (Verdict.PASSED, [])
    assert "2 of them through a database" in check.reason
    assert check.evidence["kinds"] == {
        "at a decision": 8, "at random": 2, "at a decision, through a database": 2, "in the middle of a kline": 4,
        "at the boundary of a period": 4,
    }  # fmt: skip


def test_twenty_programs_are_let_alone():
    assert len(set(HONEST)) == 20


def test_pools_flow_and_the_regime_know_nothing_either():
    history = MarketHistory(map(signal_pools.synthetic_history, signal_pools.SYMBOLS))
    sources = [PoolSource(pool) for pool in signal_pools.POOLS]
    config = signal_pools.CONFIG
    short = BacktestConfig.from_dict({
        **{name: getattr(config, name) for name in ("strategy", "symbols", "signal_pool_ids", "scheduled_interval")},
        "start_time": "2024-01-03T00:00:00Z", "end_time": "2024-01-06T00:00:00Z",
    })  # fmt: skip
    check = checked(Job(short, {"": Ground(history, sources)}), cuts=6)
    assert check.verdict is Verdict.PASSED
    assert check.evidence["lines"] > 50


class OnFeature:
    def should_trade(self, data):
        seen = data.get_feature("mood", "BTC")
        return planted.turned(data, bool(seen) and seen["value"] > 0)


def moods(history):
    """Whether the last hour rose: known at its end."""
    c = history.symbols["BTC"].series("1h").columns
    return {"time": c.open_ms + planted.HOUR, "mood": c.close - c.open}


def test_features_that_know_only_the_past_are_let_alone_as_values_and_as_functions():
    function = checked(planted.job(OnFeature, planted.market({"mood": moods})), cuts=10)
    assert function.verdict is Verdict.PASSED
    assert not any("mood" in each for each in function.not_shown)
    values = checked(planted.job(OnFeature, planted.market({"mood": moods(planted.market())})), cuts=10)
    assert values.verdict is Verdict.PASSED
    assert any("features given as values (mood)" in each for each in values.not_shown)


def test_what_cannot_be_worked_out_anew_is_said():
    times = [planted.START + n * 7 * planted.HOUR for n in range(1, 30)]
    history = planted.market()
    own = planted.frame_of(history)
    own["hint"] = 1.5 + np.sin(np.arange(len(own)))

    class Holds:
        def __init__(self, table):
            self.table = table

        def should_trade(self, data):
            return planted.turned(data, "BTC" not in data.positions)

    check = checked(planted.job(Holds(own), history, [TriggerTimes("BTC", times)], interval=None), cuts=4)
    assert check.verdict is Verdict.NOT_SHOWN
    assert "but trigger times, column hint of table of Holds cannot be worked out anew" in check.reason
    assert any("signals given as times (trigger times)" in each for each in check.not_shown)
    assert any("column hint of table of Holds" in each for each in check.not_shown)
    assert not any("column close" in each for each in check.not_shown)


@pytest.mark.parametrize("said", planted.HELD)
def test_data_that_is_held_or_read_and_cannot_be_worked_out_anew_shows_nothing(said):
    check = checked(planted.job(planted.HELD[said](), planted.market(), interval="12h"), cuts=1)
    assert check.verdict is Verdict.NOT_SHOWN
    assert f"but {said.strip()} cannot be worked out anew, and may hold a future" in check.reason


def test_what_tells_nothing_may_be_held():
    program = planted.HoldsData(planted.HARMLESS)
    assert checked(planted.job(program, planted.market(), interval="12h"), cuts=1).verdict is Verdict.PASSED


def test_a_trusted_text_that_reads_is_told():
    code = "import json\nclass Reads:\n    def init(self, params):\n        self.seen = open('x')\n"
    code += "    def should_trade(self, data):\n        return None\n"
    assert data_in_text(code, True) == ["what it reads by open"]
    assert data_in_text(code, False) == data_in_text("kline.open\nreopen(1)\nis_open = 2", True) == []
    instants = f"UP = {[START + n * n for n in range(20)]}"
    assert data_in_text(instants, False) == ["the numbers in its text"]
    assert data_in_text(f"WEIGHTS = {[0.1] * 12}", False) == []


def test_a_feature_that_nothing_asks_for_fails_nobody():
    history = planted.market({"ahead": planted.shifted(planted.market())})
    assert checked(planted.job(planted.Alternating, history, interval="4h"), cuts=1).verdict is Verdict.PASSED
    asked = checked(planted.job(planted.AboveKnown, history, interval="4h"), cuts=1)
    assert (asked.verdict, "feature ahead" in asked.reason) == (Verdict.FAILED, True)


def test_what_may_be_a_good_prediction_is_suspicious_and_no_failure():
    change = planted.shifted_change(planted.market())
    noise = change.std() * np.random.default_rng(1).standard_normal(len(change))
    check = checked(planted.job(OnFeature, planted.market({"mood": change + noise}), interval="4h"), cuts=1)
    assert check.verdict is Verdict.NOT_SHOWN
    assert check.reason.startswith("suspicious: feature mood of BTC goes with the change to the close of")
    assert "give a function of the market" in check.reason


class Never:
    def should_trade(self, data):
        return None


class FailsAtOnce(Never):
    def init(self, params):
        raise ValueError("no file of mine")


def test_a_program_that_fails_before_anything_wakes_it_is_refused():
    with pytest.raises(StrategyError, match=r"does not come to its end.*no file of mine"):
        checked(planted.job(FailsAtOnce, planted.market()), cuts=1)


def test_a_run_that_nothing_wakes_shows_nothing():
    check = checked(planted.job(Never, planted.market(), [TriggerTimes("BTC", [])], interval=None), cuts=2)
    assert (check.verdict, check.reason) == (Verdict.NOT_SHOWN, "nothing ever woke the program")


def last_tenths(history):
    return round(10 * float(history.symbols["BTC"].base.columns.close[-1]))


LAST = last_tenths(planted.market())


class RefusesOtherMarkets:
    """A source that knows what its market must end with."""

    name = "refuses"

    def triggers(self, market, symbols, start_ms, end_ms):
        if last_tenths(market) != LAST:
            raise ValueError("this is no market of mine")
        return []


def test_cuts_that_cannot_be_run_are_said():
    job = planted.job(Never, planted.market(), [RefusesOtherMarkets()])
    check = checked(job, cuts=2)
    assert check.verdict is Verdict.NOT_SHOWN
    assert "this is no market of mine" in check.reason
    assert any(each.startswith("cuts 1, 2, which could not be run") for each in check.not_shown)


def test_the_same_seed_gives_the_same_certificate_on_any_workers():
    job = planted.job(planted.MeanOfArray(planted.market().symbols["BTC"].base.columns.close.copy()), planted.market())
    here, there = checked(job, cuts=3, seed=3), checked(job, cuts=3, seed=3, workers=ProcessWorkers(2))
    assert here.evidence == there.evidence
    assert here.evidence["cuts"] != checked(job, cuts=3, seed=4).evidence["cuts"]


def test_how_many_rows_a_fault_will_have_lost_is_not_told_at_its_beginning():
    fault = {"kind": "dropped_data", "percent": 2.0}
    check = checked(noise_job(Turns, faults=[fault]), cuts=10)
    assert check.verdict is Verdict.PASSED, check.reason
    assert check.evidence["kinds"]["at a decision, through a database"] == 1
