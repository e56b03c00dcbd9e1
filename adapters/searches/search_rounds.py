"""The rounds of a search: a batch of trials is proposed, run and told, then the next."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import DataError
from engine.plain_values import counted, plain

from ..studies import Study, StudyTrial, trial_of
from ..trials import Job, Trial, run_trials
from ..workers import Workers
from .plan_remarks import search_remarks
from .proposer import Answer
from .pruning import FirstParts, first_part
from .search_plan import SearchPlan
from .search_space import SearchSpace

#: A search of which everything fails ends after two batches, and not before so many trials.
_FEWEST_FAILED = 8


class SearchRounds:
    """Runs the trials of a search and adds them to its study, which may hold some of them already.

    A batch is proposed as a whole, run on the workers in any order, and told in the order of its numbers. So the same
    plan leads to the same trials wherever they run; and those that are there already are proposed and told again with
    their stored outcomes, not run, so that the rest is what it would have been.
    """

    def __init__(
        self,
        job: Job,
        study: Study,
        plan: SearchPlan,
        workers: Workers,
        timeout_s: float = math.inf,
        placed: Callable[[Trial], Trial] | None = None,
    ) -> None:
        plan.require_fit(study.parameters, study.metrics)
        self._job, self._study, self._plan, self._workers = job, study, plan, workers
        self._placed = placed if placed is not None else _as_it_is
        self._space = SearchSpace(study.parameters)
        self._proposer = plan.proposer(self._space, study.metrics)
        self._parts = FirstParts(study.metrics[0], plan.prune_quantile)
        self._firsts: dict[str, int] = {}
        self._last_s = time.monotonic() + timeout_s
        study.planned = plan.planned(study.parameters)
        #: Why it ended before its last trial; empty where it did not.
        self.end = ""

    def __iter__(self) -> Generator[StudyTrial, None, None]:
        """Yield each trial when it is done and in the study, whose remarks say in the end what is to be said. Raises
        `DataError` where a stored trial is not the one that this search would make.
        """
        try:
            yield from self._rounds()
        finally:
            ended = [f"it ended after {counted(len(self._study), 'trial')}: {self.end}"] if self.end else []
            self._study.remarks[:] = [*ended, *search_remarks(self._study, self._plan)]

    def _rounds(self) -> Iterator[StudyTrial]:
        planned = self._study.planned or 0
        begun = 0
        while begun < planned and not self.end:
            proposed = self._proposer.ask(min(self._plan.batch, planned - begun))
            trials = [self._trial(begun + place, values) for place, values in enumerate(proposed)]
            yield from self._batch(trials)
            for trial in trials:
                self._proposer.tell(trial.number, self._answer(self._study.trials[trial.number]))
            begun += len(trials)
            self.end = self._why_end(begun) if begun < planned else ""

    def _trial(self, number: int, values: Mapping[str, Any]) -> Trial:
        return self._placed(trial_of(number, self._study.parameters, values))

    def _batch(self, trials: Sequence[Trial]) -> Iterator[StudyTrial]:
        new, repeated = [], []
        for trial in trials:
            first = self._firsts.setdefault(repr(_values(trial)), trial.number)
            stored = self._study.trials.get(trial.number)
            if stored is not None:
                self._take(trial, stored)
            elif first != trial.number:
                repeated.append((trial, first))
            else:
                new.append(trial)
        yield from self._run(new)
        for trial, first in repeated:
            earlier = self._study.trials[first]
            outcome = replace(earlier.outcome, number=trial.number, duration_ms=0.0)
            same = replace(earlier.trial, number=trial.number)
            yield self._study.add(same, outcome, {**earlier.notes, "repeats": first})

    def _take(self, trial: Trial, stored: StudyTrial) -> None:
        """Check that a stored trial is the proposed one, and note what it was in its first part."""
        names = [each.name for each in self._study.parameters]
        if any(_text(_values(trial)[name]) != _text(stored.values[name]) for name in names):
            raise DataError(
                f"trial {trial.number} of the stored study is another than this search proposes: it was made by "
                "another version of perpsim or optuna, so it cannot be gone on with; begin a new study"
            )
        part = stored.notes.get("part")
        if part is not None and "repeats" not in stored.notes:
            self._parts.add(trial.number, part)

    def _run(self, trials: Sequence[Trial]) -> Iterator[StudyTrial]:
        """Run trials, with pruning in their first parts before, and yield them as they are done."""
        notes: dict[int, dict[str, Any]] = {each.number: {} for each in trials}
        pruned = []
        if self._plan.prune is not None:
            pruned = list(self._pruned(trials, self._plan.prune, notes))
        for done in pruned:
            yield self._study.add(done.trial, done.outcome, done.notes)
        whole = {each.number: each for each in trials if not notes[each.number].get("pruned")}
        for outcome in run_trials(self._job, whole.values(), self._workers):
            left = [str(each) for each in self._plan.constraints if each.violation(outcome.figures)]
            if left and outcome.error is None:
                notes[outcome.number]["violates"] = left
            yield self._study.add(whole[outcome.number], outcome, notes[outcome.number])

    def _pruned(self, trials: Sequence[Trial], share: float, notes: dict[int, dict[str, Any]]) -> Iterator[StudyTrial]:
        """Run the first parts of trials, note what they came to, and return those with which it ends there."""
        parts = {each.number: each for each in (first_part(self._job, trial, share) for trial in trials) if each}
        outcomes = {each.number: each for each in run_trials(self._job, parts.values(), self._workers)}
        for number in sorted(outcomes):
            value = self._study.metrics[0].value(outcomes[number].figures)
            if outcomes[number].error is not None or value is None:
                continue
            notes[number]["part"] = value
            if self._parts.is_worse(number, value):
                notes[number]["pruned"] = True
                yield StudyTrial(parts[number], outcomes[number], notes[number])
            self._parts.add(number, value)

    def _answer(self, done: StudyTrial) -> Answer:
        if done.state == "pruned":
            return Answer(None, done.notes["part"])
        if done.state == "failed":
            return Answer(None)
        figures = done.outcome.figures
        values = [each.value(figures) for each in self._study.metrics]
        defined = tuple(each for each in values if each is not None)
        violations = {str(each): each.violation(figures) for each in self._plan.constraints}
        return Answer(defined if len(defined) == len(values) else None, None, violations)

    def _why_end(self, begun: int) -> str:
        done = self._study.trials
        if begun >= max(_FEWEST_FAILED, 2 * self._plan.batch) and all(done[n].state == "failed" for n in range(begun)):
            return f"all {begun:,} trials failed, and no more are made; the first: {done[0].outcome.error}"
        if len(self._firsts) == self._space.size:
            count = len(self._firsts)
            return f"all {count:,} combinations have been run" if count > 1 else "the only combination has been run"
        return "the time that it may take is over" if time.monotonic() > self._last_s else ""


def _as_it_is(trial: Trial) -> Trial:
    return trial


def _values(trial: Trial) -> dict[str, Any]:
    return {**trial.fields, **trial.params}


def _text(value: Any) -> str:
    return json.dumps(plain(value), sort_keys=True)
