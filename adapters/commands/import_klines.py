"""``perpsim import``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from engine import PERIOD_MS, FileFormatError, utc_text

from ..database import open_database
from ..kline_files import KlineFile, read_kline_file
from ..kline_store import write_klines
from ..progress import progress_bar
from ..row_store import exchange_name
from .options import database_option


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@database_option
@click.option("--exchange", required=True, help="Exchange, for example binance.")
@click.option("--symbol", required=True, help="Symbol as programs will name it, for example BTC.")
@click.option(
    "--period", type=click.Choice(list(PERIOD_MS)), help="Period of the klines; by default found from the data."
)
def import_klines(files: tuple[str, ...], database_url: str, exchange: str, symbol: str, period: str | None) -> None:
    """Import klines of one symbol from parquet or CSV FILEs.

    CSV files may be gzipped or zipped. Columns are found by their titles (timestamp_ms, open, high, low, close, volume
    and usual variants); the kline files that Binance publishes are known without a header too. Times may be epoch
    seconds to nanoseconds or ISO 8601 text.

    All files are checked before anything is written, and all is written or nothing. Klines that are stored already
    are updated, so importing twice changes nothing.
    """
    read = _read(files, period)
    total = sum(len(file.klines) for file in read)
    database = open_database(database_url, create=True)
    with progress_bar(f"{symbol} {read[0].period}", total) as advance:
        counts = write_klines(
            database, exchange, symbol, read[0].period, (file.klines for file in read), progress=advance
        )
    for file in read:
        _describe(file)
    first_ms = min(int(file.klines.open_ms[0]) for file in read)
    last_ms = max(int(file.klines.open_ms[-1]) for file in read)
    click.echo(f"{database.name}: {symbol} {read[0].period} on {exchange_name(exchange)}")
    click.echo(f"  opens     {utc_text(first_ms)} to {utc_text(last_ms)}")
    click.echo(f"  klines    {total:,} read: {counts.inserted:,} inserted, ", nl=False)
    click.echo(f"{counts.changed:,} changed, {counts.unchanged:,} unchanged")


def _read(files: Sequence[str], period: str | None) -> list[KlineFile]:
    read: list[KlineFile] = []
    for path in files:
        file = read_kline_file(path, period)
        if read and file.period != read[0].period:
            problem = f"these are {file.period} klines, but those of {read[0].path} are {read[0].period}"
            raise FileFormatError(path, None, None, problem)
        read.append(file)
    return read


def _describe(file: KlineFile) -> None:
    click.echo(f"{file.path}: {len(file.klines):,} {file.period} klines, times are {file.time_unit}")
    for remark in file.remarks:
        click.echo(f"  note: {remark}")
