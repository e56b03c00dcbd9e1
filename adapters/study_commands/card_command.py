"""``perpsim card``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from .. import results, robustness  # a name of them is imported when it is used
from ..database import open_database
from ..runs import no_bars
from ..studies import Study, read_study
from ..terminal import (
    OUTPUT_OR_DASH,
    ROW_ID,
    STANDARD_OUTPUT,
    require_one_for_standard_output,
    writable_file,
    written_to,
)
from ..workers import open_workers
from .study_options import StudyRequest, begin_study, with_study_options


@click.command("card")
@click.option(
    "--json",
    type=OUTPUT_OR_DASH,
    callback=writable_file,
    metavar="FILE",
    help="Write the card as JSON; FILE may be -, standard output.",
)
@click.option(
    "--html",
    type=OUTPUT_OR_DASH,
    callback=writable_file,
    metavar="FILE",
    help="Write the card as one HTML file; FILE may be -.",
)
@click.option(
    "--study",
    "study_id",
    type=ROW_ID,
    metavar="ID",
    help="The stored study that the program came from: its trials count, too.",
)
@click.option("--results", "results_url", metavar="URL", help="The database that holds the study, if another.")
@click.option("--stress", is_flag=True, help="A line on faults, too, from a run with each that perpsim stress has.")
@with_study_options("vary", "metric", "save", "results", "label", "json", "csv", "plot", "report")
def card(request: StudyRequest, html: Path | None, study_id: int | None, stress: bool) -> None:
    """Say on one page how far the back-test of CONFIG.toml is to be believed.

    About 100 runs of the program find what fee, slippage and latency it bears, how it does beside its parameters and
    from later starts; statistics say whether it is more than the best of what was tried; and its trades, what it rests
    on. Each line has a verdict: good, doubtful, bad, or not told where the sample is too small.

    Every number in [params] has neighbours, by 10 and 20 %; --param NAME=VALUES says which parameter has, and which.
    """
    require_one_for_standard_output((request.json, html))
    if request.results_url is not None and study_id is None:
        raise click.UsageError("--results is where the study of --study ID is: add that, or leave --results out")
    study = None if study_id is None else _study(request, study_id)
    with no_bars() if request.quiet else nullcontext():
        begun = begin_study(request)
        with open_workers(request.workers, request.cluster) as workers:
            ranges = request.parameters
            made = robustness.make_card(
                begun.job, workers, title=begun.subject, ranges=ranges, study=study, stress=stress
            )
    is_piped = STANDARD_OUTPUT in (request.json, html)
    if not request.quiet:
        robustness.print_card(made, results.result_console(is_piped))
    if request.json is not None:
        written_to(request.json, made.save_json)
    if html is not None:
        written_to(html, made.save)


def _study(request: StudyRequest, study_id: int) -> Study:
    return read_study(open_database(request.results_url or request.database_url, read_only=True), study_id)[0]
