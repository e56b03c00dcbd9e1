"""Many runs of one program, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..trials import Trial, TrialOutcome
from .metric import Metric
from .pareto_front import not_dominated
from .study_parameters import Parameter


class StudyTrial(NamedTuple):
    """A trial and what it came to.

    `notes` are plain values that a search keeps beside it: `pruned`, true where it was not run whole and the figures
    are those of the first part of the range; `part`, the value of the metric there; `violates`, the constraints that
    it leaves; `repeats`, the number of an earlier trial with the same values, whose outcome it has.
    """

    trial: Trial
    outcome: TrialOutcome
    notes: Mapping[str, Any] = {}

    @property
    def state(self) -> str:
        """What it came to in one word: "done", "failed", "pruned" or "infeasible"."""
        if self.outcome.error is not None:
            return "failed"
        if self.notes.get("pruned"):
            return "pruned"
        return "infeasible" if self.notes.get("violates") else "done"

    @property
    def values(self) -> dict[str, Any]:
        """What the parameters were, by name."""
        return {**self.trial.fields, **self.trial.params}


@dataclass(eq=False)
class Study:
    """The trials of a study that are done, by their numbers; `kind` is "sweep", "search" or "walk-forward".

    `config` is the configuration that they vary, as plain values; `metrics` are what they are judged by, the first
    before the others; `planned` is how many there will be, None where that is not known.
    """

    kind: str
    config: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    metrics: tuple[Metric, ...]
    planned: int | None = None
    trials: dict[int, StudyTrial] = field(default_factory=dict)

    def add(self, trial: Trial, outcome: TrialOutcome, notes: Mapping[str, Any] | None = None) -> None:
        """Add a trial that is done."""
        self.trials[trial.number] = StudyTrial(trial, outcome, notes or {})

    @property
    def best(self) -> StudyTrial | None:
        """The trial with the best first metric, of equals the first; None where it is defined for none. Those that
        failed, were pruned or leave a constraint are not among them.
        """
        metric = self.metrics[0]
        ranked = self._judged(self.metrics[:1])
        return max(ranked, key=lambda each: metric.rank(each.outcome.figures), default=None)

    @property
    def front(self) -> list[StudyTrial]:
        """The trials that could be the best by all metrics together: none is as good by each of them. The best by the
        first metric comes first.
        """
        found = self._judged(self.metrics)
        ranks = [tuple(metric.rank(each.outcome.figures) for metric in self.metrics) for each in found]
        return [found[place] for place in not_dominated(ranks)]

    def _judged(self, metrics: Sequence[Metric]) -> list[StudyTrial]:
        """Return the trials in order that can be the best: of these metrics all are defined."""
        return [
            each
            for _, each in sorted(self.trials.items())
            if each.state == "done" and None not in (metric.value(each.outcome.figures) for metric in metrics)
        ]
