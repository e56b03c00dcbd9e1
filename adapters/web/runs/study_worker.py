"""The process that runs a study for the server: ``python -m adapters.web.runs.study_worker``.

It reads its job, one line of JSON, from standard input, takes over the row that the server has made for it, and writes
what happens to standard output, one JSON event a line, as that of a back-test does. SIGINT ends it: what is done stays
stored; so does the end of standard input, which means that the server is gone. Its trials run one after another, each
program in the sandbox.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cached_property
from typing import Any

from engine import BacktestConfig, PerpsimError
from engine.plain_values import plain

from ...certificates import make_certificate, stored_first_run
from ...database import open_database
from ...robustness import make_card
from ...runs import ENDINGS, interruptible, let_go, steps_told
from ...sandbox import limited_memory
from ...searches import SearchPlan, SearchRounds
from ...stress import fault_effect, stress_job
from ...studies import (
    Study,
    StudyKeeper,
    StudyStore,
    StudyTrial,
    begun_study,
    note_trial_result,
    planned_trials,
    read_study,
    running,
    sweep_grid,
    varied_grounds,
)
from ...trials import Job, Trial, TrialOutcome, TrialRunner, stored_job
from ...walking import run_walk
from ...workers import open_workers
from ..forms import AskedStudy, asked_again, checked_study
from .run_worker import Channel, watch_server

_TICK_S = 0.25
_TRIALS = "trials"

Add = Callable[[StudyTrial], None]


class StudyProgress:
    """Sends how far a study has come, four times a second at most, and how much time is left at the rate so far."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._began = time.monotonic()
        self._step, self._step_began, self._due = "", self._began, 0.0

    def tell(self, step: str, done: int, total: int | None, **more: Any) -> None:
        """Say how much of a step is done, of how much."""
        now = time.monotonic()
        if step != self._step:
            self._step, self._step_began, self._due = step, now, 0.0
        if now < self._due and done != total:
            return
        self._due = now + _TICK_S
        spent = now - self._step_began
        left = None if not done or total is None else round(spent / done * max(total - done, 0), 1)
        seconds = round(now - self._began, 1)
        self._channel.send("progress", step=step, done=done, total=total, seconds=seconds, left_s=left, **more)


