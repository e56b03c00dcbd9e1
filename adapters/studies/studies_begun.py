"""How a study begins and goes on: its trials are kept and shown as they are done."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from engine import KlineColumns

from ..runs import trials_progress
from ..trials import Job
from .metric import Metric
from .rerunning import rerunner
from .study import Study, StudyTrial
from .study_parameters import Parameter
from .study_plan import compared_config
from .study_store import StudyKeeper, kept
from .study_text import values_text


def begun_study(
    kind: str,
    job: Job,
    parameters: tuple[Parameter, ...],
    metrics: tuple[Metric, ...],
    planned: int | None = None,
    label: str | None = None,
) -> Study:
    """Return the study of a job, without trials."""
    config = compared_config(job.config)
    given = tuple(name for name in config if job.config.gives(name))
    klines = {
        f"{symbol}{f' of {name}' if name else ''}": _checksum(history.base.columns)
        for name, ground in job.grounds.items()
        for symbol, history in ground.market.symbols.items()
    }
    return Study(
        kind, config, parameters, metrics, planned, label=label, run_again=rerunner(job), given=given, klines=klines
    )


def _checksum(klines: KlineColumns) -> str:
    """Return what tells whether klines are others: their number and a CRC-32 of all their columns."""
    total = 0
    for column in (klines.open_ms, *klines.figures):
        total = zlib.crc32(np.ascontiguousarray(column).data, total)
    return f"{len(klines):,} klines, {total:08x}"


@contextmanager
def running(
    study: Study, keeper: StudyKeeper | None, told: Callable[[int, StudyTrial | None], None] | None = None
) -> Iterator[Callable[[StudyTrial], None]]:
    """A context in which a study runs: how it is left is how the study ended. It gives what is to be called with each
    trial that is done: it is kept, and shown with the best so far; `told` gets how many are done, and that one.
    """
    done = len(study)
    with kept(keeper, study), trials_progress(study.kind, study.planned, done) as report:
        best = study.best

        def add(trial: StudyTrial) -> None:
            nonlocal done, best
            done += 1
            if keeper is not None:
                keeper.add(trial)
            best = study.better(best, trial)
            report(done, _best_text(study, best))
            if told is not None:
                told(done, best)

        yield add


def _best_text(study: Study, best: StudyTrial | None) -> str:
    return "" if best is None else f"best {study.metrics[0].text(best.figures)}: {values_text(best.values)}"
