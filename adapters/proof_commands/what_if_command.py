"""``perpsim what-if``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from .. import branches, results  # a name of them is imported when it is used
from ..configuration import parse_field
from ..runs import no_bars
from ..terminal import OUTPUT_OR_DASH, STANDARD_OUTPUT, InstantType, database_option, writable_file, written_to
from ..workers import open_workers
from .named_result import ResultNameType, named_run


def _fields(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not of the form key=value")
        try:
            found[name] = parse_field(name, value)
        except ValueError as error:
            raise click.BadParameter(f"{text!r}: {error}") from error
    return found


def _journal_option(name: str, text: str) -> Callable[..., Callable[..., None]]:
    return click.option(name, type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE", help=text)


@click.command("what-if")
@click.argument("named", type=ResultNameType(), metavar="RESULT")
@database_option
@click.option("--results", "results_url", metavar="URL", help="The database that holds the result, if another.")
@click.option("--at", "at_ms", type=InstantType(), metavar="TIME", help="From when on something is other.")
@click.option(
    "--set",
    "fields",
    multiple=True,
    callback=_fields,
    metavar="KEY=VALUE",
    help="A field of the configuration has another value from then on; repeatable.",
)
@click.option(
    "--decision",
    metavar="TEXT",
    help="What the program decides at the trigger then or next: hold, or such as 'close BTC', 'sell BTC size=0.1'.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="A fault begins then: outage, outage:2h, rejects:25, wick:percent=3,rate_per_day=2; repeatable.",
)
@click.option("--each-decision", is_flag=True, help="Leave out each decision of the program in turn instead.")
@click.option(
    "--most", type=click.IntRange(1), metavar="N", help="Print the N decisions that were worth most, either way."
)
@click.option(
    "--json",
    "json_file",
    type=OUTPUT_OR_DASH,
    callback=writable_file,
    metavar="FILE",
    help="Write it as JSON; FILE may be -.",
)
@_journal_option("--journal", "Write the journal of the run with the change.")
@_journal_option("--base-journal", "Write the journal of the run as it was.")
@click.option(
    "--workers", type=int, metavar="N", help="How many runs go on at a time; default: one for each processor."
)
@click.option("--trust", is_flag=True, help="Run the program in this process: for programs of your own only.")
def what_if(
    named: int | Path | str,
    database_url: str,
    results_url: str | None,
    at_ms: int | None,
    fields: dict[str, Any],
    decision: str | None,
    faults: tuple[str, ...],
    each_decision: bool,
    most: int | None,
    json_file: Path | None,
    journal: Path | None,
    base_journal: Path | None,
    workers: int | None,
    trust: bool,
) -> None:
    """Say what RESULT would have come to if something had been other from TIME on.

    RESULT is the id of a stored result, latest, a file of perpsim run --json, or a CONFIG.toml.

    The run is made again to that instant and goes on twice: as it was, and with the change. With --trust the run
    itself is copied there; a program in the sandbox is asked again from the start, and must answer the same until then.

    --each-decision says what each decision was worth: the net PnL with all of them, less that of the run in which the
    program holds there and goes on from the account that it has then.
    """
    is_changed = bool(fields or faults) or decision is not None
    _require_one_question(at_ms, each_decision, is_changed, (journal, base_journal))
    job, known = named_run(named, database_url, results_url, trust)
    with no_bars():
        if each_decision:
            open_them = partial(open_workers, workers)
            worths = branches.each_decision_left_out(job, open_them, known, workers)
            _told(json_file, branches.worths_entry(worths), branches.worths_text(worths, most))
            return
        assert at_ms is not None
        replaced = branches.given_decision(decision or "hold")
        change = branches.Change(at_ms, fields, decision is not None, replaced, branches.given_faults(faults))
        found = branches.branched(job, change, known)
    _told(json_file, branches.branches_entry(found), branches.branches_text(found))
    for path, result in ((journal, found.branch), (base_journal, found.base)):
        if path is not None:
            written_to(path, partial(results.write_journal, result))


def _require_one_question(at_ms: int | None, each: bool, changes: bool, journals: tuple[Path | None, ...]) -> None:
    if each and (at_ms is not None or changes or any(journals)):
        raise click.UsageError(
            "--each-decision leaves out one decision after another: leave out --at and what goes with it"
        )
    if not each and at_ms is None:
        raise click.UsageError("say from when on something is other: --at TIME, or --each-decision")


def _told(path: Path | None, entry: dict[str, Any], text: str) -> None:
    if path != STANDARD_OUTPUT:
        click.echo(text)
    if path is not None:
        written_to(path, partial(results.write_json_entry, entry))
