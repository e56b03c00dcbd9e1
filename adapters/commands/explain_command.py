"""``perpsim explain``: figures, and what led to a trade, an order or an instant of a result."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import explanations, journals, results  # a name of them is imported when it is used
from ..database import open_database
from ..results import explained, figure_list
from ..terminal import ROW_ID, InstantType, optional_database_option

if TYPE_CHECKING:
    from ..database import Database
    from ..journals import NamedJournal

#: Names the result that was stored last.
_LATEST = "latest"
_RESULTS = "the id of a stored result, latest, or a file of perpsim run --journal or --json"
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

    RESULT is the id of a stored result, or latest: of one without a journal the run is made again, in a sandbox, on the
    market of the database. Or it is a file of perpsim run --journal, which needs no database, and names rows of the
    data without their values where none is given; or one of perpsim run --json, whose run is made again.
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
    is_result = name.isdigit() or name == _LATEST or Path(name).is_file()
    return "; of a result say what, with --trade, --order or --at" if is_result else ""


def _explain_result(
    names: tuple[str, ...], asked: dict[str, int], database_url: str | None, trust: bool, as_json: bool
) -> None:
    if len(names) != 1:
        raise click.UsageError(f"name one RESULT: {_RESULTS}")
    if len(asked) > 1:
        raise click.UsageError(f"--{' and --'.join(asked)} are two questions: ask one of them")
    database = None if database_url is None else open_database(database_url, read_only=True)
    named = _named_journal(names[0], database, trust).on_rows_of(database)
    found = explanations.JournalExplained(named.journal, named.name, named.market).explanation(**asked)
    for remark in named.remarks:
        click.echo(f"Note: {remark}", err=True)
    if as_json:
        click.echo(json.dumps({"result": named.name, **found.to_dict()}, indent=2))
    else:
        click.echo(found.text(shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns))


def _named_journal(name: str, database: Database | None, trust: bool) -> NamedJournal:
    path, is_number = Path(name), name.isascii() and name.isdigit()
    is_stored = is_number or name == _LATEST
    if not is_stored and not path.is_file():
        raise click.UsageError(f"{name} is neither {_RESULTS.replace(', or ', ', nor ')}")
    if not is_stored and (journals.is_journal(path) or not journals.is_result_json(path)):
        return journals.journal_of_file(path)
    if database is None:
        which = f"result {name}" if is_number else f"the {name} result"
        where = f"that {which} is stored in" if is_stored else f"with the market that {name} was run on"
        raise click.UsageError(f"--database URL is missing: the one {where}")
    if not is_stored:
        return journals.journal_of_json(path, database, trust)
    run_id = ROW_ID.convert(int(name), None, None) if is_number else results.newest_result(database)
    return journals.journal_of_stored(database, run_id, trust=trust)
