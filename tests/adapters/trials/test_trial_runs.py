"""Trials of a job are ordinary runs."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters import synthetic_klines
from adapters.trials import Ground, Job, Trial, TrialRunner, Until, run_trials
from adapters.workers import ProcessWorkers, ThisProcess
from engine import BacktestConfig, Decision, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.patience import until
from tests.support.process_facts import children, status
from tests.support.sandboxes import jailed

START = 1_704_067_200_000


class Dips:
    def init(self, params):
        self.threshold, self.stop = params["threshold"], params.get("stop", 0.02)

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "1h"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        stop = price * (1.0 - self.stop)
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=stop)


@pytest.fixture(scope="module")
def market():
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START - 20 * 86_400_000, 30 * 1440, seed=3)})


def job_on(market, **more):
    config = BacktestConfig(
        strategy=Dips, symbols=["BTC"], start_time=START, end_time=START + 9 * 86_400_000, scheduled_interval="1h",
        params={"threshold": 40},
    )  # fmt: skip
    return Job(config, {"": Ground(market)}, **more)


def test_a_trial_is_the_run_with_its_fields_and_parameters(market):
    job = job_on(market, curve_points=10, keep_trades=True)
    trials = [Trial(0), Trial(1, {"fee_rate": 0.1}, {"threshold": 45}), Trial(2, {}, {"stop": 0.01})]
    found = {each.number: each for each in run_trials(job, trials, ThisProcess())}
    for trial in trials:
        config = BacktestConfig(
            strategy=Dips, symbols=["BTC"], start_time=START, end_time=START + 9 * 86_400_000, scheduled_interval="1h",
            params={"threshold": 40, **trial.params}, **trial.fields,
        )  # fmt: skip
        result, outcome = ProgramBacktestEngine(market).run(config), found[trial.number]
        assert outcome.digest == result.digest
        assert outcome.figures == {name: getattr(result, name) for name in outcome.figures}
        assert outcome.curve.tolist() == result.equity.equity[:: 9 * 144].tolist()
        assert outcome.trade_pnl.tolist() == [each.pnl for each in result.trades]
        assert outcome.daily_equity.tolist() == result.equity.daily()[1].tolist()
    assert len({each.digest for each in found.values()}) == 3


def test_what_cannot_be_run_is_in_the_outcome(market):
    trials = [Trial(0, {"fee_rate": -1.0}), Trial(1, {"fe_rate": 1.0}), Trial(2)]
    below, unknown, right = run_trials(job_on(market), trials, ThisProcess())
    assert "fee_rate" in below.error
    assert "did you mean fee_rate?" in unknown.error
    assert right.error is None


def test_the_result_of_a_trial_is_the_whole_one(market):
    with TrialRunner(job_on(market)) as runner:
        result = runner.result(Trial(7, {}, {"threshold": 35}))
    assert result.config["params"] == {"threshold": 35}


SOURCE = """
class Dips:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "1h"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=price * 0.98)
"""


def job_of_source(market, **more):
    config = BacktestConfig(
        code=SOURCE, symbols=["BTC"], start_time=START, end_time=START + 9 * 86_400_000, scheduled_interval="1h",
        params={"threshold": 40},
    )  # fmt: skip
    return Job(config, {"": Ground(market)}, **more)


@dataclass(frozen=True)
class Later:
    """Leaves the first klines out; notes in a file that it was worked out, and where."""

    klines: int
    path: str = ""

    def applied(self, market):
        if self.path:
            with open(self.path, "a", encoding="ascii") as file:
                file.write(f"{self.klines} {os.getpid()}\n")
        base = market.symbols["BTC"].base.columns
        return MarketHistory.from_klines({"BTC": base.slice(self.klines, len(base))})


def digests(job, trials, workers):
    return {each.number: (each.digest, each.error) for each in run_trials(job, trials, workers)}


@pytest.mark.parametrize(
    ("kind", "trust"), [("class", False), pytest.param("source", False, marks=jailed), ("source", True)]
)
def test_the_same_bytes_here_and_on_one_and_two_workers(market, kind, trust):
    job = job_on(market) if kind == "class" else job_of_source(market, trust=trust)
    trials = [Trial(number, {"slippage_percent": 0.01 * number}, {"threshold": 30 + 2 * number}) for number in range(6)]
    trials += [Trial(6 + number, change=Later(1440 * number)) for number in range(2)]
    with ThisProcess() as workers:
        here = digests(job, trials, workers)
    assert len(set(here.values())) > 5
    for size in (1, 2):
        with ProcessWorkers(size) as workers:
            assert digests(job, trials, workers) == here
            assert digests(job, trials, workers) == here  # with all that is kept of the first time


def test_trials_of_one_change_follow_one_another(market, tmp_path):
    path = str(tmp_path / "applied")
    trials = [Trial(number, change=Later(1440 * (number % 3), path)) for number in range(12)]
    found = [each.number for each in run_trials(job_on(market), trials, ThisProcess())]
    assert found == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]
    assert [line.split()[0] for line in Path(path).read_text("ascii").splitlines()] == ["0", "1440", "2880"]


def test_trials_of_an_iterator_are_taken_as_places_become_free(market):
    taken = []

    def trials():
        for number in range(1_000):
            taken.append(number)
            yield Trial(number)

    outcomes = run_trials(job_on(market), trials(), ThisProcess())
    next(outcomes)
    assert len(taken) < 120
    outcomes.close()
    assert len(taken) < 120


@jailed
def test_jailed_programs_end_with_their_workers(market):
    job = job_of_source(market)
    with ProcessWorkers(2) as workers:
        outcomes = run_trials(job, [Trial(number) for number in range(200)], workers)
        next(outcomes)
        zygotes = until(lambda: len(found := [each for pid in workers.pids for each in children(pid)]) == 2 and found)
        programs = until(lambda: [each for pid in zygotes for each in children(pid)])
        began = time.monotonic()
        outcomes.close()
        until(lambda: not any(status(pid, "State") for pid in (*zygotes, *programs)))
        assert time.monotonic() - began < 6.0  # two seconds, on a machine that does something else


class DiesAt40:
    def init(self, params):
        if params["threshold"] == 40:
            os.kill(os.getpid(), signal.SIGKILL)

    def should_trade(self, data):
        return None


def test_a_trial_that_kills_its_worker_is_the_only_one_that_fails(market):
    config = BacktestConfig(
        strategy=DiesAt40, symbols=["BTC"], start_time=START, end_time=START + 86_400_000, scheduled_interval="1h",
        params={"threshold": 0},
    )  # fmt: skip
    trials = [Trial(number, {}, {"threshold": number}) for number in range(60)]
    with ProcessWorkers(2) as workers:
        found = digests(Job(config, {"": Ground(market)}), trials, workers)
    failures = {number: error for number, (_, error) in found.items() if error is not None}
    assert [*failures] == [40]
    assert "the process that ran it died 4 times" in failures[40]
    assert len(found) == 60


class ExitsAt40:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        if self.threshold == 40:
            raise SystemExit(3)


@pytest.mark.parametrize("make", [ThisProcess, lambda: ProcessWorkers(2)])
def test_a_trusted_program_that_exits_ends_its_own_trial_alone(market, make):
    config = BacktestConfig(
        strategy=ExitsAt40, symbols=["BTC"], start_time=START, end_time=START + 86_400_000, scheduled_interval="1h",
        params={"threshold": 0},
    )  # fmt: skip
    with make() as workers:
        trials = [Trial(number, {}, {"threshold": number}) for number in (39, 40, 41)]
        found = digests(Job(config, {"": Ground(market)}), trials, workers)
    assert {number: error for number, (_, error) in found.items()} == {
        39: None, 40: "the program ended the run: SystemExit: 3", 41: None,
    }  # fmt: skip


class InterruptsAt40(Dips):
    def init(self, params):
        super().init(params)
        if self.threshold == 41:
            raise KeyboardInterrupt("at once")

    def should_trade(self, data):
        if self.threshold == 40:
            raise KeyboardInterrupt
        return super().should_trade(data)


def test_a_trusted_program_that_interrupts_fails_its_own_trial_alone_where_nobody_presses_a_key(market):
    trials = [Trial(number, {"strategy": "it"}, {"threshold": number}) for number in range(39, 43)]
    job = job_on(market, programs={"it": InterruptsAt40})
    with ProcessWorkers(2) as workers:
        pids = {*workers.pids}
        found = {each.number: each for each in run_trials(job, trials, workers)}
        assert {*workers.pids} == pids
    assert [found[number].error for number in (39, 42)] == [None, None]
    assert found[40].error == found[41].error == "the program ended the run: KeyboardInterrupt"
    assert not found[40].figures


def test_in_this_process_it_is_as_ctrl_c(market):
    trials = [Trial(number, {"strategy": "it"}, {"threshold": number}) for number in (39, 40, 42)]
    job = job_on(market, programs={"it": InterruptsAt40})
    with ThisProcess() as workers:
        running = run_trials(job, trials, workers)
        assert next(running).number == 39
        with pytest.raises(KeyboardInterrupt):
            next(running)


def test_a_parameter_that_cannot_be_sent_fails_its_trial_alone(market):
    trials = [Trial(number, {}, {"threshold": 40 + number}) for number in range(5)]
    with open(os.devnull, "rb") as file, ProcessWorkers(2) as workers:
        found = digests(job_on(market), [*trials, Trial(5, {}, {"file": file})], workers)
    assert [number for number, (_, error) in found.items() if error is not None] == [5]
    assert "cannot be sent to another process" in found[5][1]


def test_a_worker_that_is_sent_its_market_loads_no_database(market):
    looks = (
        "import sys\nclass Looks:\n    def should_trade(self, data):\n        assert 'sqlalchemy' not in sys.modules"
    )
    job = job_of_source(market, trust=True)
    job = replace(job, config=replace(job.config, code=looks))
    with ProcessWorkers(1) as workers:
        (found,) = run_trials(job, [Trial(0)], workers)
    assert found.error is None


def test_what_comes_of_a_market_is_worked_out_once_and_goes_with_its_job(market):
    trials = [Trial(number, {}, {"threshold": 30 + number}) for number in range(20)]

    def derived(workers):
        return {path.name: path.stat().st_mtime_ns for path in workers.folder.glob("derived-*") if not path.suffix}

    job = job_on(market)
    with ProcessWorkers(2) as workers:
        digests(job, trials, workers)
        first = derived(workers)
        assert len(first) >= 2  # hours, the RSI
        digests(job, trials, workers)
        assert derived(workers) == first
        cut = [replace(trial, change=Until(job.config.end_ms - 86_400_000)) for trial in trials]
        digests(job, cut, workers)
        assert len(derived(workers)) == 2 * len(first)
        digests(job_on(market), trials, workers)
        assert len(derived(workers)) == len(first)
        assert not {*derived(workers)} & {*first}


def test_a_trial_that_is_stopped_has_the_journal_of_the_whole_run_up_to_there(market):
    job = job_on(market)
    stop, often = START + 5 * 86_400_000 + 12_345, {"scheduled_interval": "5m"}
    with TrialRunner(job) as runner:
        whole = runner.result(Trial(0, often, stop_ms=job.config.end_ms))
        (outcome,) = runner([Trial(1, often, stop_ms=stop)])
        (plain,) = runner([Trial(2, often)])
        short = runner.result(Trial(1, often, stop_ms=stop))
    assert whole.journal is not None
    assert outcome.journal == whole.journal.upto(stop) != b""
    assert stop < short.end_time < whole.end_time
    assert len(short.trigger_log) < 5 * 288 + 2 + 256  # looked at every 256 events
    assert plain.journal == b""
    assert whole.digest == plain.digest


@dataclass(frozen=True)
class Noted:
    """Notes when a run begins and ends in it."""

    said: list

    def entered(self, held_by, market, changed):
        @contextmanager
        def around():
            self.said.append((held_by[0], market is changed))
            yield
            self.said.append("over")

        return around()


def test_a_trial_runs_in_its_surroundings(market):
    noted = Noted([])
    with TrialRunner(job_on(market)) as runner:
        runner([Trial(0, surroundings=noted), Trial(1)])
    assert noted.said == [(Dips, True), "over"]


def test_a_trial_has_the_journal_of_its_run_where_the_job_asks_for_it(market):
    trials = [Trial(0), Trial(1, {"fee_rate": 0.1})]
    with ProcessWorkers(2) as workers:
        found = {each.number: each for each in run_trials(job_on(market, keep_journal=True), trials, workers)}
    heads = {each.number: each for each in run_trials(job_on(market, record_journal=True), trials, ThisProcess())}
    for trial in trials:
        job = job_on(market)
        result = ProgramBacktestEngine(market).run(job.config_of(trial), record_journal=True)
        assert found[trial.number].journal == b"".join(result.journal)
        assert found[trial.number].journal_head == heads[trial.number].journal_head == result.journal_head
        assert heads[trial.number].journal == b""
    (plain,) = run_trials(job_on(market), trials[:1], ThisProcess())
    assert (plain.journal_head, plain.journal) == (None, b"")
