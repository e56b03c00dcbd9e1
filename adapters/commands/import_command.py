"""``perpsim import``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import click

from engine import DataError, utc_text
from engine.errors import PerpsimError
from engine.market import ALL_SYMBOLS
from engine.market.series import TimeColumn

from ..database import Database, crypto_klines, database_to_fill, exchange_name, write_features
from ..files import SIDES_ARE, ContractSize, FeatureFile, ReadOptions, read_feature_file
from ..imports import KINDS, FileOptions, FileReport, GroupReport, ImportGroup, import_group, plan_import, reading_of
from ..runs import progress_bar
from ..terminal import PERIOD, allow_rounding_option, database_option, parse_pairs
from .import_options import check_options, parse_contract, read_options

#: Of more files than these not each is told for itself.
_MOST_TOLD = 6
_DIGITS = re.compile(r"\d[\d,.]*")


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@database_option
@click.option("--exchange", required=True, help="Exchange, for example binance.")
@click.option(
    "--symbol",
    help="Symbol as programs will name it, for example BTC; by default names of files tell it (BTCUSDT is BTC). "
    "A feature without one is of every symbol.",
)
@click.option(
    "--rename", "renames", multiple=True, callback=parse_pairs, metavar="MARKET=SYMBOL",
    help="The symbol of a market that names of files tell, for example BTCUSDC=BTCUSDC; may be repeated.",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(KINDS), help="What the files hold; by default what their names tell, else klines."
)
@click.option("--period", type=PERIOD, help="Period of the klines; by default found from the data.")
@click.option(
    "--where", multiple=True, callback=parse_pairs, metavar="COLUMN=VALUE",
    help="Only the rows whose column has this value, for files of several series; may be repeated.",
)  # fmt: skip
@click.option(
    "--column", "columns", multiple=True, callback=parse_pairs, metavar="FIELD=COLUMN",
    help="Take the column of this title or number for a field, such as rate=realizedRate, volume=6; may be repeated.",
)  # fmt: skip
@click.option(
    "--stamped", type=click.Choice(["start", "end"]),
    help="Whether the time of a row is the start or the end of its kline (by default the start) or of its 15 seconds.",
)  # fmt: skip
@click.option(
    "--rates-are", type=click.Choice(["percent", "fraction"]),
    help="funding: what the rates are, where they are so large that they may be either.",
)  # fmt: skip
@click.option(
    "--sides", type=click.Choice(SIDES_ARE),
    help="trades: whose sides these are (by default the taker's); tick: where there are none, the price tells them.",
)  # fmt: skip
@click.option(
    "--contract-size", callback=parse_contract, metavar="SIZE",
    help="trades, metrics: what one contract is, where sizes are in contracts: 0.01 (coins) or 100USD.",
)  # fmt: skip
@click.option("--again", is_flag=True, help="Read files too that were imported before.")
@click.option("--name", help="feature: what programs ask for; of several columns each is NAME.COLUMN.")
@click.option("--skip-off-grid", is_flag=True, help="Leave out klines that do not open at a multiple of their period.")
@click.option(
    "--snap", is_flag=True, help="Move stretches of klines that are all off by one time, below 1m, to the grid."
)
@click.option("--overwrite", is_flag=True, help="trades: replace a stored row that the files may know in part only.")
@read_options
@allow_rounding_option
def import_files(
    files: tuple[str, ...],
    database_url: str,
    exchange: str,
    symbol: str | None,
    renames: dict[str, str],
    kind: str | None,
    period: str | None,
    where: dict[str, str],
    columns: dict[str, str],
    stamped: str | None,
    rates_are: str | None,
    sides: str | None,
    contract_size: ContractSize | None,
    again: bool,
    name: str | None,
    skip_off_grid: bool,
    snap: bool,
    overwrite: bool,
    allow_rounding: bool,
    options: ReadOptions,
) -> None:
    """Import market data from FILEs: CSV, parquet, feather, JSON or lines of JSON, or all of those in a FOLDER.

    \b
    klines   open time, open, high, low, close, volume (coins)
    funding  time, funding rate (fraction of the notional, or percent where the title says so), mark price if there
    flow     15-second rows: taker volumes and notional by side; what else the tables have
    trades   time, price, size (coins), side of the taker or is_buyer_maker; become 15-second rows
    bbo      time, best bid and ask; become order book snapshots every 15 seconds
    mark     1m klines of the mark price: open time, open, high, low, close; the closes become mark prices too
    metrics  time (when it is known), open interest (coins), prices of mark, oracle, middle, ratios of longs to shorts
    feature  data of your own, under --name: time (when the value is known), symbol if there, columns of values

    Texts may be packed by gzip, bzip2, xz or zip. Columns are found by their titles (--column names others, or the
    number of a column); the files that venues publish are known without a header too. Times may be epoch seconds to
    nanoseconds or texts. Rows may stand in any order, and the same row twice; what was done is said.

    Symbol, kind and period are what the names of the files tell (BTCUSDT-1m-2024-01.zip), unless they are given. Files
    of one symbol and kind are imported together: all of them are checked before anything is written, and all is written
    or nothing. Rows that are stored already are updated, so importing twice changes nothing; of several files those
    that were imported before are not read again (--again). Trades and bbo are one stream: in order of the dates in the
    names or, where these have none, in the order given.
    """
    given = {
        "period": period,
        "stamped": stamped,
        "overwrite": overwrite,
        "column": columns,
        "rates_are": rates_are,
        "sides": sides,
        "contract_size": contract_size,
        "skip_off_grid": skip_off_grid,
        "snap": snap,
        "name": name,
    }
    target = partial(database_to_fill, database_url, allow_rounding=allow_rounding)
    if kind == "feature" or (kind is None and name is not None):
        check_options((kind or "klines",), given)
        files_of = [read_feature_file(path, str(name), symbol, where, columns, options) for path in files]
        _import_features(files_of, target, exchange, str(name))
        return
    said = FileOptions(
        where, columns, stamped, rates_are, sides, contract_size, skip_off_grid, snap, overwrite, options
    )
    if kind is not None:
        check_options((kind,), given)
    plan = plan_import(files, symbol, kind, period, renames)
    check_options({group.kind for group in plan.groups}, given)
    for remark in plan.remarks:
        click.echo(f"note: {remark}")
    is_single = len(files) == 1 and not Path(files[0]).is_dir()
    with target() as database:
        _import_groups(database, exchange, plan.groups, said, skip_stored=not (again or is_single))


def _import_groups(
    database: Database, exchange: str, groups: Sequence[ImportGroup], said: FileOptions, skip_stored: bool
) -> None:
    """Import groups one by one and say what was done; what one failed with is told behind the others."""
    failed: dict[ImportGroup, PerpsimError] = {}
    for group in groups:
        reading = reading_of(group.kind, group.period, said)
        try:
            report = import_group(database, exchange, group, reading, skip_stored=skip_stored)
        except PerpsimError as error:
            if len(groups) == 1:
                raise
            failed[group] = error
        else:
            _tell(report, database, exchange, in_short=sum(len(each.paths) for each in groups) > _MOST_TOLD)
    for group, problem in failed.items():
        click.echo(f"{group}: nothing was imported: {problem}", err=True)
    if failed:
        names = ", ".join(map(str, failed))
        raise DataError(f"{len(failed)} of {len(groups)} groups were not imported ({names}); the others were")


def _tell(report: GroupReport, database: Database, exchange: str, in_short: bool) -> None:
    """Say what was read and done; of many files not each for itself."""
    for line in _file_lines(report.files, in_short):
        click.echo(line)
    group = report.group
    klines = report.counts.get(crypto_klines.name)
    what = report.period or str(group).partition(" ")[2]
    click.echo(f"{database.name}: {group.symbol} {what} on {exchange_name(exchange)}")
    if report.skipped:
        files = "file was" if report.skipped == 1 else "files were"
        click.echo(f"  {report.skipped:,} {files} imported before: not read again (--again reads them)")
    if klines is not None:
        first_ms, last_ms = report.ranges[crypto_klines.name]
        click.echo(f"  opens     {utc_text(first_ms)} to {utc_text(last_ms)}")
        click.echo(f"  klines    {report.rows:,} read: {klines}")
        return
    for label, count in report.counts.items():
        span = report.ranges.get(label)
        click.echo(f"  {label}: {'nothing' if span is None else ' to '.join(map(utc_text, span))}")
        click.echo(f"    {sum(count):,} rows: {count}")


def _file_lines(files: Sequence[FileReport], in_short: bool = False) -> Iterator[str]:
    if len(files) < 2 or not in_short:
        for file in files:
            yield f"{file.path}: {file.what}, times are {file.time_unit}"
            yield from (f"  note: {remark}" for remark in file.remarks)
        return
    units = Counter(file.time_unit for file in files)
    yield f"{files[0].path} to {files[-1].path}: {len(files):,} files, times are {' or '.join(units)}"
    remarks: dict[str, list[str]] = {}
    for file in files:
        for remark in file.remarks:
            told = f"{Path(file.path).name}: {remark}"
            key = told if remark.startswith("row ") else _DIGITS.sub("#", remark)  # bad rows are listed, each of them
            remarks.setdefault(key, []).append(told)
    for said in remarks.values():
        more = f" (and {len(said) - 1:,} more files like it)" if len(said) > 1 else ""
        yield f"  note: {said[0]}{more}"


def _import_features(
    read: Sequence[FeatureFile], target: Callable[[], AbstractContextManager[Database]], exchange: str, name: str
) -> None:
    """Store values of a feature, read from files, and say what was read and done."""
    parts = [part for each in read for part in each.features]
    with target() as database, progress_bar(f"feature {name}", sum(len(part.rows) for part in parts)) as advance:
        counts = write_features(database, exchange, parts, advance)
    for file, _ in read:
        for line in _file_lines([FileReport(file.path, f"{file.count:,} {file.kind}", file.time_unit, file.remarks)]):
            click.echo(line)
    click.echo(f"{database.name}: on {exchange_name(exchange)}")
    for (symbol, feature), count in counts.items():
        of_it = [part.rows.timestamp_ms for part in parts if (part.symbol, part.feature) == (symbol, feature)]
        click.echo(f"  {feature} of {'every symbol' if symbol == ALL_SYMBOLS else symbol}: {_range(of_it)}")
        click.echo(f"    {sum(count):,} values: {count}")


def _range(parts: Iterable[TimeColumn]) -> str:
    times = [int(time) for part in parts if len(part) for time in (part[0], part[-1])]
    return f"{utc_text(min(times))} to {utc_text(max(times))}" if times else "nothing"
