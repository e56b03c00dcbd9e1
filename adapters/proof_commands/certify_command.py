"""``perpsim certify``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from .. import certificates, results  # a name of them is imported when it is used
from ..runs import no_bars
from ..study_commands import StudyRequest, begin_study, with_study_options
from ..terminal import OUTPUT_OR_DASH, STANDARD_OUTPUT, writable_file, written_to
from ..workers import open_workers

_FAILED = 1


@click.command("certify")
@click.option(
    "--cuts",
    type=click.IntRange(min=1),
    default=24,
    show_default=True,
    metavar="N",
    help="How often the future is replaced by noise.",
)
@click.option(
    "--ties",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="How often the order of what happens at one instant is shuffled.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="What cuts, noise and shuffles are drawn from.",
)
@click.option(
    "--json",
    "json_file",
    type=OUTPUT_OR_DASH,
    is_flag=False,
    flag_value="-",
    callback=writable_file,
    metavar="[FILE]",
    help="Write the certificate as JSON; without a FILE to standard output.",
)
@with_study_options("param", "vary", "metric", "save", "results", "label", "json", "csv", "plot", "report")
@click.pass_context
def certify(
    context: click.Context, request: StudyRequest, cuts: int, ties: int, seed: int, json_file: Path | None
) -> None:
    """Prove what can be proved of the back-test of CONFIG.toml: a check a line, each passed, failed, or not shown.

    No look-ahead: at many instants all that becomes known later is replaced by noise of the same shape, in memory and
    through a database, and what has happened until then must be the same bytes.

    Exit status: 1 where a check has failed.
    """
    with no_bars() if request.quiet else nullcontext():
        begun = begin_study(request)
        config = begun.source.config
        title = f"{begun.source.program.name} on {config.exchange}: {', '.join(config.symbols)}"
        with open_workers(request.workers, request.cluster) as workers:
            made = certificates.make_certificate(begun.job, workers, title=title, cuts=cuts, ties=ties, seed=seed)
    if not request.quiet:
        certificates.print_certificate(made, results.result_console(json_file == STANDARD_OUTPUT))
    if json_file is not None:
        written_to(json_file, made.save_json)
    if made.verdict is certificates.Verdict.FAILED:
        context.exit(_FAILED)
