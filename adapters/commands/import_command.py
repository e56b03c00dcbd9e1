"""``perpsim import``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import NamedTuple

import click

from engine import utc_text
from engine.errors import FileFormatError
from engine.market import ALL_SYMBOLS
from engine.market.series import TimeColumn

from ..database import Database, database_to_fill, exchange_name, write_features, write_klines, write_rows
from ..files import (
    FeatureFile,
    ImportedFile,
    KlineFile,
    ReadOptions,
    read_feature_file,
    read_flow_file,
    read_funding_file,
    read_kline_file,
    read_mark_file,
    read_quote_files,
    read_trade_files,
)
from ..runs import progress_bar
from ..terminal import PERIOD, allow_rounding_option, database_option
from .import_options import check_options, parse_pairs, read_options

_KINDS = ("klines", "funding", "flow", "trades", "bbo", "mark", "feature")


class _KlineOptions(NamedTuple):
    """How files of klines are read; see `read_kline_file`."""

    period: str | None
    where: Mapping[str, str]
    columns: Mapping[str, str]
    stamped: str | None
    skip_off_grid: bool
    snap: bool
    options: ReadOptions


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@database_option
@click.option("--exchange", required=True, help="Exchange, for example binance.")
@click.option(
    "--symbol", help="Symbol as programs will name it, for example BTC; a feature without one is of every symbol."
)
@click.option("--kind", type=click.Choice(_KINDS), default="klines", show_default=True, help="What the files hold.")
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
    kind: str,
    period: str | None,
    where: dict[str, str],
    columns: dict[str, str],
    stamped: str | None,
    rates_are: str | None,
    name: str | None,
    skip_off_grid: bool,
    snap: bool,
    overwrite: bool,
    allow_rounding: bool,
    options: ReadOptions,
) -> None:
    """Import market data of one symbol from FILEs: CSV, parquet, feather, JSON or lines of JSON.

    \b
    klines   open time, open, high, low, close, volume (coins)
    funding  time, funding rate (fraction of the notional, or percent where the title says so), mark price if there
    flow     15-second rows: taker volumes and notional by side; what else the tables have
    trades   time, price, size (coins), side of the taker or is_buyer_maker; become 15-second rows
    bbo      time, best bid and ask; become order book snapshots every 15 seconds
    mark     1m klines of the mark price: open time, open, high, low, close; the closes become mark prices too
    feature  data of your own, under --name: time (when the value is known), symbol if there, columns of values

    Texts may be packed by gzip, bzip2, xz or zip. Columns are found by their titles (--column names others, or the
    number of a column); the files that venues publish are known without a header too. Times may be epoch seconds to
    nanoseconds or texts. Rows may stand in any order, and the same row twice; what was done is said.

    All files are checked before anything is written, and all is written or nothing. Rows that are stored already are
    updated, so importing twice changes nothing. Files of trades and of bbo are one stream: name them in order of time.
    """
    given = {
        "period": period,
        "stamped": stamped,
        "overwrite": overwrite,
        "column": columns,
        "rates_are": rates_are,
        "skip_off_grid": skip_off_grid,
        "snap": snap,
        "name": name,
    }
    check_options(kind, given)
    of_klines = _KlineOptions(period, where, columns, stamped, skip_off_grid, snap, options)
    target = partial(database_to_fill, database_url, allow_rounding=allow_rounding)
    if name is not None:
        files_of = [read_feature_file(path, name, symbol, where, columns, options) for path in files]
        _import_features(files_of, target, exchange, name)
        return
    if symbol is None:
        raise click.UsageError("Missing option '--symbol'.")
    if kind == "klines":
        _import_klines(_read_klines(files, of_klines), target, exchange, symbol)
        return
    read = _read(kind, files, rates_are, of_klines)
    rows = [part for file in read for part in file.rows]
    with target() as database, progress_bar(f"{symbol} {kind}", sum(map(len, rows))) as advance:
        counts = write_rows(database, exchange, symbol, rows, advance, keep_edges=kind == "trades" and not overwrite)
    for file in read:
        _describe(file, f"{file.count:,} {file.kind}")
    click.echo(f"{database.name}: {symbol} on {exchange_name(exchange)}")
    for table, count in counts.items():
        click.echo(f"  {table}: {_range(part.times_ms for part in rows if part.table.name == table)}")
        click.echo(f"    {sum(count):,} rows: {count}")


def _read(kind: str, files: Sequence[str], rates_are: str | None, of_klines: _KlineOptions) -> list[ImportedFile]:
    _, where, columns, stamped, _, _, options = of_klines
    readers = {
        "funding": lambda: [read_funding_file(path, where, columns, rates_are, options) for path in files],
        "flow": lambda: [read_flow_file(path, stamped == "start", where, options) for path in files],
        "trades": lambda: list(read_trade_files(files, where, columns, options)),
        "bbo": lambda: list(read_quote_files(files, where, options)),
        "mark": lambda: [read_mark_file(path, *of_klines) for path in files],
    }
    return readers[kind]()


def _import_klines(
    read: Sequence[KlineFile], target: Callable[[], AbstractContextManager[Database]], exchange: str, symbol: str
) -> None:
    """Store klines of one symbol, read from files, and say what was read and done."""
    total = sum(len(file.klines) for file in read)
    with target() as database, progress_bar(f"{symbol} {read[0].period}", total) as advance:
        counts = write_klines(
            database, exchange, symbol, read[0].period, (file.klines for file in read), progress=advance
        )
    for file in read:
        _describe(file, f"{len(file.klines):,} {file.period} klines")
    first_ms = min(int(file.klines.open_ms[0]) for file in read)
    last_ms = max(int(file.klines.open_ms[-1]) for file in read)
    click.echo(f"{database.name}: {symbol} {read[0].period} on {exchange_name(exchange)}")
    click.echo(f"  opens     {utc_text(first_ms)} to {utc_text(last_ms)}")
    click.echo(f"  klines    {total:,} read: {counts}")


def _import_features(
    read: Sequence[FeatureFile], target: Callable[[], AbstractContextManager[Database]], exchange: str, name: str
) -> None:
    """Store values of a feature, read from files, and say what was read and done."""
    parts = [part for each in read for part in each.features]
    with target() as database, progress_bar(f"feature {name}", sum(len(part.rows) for part in parts)) as advance:
        counts = write_features(database, exchange, parts, advance)
    for file, _ in read:
        _describe(file, f"{file.count:,} {file.kind}")
    click.echo(f"{database.name}: on {exchange_name(exchange)}")
    for (symbol, feature), count in counts.items():
        of_it = [part.rows.timestamp_ms for part in parts if (part.symbol, part.feature) == (symbol, feature)]
        click.echo(f"  {feature} of {'every symbol' if symbol == ALL_SYMBOLS else symbol}: {_range(of_it)}")
        click.echo(f"    {sum(count):,} values: {count}")


def _read_klines(files: Sequence[str], options: _KlineOptions) -> list[KlineFile]:
    read: list[KlineFile] = []
    for path in files:
        file = read_kline_file(path, *options)
        if read and file.period != read[0].period:
            problem = f"these are {file.period} klines, but those of {read[0].path} are {read[0].period}"
            raise FileFormatError(path, None, None, problem)
        read.append(file)
    return read


def _describe(file: ImportedFile | KlineFile, what: str) -> None:
    click.echo(f"{file.path}: {what}, times are {file.time_unit}")
    for remark in file.remarks:
        click.echo(f"  note: {remark}")


def _range(parts: Iterable[TimeColumn]) -> str:
    times = [int(time) for part in parts if len(part) for time in (part[0], part[-1])]
    return f"{utc_text(min(times))} to {utc_text(max(times))}" if times else "nothing"