class StudyJob:
    """One study, from what was asked for to its stored trials."""

    def __init__(self, channel: Channel, entry: dict[str, Any]) -> None:
        self._channel, self._id = channel, entry["id"]
        self._database = open_database(entry["database"])
        self._market = open_database(entry["database"], read_only=True)
        self._entry = entry
        self._progress = StudyProgress(channel)
        self._study: Study | None = None

    def run(self) -> None:
        """Run and store; what goes wrong is stored as the error of the study and sent as the last event."""
        try:
            self._channel.send("calculating")
            asked = self._asked
            programs = {} if self._stored is None else self._stored[1]["programs"]
            varied = varied_grounds(asked.parameters)
            job = stored_job(self._market, asked.config, varied=varied, programs=programs)
            _RUN[asked.kind](self, job)
        except KeyboardInterrupt as error:
            let_go(error)
            self._end("interrupted", "cancelled: what is done is kept")
        except PerpsimError as error:
            self._end("error", str(error))
        except Exception as error:
            self._end("error", f"perpsim failed: {type(error).__name__}: {error}")
            raise
        else:
            self._hear_no_more()
            self._channel.send("complete", **self._summary())

    @cached_property
    def _stored(self) -> tuple[Study, dict[str, Any]] | None:
        """The study that is gone on with, and its plan; None where one begins."""
        return None if "asked" in self._entry else read_study(self._database, self._id)

    @cached_property
    def _asked(self) -> AskedStudy:
        if self._stored is not None:
            return asked_again(*self._stored)
        return checked_study(self._entry["asked"], BacktestConfig.from_dict(self._entry["config"]))

    def sweep(self, job: Job) -> None:
        """Run all combinations."""
        study = self._begun(job, planned_trials(self._asked.parameters))
        with open_workers(1) as workers:
            self._take(study, job, lambda add: _each(sweep_grid(job, study, workers), add))

    def search(self, job: Job) -> None:
        """Run what is proposed."""
        study = self._begun(job)
        with open_workers(1) as workers:
            rounds = SearchRounds(job, study, self._asked.search or SearchPlan(), workers)

            def run(add: Add) -> None:
                with closing(iter(rounds)) as trials:
                    _each(trials, add)

            self._take(study, job, run)

    def walk(self, job: Job) -> None:
        """Go through the windows."""
        walk = self._asked.walk(job)
        study = self._begun(job, walk.planned)
        with open_workers(1) as workers:
            self._take(study, job, lambda add: run_walk(walk, workers, study, add), walk.of_kind())

    def stress(self, job: Job) -> None:
        """Run it as it is, and with each fault."""
        faults = self._asked.faults or {}
        given = [each.to_dict() for each in job.config.faults]
        fields = [{}, *({"faults": [*given, each.to_dict()]} for each in faults.values())]
        names = [None, *faults]
        study = self._begun(job, len(fields))

        def run(add: Add) -> None:
            def done(outcome: TrialOutcome) -> None:
                notes = {
                    "fault": names[outcome.number],
                    "liquidations": outcome.liquidations,
                    "effect": fault_effect(outcome),
                }
                add(study.add(Trial(outcome.number, fields[outcome.number]), outcome, notes))

            known = {each.number: each.outcome for each in study}
            with open_workers(1) as workers:
                stress_job(job, faults, workers, on_outcome=done, known=known)

        self._take(study, job, run)

    def certificate(self, job: Job) -> None:
        """Run it, store its result, and prove of it what can be proved."""
        study, asked = self._begun(job, 1), self._asked

        def run(add: Add) -> None:
            result, stored = stored_first_run(job, self._database, asked.label)
            note_trial_result(self._database, self._id, 0, stored.run_id)
            self._add_only(job, study, add)
            with open_workers(1) as workers:
                made = make_certificate(job, workers, cuts=asked.cuts, ties=asked.ties, seed=asked.seed, result=result)
            stored.certify(made.to_dict())

        with steps_told(self._progress.tell):
            self._take(study, job, run)

    def card(self, job: Job) -> None:
        """Run what a robustness card is made of."""
        study, asked = self._begun(job, 1), self._asked
        origin = None if asked.study is None else read_study(self._database, asked.study)[0]

        def run(add: Add) -> None:
            with open_workers(1) as workers:
                made = make_card(job, workers, ranges=asked.parameters, study=origin, stress=asked.stress)
            self._add_only(job, study, add, {"card": made.to_dict()})

        with steps_told(self._progress.tell):
            self._take(study, job, run)

    def _begun(self, job: Job, planned: int | None = None) -> Study:
        asked = self._asked
        self._study = begun_study(asked.kind, job, asked.parameters, asked.metrics, planned, asked.label)
        return self._study

    def _take(
        self, study: Study, job: Job, run: Callable[[Add], object], of_kind: Mapping[str, Any] | None = None
    ) -> None:
        """Run the trials of a study in its context, in which each is stored and told."""
        adds = self._asked.of_kind if of_kind is None else of_kind
        keeper = self._keeper(study, adds, job.programs)
        span = {"start_time": job.config.start_ms, "end_time": job.config.end_ms}
        self._channel.send("init", total=study.planned, **span)
        with running(study, keeper, self._told) as add:
            try:
                run(add)
            except KeyboardInterrupt:
                self._hear_no_more()
                self._channel.send("stopping")
                raise

    def _keeper(self, study: Study, adds: Mapping[str, Any], programs: Mapping[str, Any]) -> StudyKeeper:
        store = StudyStore(self._database)
        if self._stored is None or not self._stored[1]["klines"]:  # it waited only: its market was never loaded
            return store.take_over(self._id, study, of_kind=adds, programs=programs)
        return store.resume(self._id, study, of_kind=adds, programs=programs, is_announced=True)

    def _add_only(self, job: Job, study: Study, add: Add, notes: Mapping[str, Any] | None = None) -> None:
        """Run and add the only trial of a study, unless it is there already."""
        trial = Trial(0)
        if trial.number not in study.trials:
            with TrialRunner(job) as runner:
                (outcome,) = runner([trial])
            add(study.add(trial, outcome, notes))

    def _told(self, done: int, best: StudyTrial | None) -> None:
        study = self._study
        assert study is not None
        if study.planned != 1:
            self._progress.tell(_TRIALS, done, study.planned, best=best_entry(study, best))

    def _summary(self) -> dict[str, Any]:
        study = self._study
        if study is None:
            return {"done": 0, "failed": 0, "best": None}
        return {"done": len(study), "failed": len(study.failed), "best": best_entry(study, study.best)}

    def _hear_no_more(self) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)  # what there is, is stored whole

    def _end(self, status: str, message: str) -> None:
        self._hear_no_more()
        StudyStore(self._database).note_end(self._id, status, None if status == "interrupted" else message)
        self._channel.send("error", message=message, cancelled=status == "interrupted", **self._summary())


def best_entry(study: Study, best: StudyTrial | None) -> dict[str, Any] | None:
    """Return the best trial as events tell it, None where there is none."""
    if best is None:
        return None
    metric = study.metrics[0]
    return {
        "number": best.number,
        "values": plain(best.values),
        "figure": metric.name,
        "value": metric.value(best.figures),
    }


def _each(trials: Any, add: Add) -> None:
    for done in trials:
        add(done)


_RUN: dict[str, Callable[[StudyJob, Job], None]] = {
    "sweep": StudyJob.sweep,
    "search": StudyJob.search,
    "walk-forward": StudyJob.walk,
    "stress": StudyJob.stress,
    "certificate": StudyJob.certificate,
    "card": StudyJob.card,
}


def main() -> None:
    """Run what stands on standard input."""
    channel = Channel()
    entry = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=watch_server, args=(threading.Event(),), daemon=True).start()
    with limited_memory(), interruptible():
        StudyJob(channel, entry).run()


if __name__ == "__main__":
    main()
