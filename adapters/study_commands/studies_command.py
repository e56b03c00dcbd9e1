"""``perpsim studies``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine import DataError
from engine.plain_values import plain

from ..database import Database, open_database
from ..results import checked_label, epoch_ms, result_console, settings_diff, text_diff
from ..studies import (
    Metric,
    Study,
    StudyComparison,
    best_table,
    cell_text,
    compared_studies,
    delete_studies,
    failures,
    list_studies,
    list_trials,
    parse_metric,
    read_head,
    read_study,
    read_trials,
    rename_study,
    selection_lines,
    study_selection,
    tests_text,
    trial_values,
    trials_text,
    values_text,
    write_equity_frame,
    write_study_json,
    write_trials_csv,
)
from ..terminal import (
    OUTPUT_FILE,
    OUTPUT_OR_DASH,
    ROW_ID,
    STANDARD_OUTPUT,
    optional_database_option,
    picture_file,
    require_one_for_standard_output,
    written_to,
)
from .proofs_shown import show_proof
from .study_drawings import write_page, write_picture

_DATABASE = "The database, if it was not named before: perpsim studies --database URL, or PERPSIM_DATABASE."
#: A list that is read by a program has a line for each study, however long.
_PIPE_WIDTH = 1_000
#: So many rows are fitted to the width of a terminal; for more that takes seconds, and nobody reads them there.
_MOST_FOLDED = 1_000
_TIMES = ("start_time", "end_time", "created_at")
_DATE, _MINUTE = len("2024-01-31"), len("2024-01-31 00:00")


def _database(url: str | None) -> Database:
    if url is None:
        raise click.UsageError("Missing option '--database' (env var: 'PERPSIM_DATABASE').")
    return open_database(url)


def _of_studies(function: Callable[..., None]) -> Callable[..., None]:
    """Give a subcommand the database that was named before it or after it."""

    @click.option("--database", "database_url", metavar="URL", help=_DATABASE)
    @click.pass_context
    @wraps(function)
    def opened(context: click.Context, /, database_url: str | None, **given: Any) -> None:
        assert context.parent is not None
        function(_database(database_url or context.parent.params["database_url"]), **given)

    return opened


def _metric(context: click.Context, parameter: click.Parameter, text: str | None) -> Metric | None:
    try:
        return None if text is None else parse_metric(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_sort_option = click.option(
    "--sort", "metric", callback=_metric, metavar="FIGURE",
    help="The best by this figure first, or by min:FIGURE or max:FIGURE; default: the metric of the study.",
)  # fmt: skip
_json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")


def _file_option(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    variable = f"{name.strip('-').replace('-', '_')}_file"
    return click.option(name, variable, type=OUTPUT_OR_DASH, metavar="FILE", help=text)


@click.group("studies", invoke_without_command=True)
@optional_database_option
@click.pass_context
def studies(context: click.Context, database_url: str | None) -> None:
    """List stored studies, show, compare, rename, delete and export them.

    Without a command they are listed, newest first.
    """
    if context.invoked_subcommand is None:
        _print_list(list_studies(_database(database_url), 20))


@studies.command("list")
@click.option("--limit", default=20, show_default=True, type=ROW_ID, help="How many to list.")
@_json_option
@_of_studies
def list_some(database: Database, limit: int, as_json: bool) -> None:
    """List stored studies, the newest first."""
    rows = list_studies(database, limit)
    if as_json:
        click.echo(json.dumps([{**row, **{name: epoch_ms(row[name]) for name in _TIMES}} for row in rows], indent=2))
    else:
        _print_list(rows)


@studies.command("show")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@_sort_option
@click.option("--top", default=10, show_default=True, type=ROW_ID, help="How many trials to show.")
@_json_option
@_of_studies
def show(database: Database, study_id: int, metric: Metric | None, top: int, as_json: bool) -> None:
    """Show a stored study and its best trials; of a walk-forward its tests, window after window, of a stress test what
    each fault does, and the lines of a card.
    """
    study, head = read_head(database, study_id)
    by = metric or study.metrics[0]
    rows = list_trials(database, study_id, metric if study.is_walk else by, top, tests_only=study.is_walk)
    best = read_trials(database, study_id, [row["number"] for row in rows])
    if as_json:
        head |= {name: epoch_ms(head[name]) for name in _TIMES}
        trials = [
            {"number": each.number, "state": each.state, "values": each.values, "error": each.outcome.error,
             "digest": each.outcome.digest, "figures": dict(each.figures)}
            for each in best
        ]  # fmt: skip
        click.echo(json.dumps(plain({**head, "config": study.config, "trials": trials}), indent=2))
        return
    _print_study(study, head)
    if study.is_walk:
        then = "shows its windows" if study.status == "completed" else "goes on with it"
        click.echo(f"{_best_cell(head)[0]}; perpsim walk-forward --resume {study_id} {then}")
    if by.name not in {each.name for each in study.metrics}:
        study.metrics = (by, *study.metrics)
    console = result_console()
    if study.is_proof:
        show_proof(database, study, console)
    else:
        console.print(best_table(study, best, console))
    for error, count in failures(database, study_id):
        console.print(f"Note: {count:,} failed: {error}", highlight=False, markup=False, soft_wrap=True)


@studies.command("draw")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@click.option("--plot", type=OUTPUT_FILE, callback=picture_file, metavar="FILE", help="Draw it (svg, png or pdf).")
@_file_option("--report", "Write its page: an HTML file with pictures and all trials.")
@_of_studies
def draw(database: Database, study_id: int, plot: Path | None, report_file: Path | None) -> None:
    """Draw a stored study: as a picture, and as the page that the commands write with --report."""
    if plot is None and report_file is None:
        raise click.UsageError("name a file: --plot FILE, --report FILE, or both")
    study, _ = read_study(database, study_id)
    if report_file is not None:
        write_page(study, report_file)
    if plot is not None:
        write_picture(study, plot)


@studies.command("trials")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@_sort_option
@click.option("--top", type=ROW_ID, help="Only so many.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV with all figures instead of a table.")
@_of_studies
def trials(database: Database, study_id: int, metric: Metric | None, top: int | None, as_csv: bool) -> None:
    """List the trials of a stored study in their order, or the best first with --sort."""
    rows = list_trials(database, study_id, metric, top)
    if not as_csv:
        _print_trials(rows)
        return
    study, _ = read_study(database, study_id)
    chosen = [study.trials[row["number"]] for row in rows]
    written_to(STANDARD_OUTPUT, partial(write_trials_csv, study, trials=chosen))


@studies.command("compare")
@click.argument("first", type=ROW_ID, metavar="ID")
@click.argument("second", type=ROW_ID, metavar="ID")
@_json_option
@_of_studies
def compare(database: Database, first: int, second: int, as_json: bool) -> None:
    """Compare two stored studies: configuration and code line by line, what varies, their best trials, and the trials
    that have the same values in both.
    """
    one, other = (read_study(database, each)[0] for each in (first, second))
    found = compared_studies(one, other)
    config = settings_diff((one.config, other.config), (_name(one), _name(other)))
    code = text_diff((_code(one), _code(other)), (_name(one), _name(other)))
    if as_json:
        click.echo(json.dumps(plain({**vars(found), "config": config, "code": code}), indent=2))
        return
    _print_comparison(one, other, found, {"Configuration": config, "Code": code})


@studies.command("judge")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@_json_option
@_of_studies
def judge(database: Database, study_id: int, as_json: bool) -> None:
    """Say whether the best trial of a stored study is more than luck: probabilistic and deflated Sharpe ratio with all
    its trials counted, probability of overfitting, reality check and SPA, minimum track record.
    """
    study, _ = read_study(database, study_id)
    if study.is_proof:
        raise DataError(
            f"study {study_id} is a {study.kind}: none of its trials is chosen, so there is no best to judge"
        )
    report = study_selection(study)
    click.echo(json.dumps(plain(asdict(report)), indent=2) if as_json else "\n".join(selection_lines(report)))


@studies.command("rename")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@click.argument("label", metavar="LABEL")
@_of_studies
def rename(database: Database, study_id: int, label: str) -> None:
    """Give a stored study another label; an empty LABEL takes it away."""
    try:
        rename_study(database, study_id, checked_label(label) if label else None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="LABEL") from error


@studies.command("delete")
@click.argument("study_ids", type=ROW_ID, nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_of_studies
def delete(database: Database, study_ids: tuple[int, ...], yes: bool) -> None:
    """Delete stored studies with all their trials; asks first where standard input is a terminal.

    All of them are deleted, or none: one that is still being run is refused.
    """
    ids = sorted({*study_ids})
    named = f"{'study' if len(ids) == 1 else 'studies'} {', '.join(map(str, ids))}"
    if sys.stdin.isatty() and not yes:
        click.confirm(f"Delete {named} of {database.name}?", abort=True, err=True)
    delete_studies(database, ids)
    click.echo(f"Deleted {named}")


@studies.command("export")
@click.argument("study_id", type=ROW_ID, metavar="ID")
@_file_option("--json", "Write the study with all its trials as JSON; FILE may be - here and below: standard output.")
@_file_option("--csv", "Write its trials as CSV, one a row.")
@_file_option("--equity-csv", "Write the daily equity as CSV, one column a trial.")
@_of_studies
def export(
    database: Database, study_id: int, json_file: Path | None, csv_file: Path | None, equity_csv_file: Path | None
) -> None:
    """Write a stored study to files, the same that perpsim sweep writes."""
    files = (json_file, csv_file, equity_csv_file)
    require_one_for_standard_output(files)
    if not any(files):
        raise click.UsageError("name what to write: --json, --csv or --equity-csv, each with a FILE")
    study, _ = read_study(database, study_id)
    for path, write in zip(files, (write_study_json, write_trials_csv, write_equity_frame), strict=True):
        if path is not None:
            written_to(path, partial(write, study))


def _name(study: Study) -> str:
    return f"study {study.study_id}" if study.label is None else f"study {study.study_id} ({study.label})"


def _code(study: Study) -> str:
    return str(study.config.get("code") or study.config.get("strategy") or "")


def _print_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table: on a terminal what belongs together in one column, else a line for each study."""
    console = result_console()
    out, between = (console, "\n") if console.is_terminal else (Console(width=_PIPE_WIDTH), "  ")
    table = _grid("Stored studies", ("ID",), ("Study", "Range", "Trials", "Best", "Created"))
    for row in rows:
        cells = (between.join(filter(None, lines)) for lines in _cells(row))
        table.add_row(str(row["id"]), *map(Text, cells))
    out.print(table)


