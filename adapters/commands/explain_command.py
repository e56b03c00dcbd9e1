"""``perpsim explain``: figures, and what led to a trade, an order or an instant of a result."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import explanations, journals  # a name of them is imported when it is used
from ..database import open_database
from ..results import explained, figure_list
from ..terminal import ROW_ID, InstantType, optional_database_option

if TYPE_CHECKING:
    from ..journals import NamedJournal

#: How wide text is where no terminal shows it.
_PIPE_WIDTH = 100


@click.command("explain")
@click.argument("names", nargs=-1, metavar="[FIGURE]... | RESULT")
@click.option("--trade", type=click.IntRange(1, 2**31 - 1), metavar="N", help="What led to this trade of RESULT, by "
              "its number on the page: 1 is the first.")  # fmt: skip
@click.option("--order", type=ROW_ID, metavar="ID", help="What led to this order of RESULT, and what became of it.")
@click.option("--at", type=InstantType(), metavar="TIME", help="What is known of this instant: an ISO time with an "
              "offset or Z, or epoch ms.")  # fmt: skip
@optional_database_option
@click.option("--trust", is_flag=True, help="Run a stored result's program in this process: for programs of your own.")
@click.option("--json", "as_json", is_flag=True, help="Write the chain as JSON: texts, rules, rows, lines, values.")
def explain(
    names: tuple[str, ...],
    trade: int | None,
    order: int | None,
    at: int | None,
    database_url: str | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Explain figures of a result, or list all of them: what they mean, their unit and source, and when they have no
    value. With --trade, --order or --at: say what led to that in one result.

    A figure is named by its field (sharpe_ratio), by what tables call it ("Sharpe ratio"), or by what other
    back-testers do ("CAGR [%]").

    RESULT is the id of a stored result, which is run again on the market of the database, in a sandbox; or a file of
    perpsim run --journal, which needs neither, and of which rows of the data are named without their values.
    """
    asked = {name: value for name, value in (("trade", trade), ("order", order), ("at", at)) if value is not None}
    if asked:
        _explain_result(names, asked, database_url, trust, as_json)
    elif as_json or trust:
        raise click.UsageError("say with --trade, --order or --at what of RESULT to explain")
    else:
        _explain_figures(names)


def _explain_figures(names: tuple[str, ...]) -> None:
    texts = {each: explained(each) for each in names}
    for each, text in texts.items():
        if text is None:
            raise click.UsageError(f"there is no figure {each!r}: perpsim explain lists all of them{_or_result(each)}")
    click.echo("\n\n".join(filter(None, texts.values())) or figure_list())


def _or_result(name: str) -> str:
    """Return what else somebody may have meant who names a result."""
    is_result = name.isdigit() or Path(name).is_file()
    return "; of a result say what, with --trade, --order or --at" if is_result else ""


def _explain_result(
    names: tuple[str, ...], asked: dict[str, int], database_url: str | None, trust: bool, as_json: bool
) -> None:
    if len(names) != 1:
        raise click.UsageError("name one RESULT: the id of a stored result, or a file of perpsim run --journal")
    if len(asked) > 1:
        raise click.UsageError(f"--{' and --'.join(asked)} are two questions: ask one of them")
    named = _named_journal(names[0], database_url, trust)
    for remark in named.remarks:
        click.echo(f"Note: {remark}", err=True)
    found = explanations.JournalExplained(named.journal, named.name).explanation(**asked)
    if as_json:
        click.echo(json.dumps({"result": named.name, **found.to_dict()}, indent=2))
    else:
        click.echo(found.text(shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns))


def _named_journal(name: str, database_url: str | None, trust: bool) -> NamedJournal:
    if name.isascii() and name.isdigit():
        if database_url is None:
            raise click.UsageError(f"--database URL is missing: the one that result {name} is stored in")
        run_id = ROW_ID.convert(int(name), None, None)
        return journals.journal_of_stored(open_database(database_url, read_only=True), run_id, trust=trust)
    path = Path(name)
    if not path.is_file():
        raise click.UsageError(f"{name} is neither the id of a stored result nor a file of perpsim run --journal")
    return journals.journal_of_file(path)
