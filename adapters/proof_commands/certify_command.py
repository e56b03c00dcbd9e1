"""``perpsim certify``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from .. import certificates, results  # a name of them is imported when it is used
from ..runs import no_bars
from ..study_commands import StudyRequest, begin_study, with_study_options
from ..terminal import INPUT_FILE, OUTPUT_OR_DASH, STANDARD_OUTPUT, writable_file, written_to
from ..workers import open_workers

if TYPE_CHECKING:  # the command starts without it
    from ..certificates import CheckedCertificate

_FAILED = 1
#: What the file of --check says itself, and the option that would say it otherwise.
_OF_FILE = {"cuts": "--cuts", "ties": "--ties", "seed": "--seed", "overrides": "--set"}
_OF_FILE |= {"profile": "--profile", "postgresql": "--postgresql"}


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
@with_study_options("config", "param", "vary", "metric", "save", "results", "label", "json", "csv", "plot", "report")
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
    if checked is not None:
        _refuse_beside_check(context)
    again: CheckedCertificate | None = None
    with no_bars() if request.quiet else nullcontext():
        if checked is not None:
            with open_workers(request.workers, request.cluster) as workers:
                again = certificates.check_certificate(checked, request.database_url, workers, request.trust)
            made = again.made
        else:
            begun = begin_study(request)
            with open_workers(request.workers, request.cluster) as workers:
                made = certificates.make_certificate(
                    begun.job, workers, title=begun.subject, cuts=cuts, ties=ties, seed=seed, postgresql=postgresql
                )
    if not request.quiet:
        certificates.print_certificate(made, results.result_console(json_file == STANDARD_OUTPUT))
    if json_file is not None:
        written_to(json_file, made.save_json)
    if again is not None:
        _tell(again, to_error=json_file == STANDARD_OUTPUT)
    if made.verdict is certificates.Verdict.FAILED or (again is not None and again.deviations):
        context.exit(_FAILED)


def _refuse_beside_check(context: click.Context) -> None:
    """Refuse what says otherwise than the file of --check how often, and as what, is run."""
    given = [name for name in _OF_FILE if context.get_parameter_source(name) is not ParameterSource.DEFAULT]
    if given:
        raise click.UsageError(f"--check FILE runs what the file says: leave out {_OF_FILE[given[0]]}")


def _tell(again: CheckedCertificate, to_error: bool) -> None:
    """Say whether all is as the file says, and if not what."""
    lines = [each.words for each in again.deviations]
    click.echo("\n".join(["", *(lines or ["All is as the file says."])]), err=to_error)
