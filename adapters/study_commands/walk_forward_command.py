"""``perpsim walk-forward``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import click

from .. import results  # a name of it is imported when it is used
from ..runs import no_bars, progress_bar
from ..searches import SAMPLERS, SearchPlan
from ..studies import Metric
from ..terminal import (
    FAILED,
    OUTPUT_OR_DASH,
    STANDARD_OUTPUT,
    require_one_for_standard_output,
    writable_file,
    written_to,
)
from ..walking import (
    WalkForward,
    WalkScheme,
    parse_duration,
    planned_walk,
    print_walk,
    run_walk,
    write_walk_json,
    write_windows_csv,
)
from .study_options import StudyRequest, begin_study, study_workers, with_study_options


def _duration(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _duration_option(name: str, text: str, **more: Any) -> Callable[..., Callable[..., None]]:
    return click.option(name, f"{name[2:]}_ms", callback=_duration, metavar="DURATION", help=text, **more)


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
@with_study_options("csv")
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
) -> None:
    """Choose parameters of CONFIG.toml on one stretch of time, test them on the next, and so on.

    In each window all combinations of --param and --vary (or those that a search of --trials proposes) run from the
    start of the training to its end, on data that end there; the one with the best --metric runs on the test after it.
    The tests are joined to one equity curve.

    Exit status: 0 success, 1 nothing could be tested in any window, or something could not be started or written, 2
    wrong usage, 70 a defect of perpsim, 130 interrupted.
    """
    require_one_for_standard_output((request.json, request.csv))
    metric = _only_metric(request)
    scheme = WalkScheme(train_ms, test_ms, step_ms, purge_ms, embargo_ms, anchored)
    with ExitStack() as stack:
        if request.quiet:
            stack.enter_context(no_bars())
        beginning = begin_study(request)
        account = "restarted" if restart else "carried"
        search = _search(trials, sampler, seed)
        walk = planned_walk(beginning.job, beginning.parameters, metric, scheme, account, search)
        workers = stack.enter_context(study_workers(request))
        advance = stack.enter_context(progress_bar("walk-forward", walk.planned, "runs"))
        walked = run_walk(walk, workers, on_trial=lambda done: advance(1))
    _deliver(walked, request)


def _only_metric(request: StudyRequest) -> Metric:
    if len(request.metrics) > 1:
        raise click.UsageError("--metric: one figure says what is tested: give one")
    return request.metrics[0]


def _search(trials: int | None, sampler: str | None, seed: int | None) -> SearchPlan | None:
    """Return how combinations are searched, None where all are run."""
    if trials is None and sampler is None and seed is None:
        return None
    return SearchPlan(sampler or "tpe", trials, seed or 0)


def _deliver(walked: WalkForward, request: StudyRequest) -> None:
    if not request.quiet:
        print_walk(walked, results.result_console(on_error=STANDARD_OUTPUT in (request.json, request.csv)))
    if request.json is not None:
        written_to(request.json, lambda path: write_walk_json(walked, path))
    if request.csv is not None:
        written_to(request.csv, lambda path: write_windows_csv(walked, path))
    if len(walked.flat) == len(walked.windows):
        click.echo(f"Error: nothing could be tested in any window: {walked.flat[0].why_flat}", err=True)
        click.get_current_context().exit(FAILED)
