"""How a command of many runs ends: the study is shown and written, whatever ended it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from textwrap import indent
from typing import Any

import click
from click.core import ParameterSource

from engine import DataError
from engine.plain_values import counted

from .. import results  # a name of it is imported when it is used
from ..configuration import changed_toml
from ..runs import let_go
from ..studies import (
    Study,
    StudyKeeper,
    StudyStore,
    StudyTrial,
    begun_study,
    best_table,
    done_text,
    quick_selection,
    read_head,
    remarks_on,
    require_kind,
    selection_rows,
    why_no_best,
    write_study_json,
    write_trials_csv,
)
from ..terminal import FAILED, INTERRUPTED, STANDARD_OUTPUT, output_problem, written_to
from .study_drawings import draw_study
from .study_options import StudyBeginning, StudyRequest

#: How many of the best trials a command shows.
_SHOWN = 10
#: And of a front, which has no order that counts.
_MOST_SHOWN = 30


def storing_request(request: StudyRequest, kind: str, study_id: int | None) -> StudyRequest:
    """Return a request whose study can be kept where it is to be, and which goes on with a stored one: what it does not
    say of parameters and metrics, that has. Raises `DataError` where that is of another kind, and where the database
    cannot store a study, before anything else is done.
    """
    if study_id is None:
        if request.store is not None:
            StudyStore(request.store).require_usable()
        return request
    stored, _ = read_head(request.required_store, study_id)
    require_kind(stored, kind)
    StudyStore(request.required_store).require_usable()
    source = click.get_current_context().get_parameter_source("metrics")
    return replace(
        request,
        parameters=request.parameters or stored.parameters,
        metrics=stored.metrics if source is ParameterSource.DEFAULT else request.metrics,
    )


def new_study(kind: str, request: StudyRequest, beginning: StudyBeginning, planned: int | None = None) -> Study:
    """Return the study of a command, without trials."""
    return begun_study(kind, beginning.job, beginning.parameters, request.metrics, planned, request.label)


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
    if len(study) and len(study.failed) == len(study):
        if request.quiet:  # else it stands below the table
            click.echo(f"Error: {why_no_best(study)}", err=True)
        context.exit(FAILED)
    context.exit(0)


def _deliver(request: StudyRequest, study: Study, title: str) -> None:
    """Show a study and write its files."""
    files = (request.json, request.csv, request.report)
    selection, luck = (None, "") if request.quiet and request.report is None else quick_selection(study)
    if not request.quiet:
        _show(study, title, luck, STANDARD_OUTPUT in files)
    for path, write in ((request.json, write_study_json), (request.csv, write_trials_csv)):
        if path is not None:
            written_to(path, partial(write, study))
    statistics = [] if selection is None else selection_rows(selection)
    draw_study(study, request.plot, request.report, statistics=statistics)


def _show(study: Study, title: str, luck: str, on_error: bool) -> None:
    console = results.result_console(on_error)
    console.print(title, style="bold", highlight=False, markup=False, soft_wrap=True)
    console.print(done_text(study), highlight=False, markup=False)
    shown = study.ranked(_SHOWN) if len(study.metrics) == 1 else study.front
    if shown:
        console.print()
        console.print(best_table(study, shown[:_MOST_SHOWN], console))
        console.print(f"\n{_ending_text(study, shown)}\n", highlight=False, markup=False, soft_wrap=True)
    if luck:
        console.print(f"The best against luck: {luck}", highlight=False, markup=False, soft_wrap=True)
    for remark in remarks_on(study):
        console.print(f"Note: {remark}", highlight=False, markup=False, soft_wrap=True)
    if study.study_id is not None:
        again = f"; --resume {study.study_id} goes on with it" if study.status == "interrupted" else ""
        console.print(f"Stored as study {study.study_id}{again}", highlight=False)
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)


def _ending_text(study: Study, shown: Sequence[StudyTrial]) -> str:
    """Return what the best trial has, as lines to put into a configuration; of a front, what it is."""
    more = f", of which {_MOST_SHOWN} are shown" if len(shown) > _MOST_SHOWN else ""
    both = " and ".join(each.name for each in study.metrics)
    these = "this one" if len(shown) == 1 else f"these {len(shown):,}"
    front = f"No trial is as good as {these} by {both}{more}.\n" if len(study.metrics) > 1 else ""
    values = shown[0].values
    fields, params = (
        {each.name: values[each.name] for each in study.parameters if each.is_field is is_field}
        for is_field in (True, False)
    )
    lines = indent(changed_toml(fields, params), "    ")
    by = f" by {study.metrics[0].name}" if front else ""
    found = f"trial {shown[0].number}, found after {counted(shown[0].number + 1, 'trial')}"
    return f"{front}Best{by}: {found}; in CONFIG.toml:\n\n{lines}"
