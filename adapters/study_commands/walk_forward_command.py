"""``perpsim walk-forward``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import click

from engine import DataError
from engine.plain_values import counted

from .. import results  # a name of it is imported when it is used
from ..runs import let_go, no_bars
from ..searches import SAMPLERS, SearchPlan
from ..studies import Metric, Study, running
from ..terminal import (
    FAILED,
    INTERRUPTED,
    OUTPUT_FILE,
    OUTPUT_OR_DASH,
    ROW_ID,
    STANDARD_OUTPUT,
    DurationType,
    output_problem,
    picture_file,
    writable_file,
    written_to,
)
from ..walking import (
    Account,
    WalkForward,
    WalkScheme,
    planned_walk,
    print_walk,
    reasons_text,
    run_walk,
    write_walk_json,
    write_windows_csv,
)
from ..workers import open_workers
from .study_options import StudyRequest, begin_study, with_study_options
from .study_running import keeper_of, new_study, storing_request


def _duration_option(name: str, text: str, **more: Any) -> Callable[..., Callable[..., None]]:
    return click.option(name, f"{name[2:]}_ms", type=DurationType(), metavar="DURATION", help=text, **more)


@click.command("walk-forward")
@_duration_option("--train", "How long parameters are chosen on: 180d, 26w, 12h.", required=True)
@_duration_option("--test", "How long what was chosen is tested after that.", required=True)
@_duration_option("--step", "How much later each window is than the one before; default: as long as a test.")
@_duration_option("--purge", "Leave so much out before each test, at the end of its training.", default="0d")
@_duration_option(
    "--embargo", "A training that would begin right after an earlier test begins so much later.", default="0d"
)
@click.option("--anchored", is_flag=True, help="All trainings begin at the start and grow.")
@click.option("--restart", is_flag=True, help="Each test begins with the initial balance, and returns compound.")
@click.option("--trials", type=click.IntRange(min=1), metavar="N", help="Search: try so many combinations a window.")
@click.option("--sampler", type=click.Choice(SAMPLERS), help="Search: by what they are proposed; default: tpe.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Search: what decides its chance.")
@click.option(
    "--csv", type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE",
    help="Write the windows as CSV, one a row; FILE may be -.",
)  # fmt: skip
@click.option(
    "--resume", type=ROW_ID, metavar="STUDY", help="Run what a stored walk-forward lacks, with the same settings."
)
@click.option(
    "--plot", type=OUTPUT_FILE, callback=picture_file, metavar="FILE",
    help="Draw the joined curve over its windows, and the metric in sample against that out of sample (svg, or with "
    "matplotlib png or pdf).",
)  # fmt: skip
@with_study_options("csv", "plot")
def walk_forward(
    request: StudyRequest,
    train_ms: int,
    test_ms: int,
    step_ms: int | None,
    purge_ms: int,
    embargo_ms: int,
    anchored: bool,
    restart: bool,
    trials: int | None,
    sampler: str | None,
    seed: int | None,
    resume: int | None,
) -> None:
    """Choose parameters of CONFIG.toml on one stretch of time, test them on the next, and so on.

    In each window all combinations of --param and --vary (or those that a search of --trials proposes) run from the
    start of the training to its end, on data that end there; the one with the best --metric runs on the test after it.
    The tests are joined to one equity curve.

    Ctrl-C stops it; what is done is stored with --save, and --resume goes on with it. Exit status: 0 success, 1 nothing
    could be tested in any window, or something could not be started, stored or written, 2 wrong usage, 70 a defect of
    perpsim, 130 interrupted.
    """
    request = storing_request(request, "walk-forward", resume)
    metric = _only_metric(request)
    scheme = WalkScheme(train_ms, test_ms, step_ms, purge_ms, embargo_ms, anchored)
    search = _search(trials, sampler, seed)
    with no_bars() if request.quiet else nullcontext():
        beginning = begin_study(request)
        account: Account = "restarted" if restart else "carried"
        walk = planned_walk(beginning.job, beginning.parameters, metric, scheme, account, search)
        study = new_study("walk-forward", request, beginning, walk.planned)
        keeper = keeper_of(request, study, beginning, walk.of_kind(), resume)
        with _ended(study), running(study, keeper) as add, open_workers(request.workers, request.cluster) as workers:
            walked = run_walk(walk, workers, study, add)
    _deliver(walked, request, beginning.title("Walk-forward"))


@contextmanager
def _ended(study: Study) -> Iterator[None]:
    """A context that tells after Ctrl-C what is done, and ends the command."""
    try:
        yield
    except KeyboardInterrupt as error:
        let_go(error)
        stored = "" if study.study_id is None else f"; --resume {study.study_id} goes on"
        click.echo(f"Interrupted: {len(study):,} of {counted(study.planned or 0, 'run')} are done{stored}", err=True)
        click.get_current_context().exit(INTERRUPTED)


def _only_metric(request: StudyRequest) -> Metric:
    if len(request.metrics) > 1:
        raise click.UsageError("--metric: one figure says what is tested: give one")
    return request.metrics[0]


def _search(trials: int | None, sampler: str | None, seed: int | None) -> SearchPlan | None:
    """Return how combinations are searched, None where all are run."""
    if trials is None and sampler is None and seed is None:
        return None
    return SearchPlan(sampler or "tpe", trials, seed or 0)


def _deliver(walked: WalkForward, request: StudyRequest, title: str) -> None:
    """Show a walk-forward and write its files."""
    files = (request.json, request.csv, request.report)
    if not request.quiet:
        _show(walked, title, STANDARD_OUTPUT in files)
    for path, write in ((request.json, write_walk_json), (request.csv, write_windows_csv)):
        if path is not None:
            written_to(path, partial(write, walked))
    if request.plot is not None:
        walked.plot().save(request.plot)
    if request.report is not None:
        written_to(request.report, walked.report)
    if len(walked.flat) == len(walked.windows):
        click.echo(f"Error: nothing could be tested in any window: {reasons_text(walked.flat)}", err=True)
        click.get_current_context().exit(FAILED)


def _show(walked: WalkForward, title: str, on_error: bool) -> None:
    console = results.result_console(on_error)
    console.print(title, style="bold", highlight=False, markup=False)
    print_walk(walked, console)
    if walked.study.study_id is not None:
        console.print(f"Stored as study {walked.study.study_id}", highlight=False)
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)
