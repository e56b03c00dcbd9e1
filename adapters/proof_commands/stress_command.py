"""``perpsim stress``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from .. import results  # a name of them is imported when it is used
from .. import stress as stress_room
from ..runs import no_bars
from ..study_commands import StudyRequest, begin_study, with_study_options
from ..terminal import OUTPUT_OR_DASH, STANDARD_OUTPUT, require_one_for_standard_output, writable_file, written_to
from ..workers import open_workers


@click.command("stress")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Only this fault of the set, or one as it is said: outage:4h, rejects:25, "
    "wick:percent=3,rate_per_day=2,seed=1; repeatable.",
)
@click.option(
    "--json",
    type=OUTPUT_OR_DASH,
    callback=writable_file,
    metavar="FILE",
    help="Write it as JSON; FILE may be -, standard output.",
)
@click.option(
    "--html", type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE", help="Write it as one HTML file; may be -."
)
@with_study_options("param", "vary", "metric", "save", "results", "label", "json", "csv", "plot", "report")
def stress(request: StudyRequest, faults: tuple[str, ...], html: Path | None) -> None:
    """Say what each of many faults does to the back-test of CONFIG.toml.

    It runs as it is, and once with each fault of a standard set: the exchange is away, orders are refused, data come
    late, prices crash, the program is started anew, and so on. The table tells return, drawdown, Sharpe ratio,
    liquidations, trades and the worst instant of each.
    """
    require_one_for_standard_output((request.json, html))
    with no_bars() if request.quiet else nullcontext():
        begun = begin_study(request)
        chosen = stress_room.chosen_faults(faults or None, begun.job.config)
        with open_workers(request.workers, request.cluster) as workers:
            made = stress_room.stress_job(begun.job, chosen, workers, title=begun.subject)
    if not request.quiet:
        stress_room.print_stress(made, results.result_console(STANDARD_OUTPUT in (request.json, html)))
    for path, write in ((request.json, made.save_json), (html, made.save)):
        if path is not None:
            written_to(path, write)
