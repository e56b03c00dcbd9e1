"""The whole grid of what varies, run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine import ConfigurationError

from ..trials import Job, Trial, run_trials
from ..workers import Workers
from .study import Study, StudyTrial
from .study_parameters import Parameter
from .study_trials import grid_trials

#: More trials than this nobody waits for: a slip of a step makes them.
MOST_TRIALS = 1_000_000


def planned_trials(parameters: Sequence[Parameter]) -> int:
    """Return how many trials a grid has. Raises `ConfigurationError` where it has none, or no end."""
    if not parameters:
        raise ConfigurationError(["nothing varies: name a parameter and its values, as in threshold=20:40:2"])
    try:
        count = math.prod(len(each.grid()) for each in parameters)
    except ValueError as error:
        raise ConfigurationError([f"{error}; a search (perpsim search) takes intervals"]) from None
    if not count:
        empty = ", ".join(each.name for each in parameters if not each.grid())
        raise ConfigurationError([f"{empty}: has no values: give at least one"])
    if count > MOST_TRIALS:
        raise ConfigurationError(
            [f"{count:,} combinations are more than the {MOST_TRIALS:,} of a sweep: take wider steps, or search"]
        )
    return count


def sweep_grid(job: Job, study: Study, workers: Workers) -> Iterator[StudyTrial]:
    """Run those trials of the grid that the study does not have, and yield each when it is done and in the study."""
    sent: dict[int, Trial] = {}

    def missing() -> Iterator[Trial]:
        for trial in grid_trials(study.parameters):
            if trial.number not in study.trials:
                sent[trial.number] = trial
                yield trial

    for outcome in run_trials(job, missing(), workers):
        yield study.add(sent.pop(outcome.number), outcome)
