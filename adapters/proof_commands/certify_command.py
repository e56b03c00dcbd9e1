"""``perpsim certify``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from .. import certificates, results  # a name of them is imported when it is used
from ..runs import no_bars
from ..study_commands import StudyRequest, with_study_options
from ..terminal import (
    INPUT_FILE,
    OUTPUT_OR_DASH,
    STANDARD_OUTPUT,
    require_one_for_standard_output,
    writable_file,
    written_to,
)
from ..workers import open_workers
from .certifying import CertifiedRun, RunsAgain, certified_run

if TYPE_CHECKING:  # the command starts without it
    from ..certificates import CheckedCertificate

_FAILED = 1
#: What the file of --check says itself, and the option that would say it otherwise.
_OF_FILE = {"cuts": "--cuts", "ties": "--ties", "seed": "--seed", "overrides": "--set"}
_OF_FILE |= {"profile": "--profile", "postgresql": "--postgresql"}
#: And what is of the run of a CONFIG.toml alone.
_OF_RUN = {"save": "--save", "results_url": "--results", "label": "--label", "report": "--report"}


@click.command("certify")
@click.argument("config", type=INPUT_FILE, metavar="[CONFIG.toml]", required=False)
@click.option(
    "--check",
    "checked",
    type=INPUT_FILE,
    metavar="FILE",
    help="In place of a CONFIG.toml: run again what the certificate FILE of --json says, and tell what is otherwise.",
)
@click.option(
    "--postgresql", metavar="URL", help="An empty database of PostgreSQL, to run from, too; it is left empty."
)
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
@click.option("--save", is_flag=True, help="Store the result of the run in the database, with its certificate.")
@click.option("--results", "results_url", metavar="URL", help="Store it in this database instead; implies --save.")
@click.option(
    "--report",
    type=OUTPUT_OR_DASH,
    callback=writable_file,
    metavar="FILE",
    help="Write the report of the result, with its certificate: an HTML file.",
)
@with_study_options("config", "param", "vary", "metric", "save", "results", "json", "csv", "plot", "report")
@click.pass_context
def certify(
    context: click.Context,
    request: StudyRequest,
    checked: Path | None,
    postgresql: str | None,
    cuts: int,
    ties: int,
    seed: int,
    json_file: Path | None,
) -> None:
    """Prove what can be proved of the back-test of CONFIG.toml: a check a line, each passed, failed, not shown, or
    noted.

    No look-ahead: at many instants all that becomes known later is replaced by noise of the same shape, in memory and
    through a database, and what has happened until then must be the same bytes. Determinism: other processes, hash
    seeds, time zones and databases. Order independence, warm-up, the ledger and its figures by other means, and laws
    that the recorded decisions must keep in other worlds. Ambiguity: what the rules for klines that touch two exits
    make of the money, which is noted.

    Exit status: 1 where a check has failed, or with --check where anything is not as the file says.
    """
    if (context.params["config"] is None) == (checked is None):
        raise click.UsageError("give either a CONFIG.toml, or --check FILE, a certificate that --json has written")
    require_one_for_standard_output((json_file, request.report))
    is_piped = STANDARD_OUTPUT in (json_file, request.report)
    run: CertifiedRun | None = None
    again: CheckedCertificate | None = None
    with no_bars() if request.quiet else nullcontext():
        if checked is None:
            run = certified_run(request, RunsAgain(cuts, ties, seed, postgresql))
            made = run.certificate
        else:
            _refuse_beside_check(context)
            with open_workers(request.workers, request.cluster) as workers:
                again = certificates.check_certificate(checked, request.database_url, workers, request.trust)
            made = again.made
    if not request.quiet:
        certificates.print_certificate(made, results.result_console(is_piped))
    if json_file is not None:
        written_to(json_file, made.save_json)
    is_otherwise = _ended_run(request, run, is_piped) if run is not None else _told(again, is_piped)
    if made.verdict is certificates.Verdict.FAILED or is_otherwise:
        context.exit(_FAILED)


def _refuse_beside_check(context: click.Context) -> None:
    """Refuse what says otherwise than the file of --check how often, and as what, is run."""
    of_run = {**_OF_FILE, **_OF_RUN}
    given = [name for name in of_run if context.get_parameter_source(name) is not ParameterSource.DEFAULT]
    if given:
        raise click.UsageError(f"--check FILE runs what the file says: leave out {of_run[given[0]]}")


def _ended_run(request: StudyRequest, run: CertifiedRun, on_error: bool) -> bool:
    """Write the report of a run, and say where it is stored; nothing of it can be otherwise than a file says."""
    if request.report is not None:
        run.write_report(request.report)
    if not request.quiet:
        run.say_stored(on_error)
    return False


def _told(again: CheckedCertificate | None, on_error: bool) -> bool:
    """Say whether all is as the file says, and if not what; return whether anything is not."""
    found = [] if again is None else [each.words for each in again.deviations]
    click.echo("\n".join(["", *(found or ["All is as the file says."])]), err=on_error)
    return bool(found)
