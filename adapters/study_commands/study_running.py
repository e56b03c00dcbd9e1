"""How a command of many runs goes on and ends: trials are kept and shown as they are done, then the study is shown and
written, whatever ended it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from engine import DataError

from .. import results  # a name of it is imported when it is used
from ..runs import let_go, trials_progress
from ..studies import (
    Study,
    StudyKeeper,
    StudyStore,
    StudyTrial,
    best_table,
    compared_config,
    done_text,
    kept,
    read_head,
    remarks_on,
    rerunner,
    values_text,
    write_study_json,
    write_trials_csv,
)
from ..terminal import FAILED, INTERRUPTED, STANDARD_OUTPUT, output_problem, written_to
from .study_options import StudyBeginning, StudyRequest

#: How many of the best trials a command shows.
_SHOWN = 10


def resumed_request(request: StudyRequest, study_id: int | None) -> StudyRequest:
    """Return a request that goes on with a stored study: what it does not say of parameters and metrics, that has."""
    if study_id is None:
        return request
    stored, _ = read_head(request.required_store, study_id)
    source = click.get_current_context().get_parameter_source("metrics")
    return replace(
        request,
        parameters=request.parameters or stored.parameters,
        metrics=stored.metrics if source is ParameterSource.DEFAULT else request.metrics,
    )


def new_study(kind: str, request: StudyRequest, beginning: StudyBeginning, planned: int | None = None) -> Study:
    """Return the study of a command, without trials."""
    return Study(
        kind,
        compared_config(beginning.source.config),
        beginning.parameters,
        request.metrics,
        planned,
        label=request.label,
        run_again=rerunner(beginning.job),
    )


def keeper_of(
    request: StudyRequest,
    study: Study,
    beginning: StudyBeginning,
    of_kind: Mapping[str, Any] | None = None,
    resume: int | None = None,
) -> StudyKeeper | None:
    """Return what keeps the trials of a study, None where it is not to be kept; with `resume` the stored trials of that
    study are in it then. `of_kind` is what its kind adds to the plan.
    """
    programs = beginning.job.programs
    if resume is not None:
        return StudyStore(request.required_store).resume(resume, study, of_kind=of_kind, programs=programs)
    database = request.store
    if database is None:
        return None
    return StudyStore(database).create(study, label=request.label, of_kind=of_kind, programs=programs)


@contextmanager
def running(study: Study, keeper: StudyKeeper | None) -> Iterator[Callable[[StudyTrial], None]]:
    """A context in which a study runs: how it is left is how the study ended. It gives what is to be called with each
    trial that is done: it is kept, and shown with the best so far.
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

        yield add


def _best_text(study: Study, best: StudyTrial | None) -> str:
    return "" if best is None else f"best {study.metrics[0].text(best.figures)}: {values_text(best.values)}"


@contextmanager
def shown_at_its_end(request: StudyRequest, study: Study, title: str) -> Iterator[None]:
    """A context after which what is done of a study is shown and written, and with which the command ends: with status
    0, 1 where all trials failed, 130 after Ctrl-C.
    """
    context = click.get_current_context()
    try:
        yield
    except KeyboardInterrupt as error:
        let_go(error)
        _deliver(request, study, title)
        context.exit(INTERRUPTED)
    except Exception:
        if len(study):
            _deliver(request, study, title)
        raise
    _deliver(request, study, title)
    context.exit(FAILED if len(study) and len(study.failed) == len(study) else 0)


def _deliver(request: StudyRequest, study: Study, title: str) -> None:
    """Show a study and write its files."""
    files = (request.json, request.csv)
    if not request.quiet:
        _show(study, title, STANDARD_OUTPUT in files)
    for path, write in ((request.json, write_study_json), (request.csv, write_trials_csv)):
        if path is not None:
            written_to(path, partial(write, study))


def _show(study: Study, title: str, on_error: bool) -> None:
    console = results.result_console(on_error)
    console.print(title, style="bold", highlight=False, markup=False)
    console.print(done_text(study), highlight=False, markup=False)
    best = study.ranked(_SHOWN)
    if best:
        console.print()
        console.print(best_table(study, best, console))
    for remark in remarks_on(study):
        console.print(f"Note: {remark}", highlight=False, markup=False, soft_wrap=True)
    if study.study_id is not None:
        console.print(f"Stored as study {study.study_id}", highlight=False)
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)
