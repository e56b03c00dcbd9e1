"""Many runs of one program, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..trials import Trial, TrialOutcome
from .metric import Metric
from .study_parameters import Parameter


class StudyTrial(NamedTuple):
    """A trial and what it came to."""

    trial: Trial
    outcome: TrialOutcome

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

    def add(self, trial: Trial, outcome: TrialOutcome) -> None:
        """Add a trial that is done."""
        self.trials[trial.number] = StudyTrial(trial, outcome)

    @property
    def best(self) -> StudyTrial | None:
        """The trial with the best first metric, of equals the first; None where it is defined for none."""
        metric = self.metrics[0]
        done = [self.trials[number] for number in sorted(self.trials)]
        ranked = [
            each for each in done if each.outcome.error is None and metric.value(each.outcome.figures) is not None
        ]
        return max(ranked, key=lambda each: metric.rank(each.outcome.figures), default=None)
