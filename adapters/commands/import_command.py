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

_KINDS = ("klines", "funding", "flow", "trades", "bbo", "mark", "feature")

#: The options that belong to some kinds only.
_KINDS_OF_OPTION = {
    "period": ("klines", "mark"),
    "stamped": ("flow", "klines", "mark"),
    "overwrite": ("trades",),
    "column": ("klines", "funding", "trades", "mark", "feature"),
    "rates_are": ("funding",),
    "skip_off_grid": ("klines", "mark"),
    "name": ("feature",),
}


class _KlineOptions(NamedTuple):
    """How files of klines are read; see `read_kline_file`."""

    period: str | None
    where: Mapping[str, str]
    columns: Mapping[str, str]
    stamped: str | None
    skip_off_grid: bool


def _parse_pairs(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if not all(title.strip() and separator for title, separator, _ in pairs):
        raise click.BadParameter(f"write it as {parameter.metavar}, with both sides")
    return {title.strip(): value.strip() for title, _, value in pairs}


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
    "--where", multiple=True, callback=_parse_pairs, metavar="COLUMN=VALUE",
    help="Only the rows whose column has this value, for files of several series; may be repeated.",
)  # fmt: skip
@click.option(
    "--column", "columns", multiple=True, callback=_parse_pairs, metavar="FIELD=COLUMN",
    help="Take the column of this title for a field, for example rate=realizedRate; may be repeated.",
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
@click.option("--overwrite", is_flag=True, help="trades: replace a stored row that the files may know in part only.")
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
    overwrite: bool,
    allow_rounding: bool,
) -> None:
    """Import market data of one symbol from parquet or CSV FILEs.

    \b
    klines   open time, open, high, low, close, volume (coins)
    funding  time, funding rate (fraction of the notional, or percent where the title says so), mark price if there
    flow     15-second rows: taker volumes and notional by side; what else the tables have
    trades   time, price, size (coins), side of the taker or is_buyer_maker; become 15-second rows
    bbo      time, best bid and ask; become order book snapshots every 15 seconds
    mark     1m klines of the mark price: open time, open, high, low, close; the closes become mark prices too
    feature  data of your own, under --name: time (when the value is known), symbol if there, columns of values

    CSV files may be gzipped or zipped. Columns are found by their titles; the files that Binance publishes are known
    without a header too. Times may be epoch seconds to nanoseconds or ISO 8601 text.

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
        "name": name,
    }
    _check_options(kind, given)
    of_klines = _KlineOptions(period, where, columns, stamped, skip_off_grid)
    target = partial(database_to_fill, database_url, allow_rounding=allow_rounding)
    if name is not None:
        files_of = [read_feature_file(path, name, symbol, where, columns) for path in files]
        _import_features(files_of, target, exchange, name)
        return
    if symbol is None:
        raise click.UsageError("Missing option '--symbol'.")
    if kind == "klines":
        _import_klines(_read_klines(files, of_klines), target, exchange, symbol)
        return
    read = _read(kind, files, where, columns, stamped, rates_are, of_klines)
    rows = [part for file in read for part in file.rows]
    with target() as database, progress_bar(f"{symbol} {kind}", sum(map(len, rows))) as advance:
        counts = write_rows(database, exchange, symbol, rows, advance, keep_edges=kind == "trades" and not overwrite)
    for file in read:
        _describe(file, f"{file.count:,} {file.kind}")
    click.echo(f"{database.name}: {symbol} on {exchange_name(exchange)}")
    for table, count in counts.items():
        click.echo(f"  {table}: {_range(part.times_ms for part in rows if part.table.name == table)}")
        click.echo(f"    {sum(count):,} rows: {count}")


def _check_options(kind: str, given: Mapping[str, object]) -> None:
    for option, kinds in _KINDS_OF_OPTION.items():
        if given[option] and kind not in kinds:
            raise click.UsageError(f"--{option.replace('_', '-')} belongs to --kind {' and '.join(kinds)}")
    if kind == "feature" and not given["name"]:
        raise click.UsageError("say with --name what the feature is called")
    if kind == "flow" and not given["stamped"]:
        raise click.UsageError(
            "say with --stamped start or --stamped end which instant of its 15 seconds is the time of a row; "
            "a row taken 15 seconds too early lets programs see the future"
        )


def _read(
    kind: str,
    files: Sequence[str],
    where: Mapping[str, str],
    columns: Mapping[str, str],
    stamped: str | None,
    rates_are: str | None,
    of_klines: _KlineOptions,
) -> list[ImportedFile]:
    readers = {
        "funding": lambda: [read_funding_file(path, where, columns, rates_are) for path in files],
        "flow": lambda: [read_flow_file(path, stamped == "start", where) for path in files],
        "trades": lambda: list(read_trade_files(files, where, columns)),
        "bbo": lambda: list(read_quote_files(files, where)),
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
