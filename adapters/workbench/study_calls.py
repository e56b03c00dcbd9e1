"""How a call of many runs at a notebook begins and ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine import ConfigurationError, DataError

from ..database import Database
from ..results import checked_label
from ..runs import let_go
from ..studies import Metric, Study, StudyKeeper, StudyStore, StudyTrial, begun_study, running
from .given_study import GivenJob

logger = logging.getLogger("perpsim.studies")


def called_study(
    kind: str,
    given: GivenJob,
    metrics: tuple[Metric, ...],
    planned: int | None,
    database: Database | None,
    label: str | None,
    resume: int | None,
    of_kind: Mapping[str, Any] | None = None,
) -> tuple[Study, StudyKeeper | None]:
    """Return the study of a call and what keeps its trials, None where nothing does; with `resume` the stored trials
    are in it. `of_kind` is what its kind adds to the plan.
    """
    if database is None and (label is not None or resume is not None):
        raise ConfigurationError([f"{'label' if resume is None else 'resume'}: is of a stored study: give save"])
    try:
        label = None if label is None else checked_label(label)
    except ValueError as error:
        raise ConfigurationError([f"label: {error}"]) from None
    study = begun_study(kind, given.job, given.parameters, metrics, planned, label)
    if database is None:
        return study, None
    plan = {**given.about, **(of_kind or {})}
    store = StudyStore(database)
    if resume is not None:
        return study, store.resume(resume, study, of_kind=plan, programs=given.job.programs)
    return study, store.create(study, label=label, of_kind=plan, programs=given.job.programs)


@contextmanager
def study_running(study: Study, keeper: StudyKeeper | None) -> Iterator[Callable[[StudyTrial], None]]:
    """A context in which a study runs; Ctrl-C ends it, and what is done is there. It gives what is to be called with
    each trial that is done. A database that does not take the rest at the end is told: what is done is there, too.
    """
    try:
        with running(study, keeper) as add:
            yield add
    except KeyboardInterrupt as error:
        let_go(error)
    except DataError as error:
        if study.status != "completed":
            raise
        logger.warning("%s", error)
