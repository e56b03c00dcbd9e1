"""``perpsim import --kind klines``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from engine import utc_text
from engine.errors import FileFormatError

from ..database import Database, exchange_name, write_klines
from ..files import KlineFile, read_kline_file
from ..runs import progress_bar


def import_klines(
    files: Sequence[str],
    target: Callable[[], Database],
    exchange: str,
    symbol: str,
    period: str | None,
    where: Mapping[str, str],
) -> None:
    """Import klines of one symbol from files and say what was read and done.

    The database is opened when all files have been checked.
    """
    read = _read(files, period, where)
    total = sum(len(file.klines) for file in read)
    database = target()
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


def _read(files: Sequence[str], period: str | None, where: Mapping[str, str]) -> list[KlineFile]:
    read: list[KlineFile] = []
    for path in files:
        file = read_kline_file(path, period, where)
        if read and file.period != read[0].period:
            problem = f"these are {file.period} klines, but those of {read[0].path} are {read[0].period}"
            raise FileFormatError(path, None, None, problem)
        read.append(file)
    return read


def _describe(file: KlineFile) -> None:
    click.echo(f"{file.path}: {len(file.klines):,} {file.period} klines, times are {file.time_unit}")
    for remark in file.remarks:
        click.echo(f"  note: {remark}")