def _cells(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    start, end, created = (str(row[name] or "") for name in _TIMES)
    of = "" if row["planned"] in (None, row["done"]) else f" of {row['planned']:,}"
    failed = f"{row['failed']:,} failed" if row["failed"] else ""
    return [
        (f"{row['kind']} of {row['program'] or 'a program'}", row["label"] or "", row["symbols"] or ""),
        (start[:_DATE], end[:_DATE]),
        (f"{row['done']:,}{of}", failed, "" if row["status"] == "completed" else row["status"]),
        _best_cell(row),
        (created[:_MINUTE],),
    ]


def _best_cell(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the best trial came to and its values; of a walk-forward, which has none, what its tests came to."""
    if row["kind"] == "walk-forward":
        return (tests_text(row["tests_return_percent"], row["tests"]),)
    if row["best_value"] is None:
        return ("",)
    return f"{row['metric']} {row['best_value'] + 0.0:,.4g}", values_text(row["best"])


def _print_study(study: Study, head: Mapping[str, Any]) -> None:
    what, (start, end), (_, *others), _, (created,) = _cells(head)
    click.echo(f"Study {head['id']}: {', '.join(filter(None, what))}, {start} to {end}")
    took = f"{head['duration_s']:,.1f} s, begun {created} UTC"
    click.echo(", ".join(filter(None, [trials_text(head["done"], head["planned"]), *others, took])))
    if head["error"]:
        click.echo(f"Error: {head['error']}")


def _print_trials(rows: Sequence[Mapping[str, Any]]) -> None:
    console = result_console()
    figures = {"metric": "Metric", "total_pnl_percent": "Return %", "max_drawdown_percent": "Drawdown %",
               "sharpe_ratio": "Sharpe", "total_trades": "Trades"}  # fmt: skip
    texts, numbers = ("Values", "State"), (*figures.values(), "ms")
    lines = [_trial_cells(row, (*figures, "duration_ms")) for row in rows]
    if not console.is_terminal or len(lines) > _MOST_FOLDED:
        _print_wide(("Trial", *texts, *numbers), lines, len(texts))
        return
    table = _grid(None, ("Trial",), texts, numbers)
    for cells in lines:
        table.add_row(*map(Text, cells))
    console.print(table)


def _trial_cells(row: Mapping[str, Any], figures: Iterable[str]) -> list[str]:
    state = row["state"] if row["error"] is None else f"{row['state']}: {row['error']}"
    numbers = ("-" if row[name] is None else f"{row[name] + 0:,.5g}" for name in figures)
    return [str(row["number"]), values_text(trial_values(row["trial"])), "; ".join(state.splitlines()), *numbers]


def _print_wide(heads: Sequence[str], lines: Sequence[Sequence[str]], texts: int) -> None:
    """Write a table with a line for each row, however long: a number, then so many texts, then numbers."""
    widths = [max(map(cell_len, column)) for column in zip(heads, *lines, strict=True)]
    click.echo(_wide_line(heads, widths, texts))
    click.echo("─" * (sum(widths) + 2 * len(widths) - 2))
    click.echo("\n".join(_wide_line(cells, widths, texts) for cells in lines))


def _wide_line(cells: Sequence[str], widths: Sequence[int], texts: int) -> str:
    gaps = (" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    placed = enumerate(zip(cells, gaps, strict=True))
    return "  ".join(cell + gap if 0 < place <= texts else gap + cell for place, (cell, gap) in placed).rstrip()


def _grid(title: str | None, first: Sequence[str], texts: Sequence[str], numbers: Sequence[str] = ()) -> Table:
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False
    )
    for name in first:
        table.add_column(name, justify="right", no_wrap=True)
    for name in texts:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _print_comparison(first: Study, second: Study, found: StudyComparison, diffs: Mapping[str, Sequence[str]]) -> None:
    console = result_console()
    for what, lines in diffs.items():
        console.print(f"{what}: {'the same' if not lines else ''}".rstrip(), highlight=False)
        for line in lines:
            console.print(Text(line), soft_wrap=True)
    for title, pairs in (("Studies", found.about), ("Best trials", found.best)):
        table = Table(title=title, title_justify="left", box=box.HORIZONTALS)
        for heading in ("", _name(first), _name(second)):
            table.add_column(heading, overflow="fold")
        for name, pair in pairs.items():
            table.add_row(name, *(Text(cell_text(value)) for value in pair))
        console.print(table)
    console.print(
        f"Trials with the same values: {found.common:,}; {found.equal:,} of them came to the same, {found.better:,} "
        f"are better in study {second.study_id} by {first.metrics[0].name}",
        highlight=False,
        soft_wrap=True,
    )
