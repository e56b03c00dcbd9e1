"""``perpsim inspect``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import click
from rich.console import Console

from engine import DataError

from ..database import (
    Database,
    StoredSeries,
    crypto_klines,
    describe_series,
    exchange_name,
    open_database,
    stored_mark_series,
    stored_series,
)
from ..inspection import (
    Inspection,
    RowInspection,
    inspect_marks,
    inspect_stored,
    inspection_table,
    row_inspections,
    rows_table,
)
from ..runs import long_step
from ..terminal import database_option

_PIPE_WIDTH = 100
_SERIES_KEYS = ("exchange", "symbol", "period")


@click.command("inspect")
@database_option
@click.option("--exchange", help="Only this exchange.")
@click.option("--symbol", help="Only this symbol.")
@click.option("--period", help="Only klines of this period.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
def inspect_tables(
    database_url: str, exchange: str | None, symbol: str | None, period: str | None, as_json: bool
) -> None:
    """Show what is in a database, table by table: ranges, rows, holes, findings.

    A kline is missing when it would lie between the first and the last and is not there; on many exchanges a minute
    without a trade has no kline. An outlier is a close more than 10 % from the close of the kline right before it.
    Klines of the mark price are shown beside the traded ones. Rows of funding, order flow, order book, metrics and
    features are missing where two are further apart than those around them.

    In JSON every entry has "table" (klines, mark, funding, flow, book, metrics, features), "exchange", "symbol",
    "rows", "first_ms", "last_ms", "gaps", "missing", "longest_gap" and "duplicates".
    """
    database = open_database(database_url, read_only=True)
    exchange = None if exchange is None else exchange_name(exchange)
    stored = _stored_klines(database)
    wanted = _chosen(stored, exchange, symbol, period)
    marks = _chosen(stored_mark_series(database), exchange, symbol, period)
    rows = row_inspections(database, exchange, symbol) if period is None else []
    if not (wanted or marks or rows):
        asked = " ".join(name for name in (exchange, symbol, period) if name is not None)
        nothing = f"no klines of {asked}" if asked else "no klines"
        raise DataError(f"{database.name} holds {nothing}; stored: {describe_series(stored)}")
    with long_step("inspecting", len(wanted) + len(marks) + len(rows), "series") as advance:
        looks = [(each, partial(inspect_stored, database, each)) for each in wanted]
        looks += [(each, partial(inspect_marks, database, each)) for each in marks]
        klines = [(series, _told(advance, look)) for series, look in looks]
        others = [_told(advance, look) for look in rows]
    klines.sort(key=lambda each: (each[0].exchange, each[0].symbol))
    if as_json:
        entries = [_kline_entry(series, found) for series, found in klines]
        click.echo(json.dumps([*entries, *(each.to_dict() for each in others)], indent=2))
        return
    _show(klines, others)


def _stored_klines(database: Database) -> list[StoredSeries]:
    """Return the stored series of klines. Raises `DataError` where the table is missing and no other has rows."""
    with database.reading() as connection:
        is_there = database.has_table(connection, crypto_klines)
    return stored_series(database) if is_there or not row_inspections(database) else []


def _told(advance: Callable[[int], None], look: Callable[[], Any]) -> Any:
    found = look()
    advance(1)
    return found


def _kline_entry(series: StoredSeries, found: Inspection) -> dict[str, Any]:
    table = "mark" if found.price == "mark" else "klines"
    names = {name: getattr(series, name) for name in _SERIES_KEYS}
    return {"table": table, **names, "rows": found.count + found.duplicates, **found.to_dict()}


def _show(klines: list[tuple[StoredSeries, Inspection]], others: list[RowInspection]) -> None:
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    if klines:
        console.print(inspection_table(klines))
    rows = [each for each in others if each.feature is None]
    features = [each for each in others if each.feature is not None]
    for title, found in (("Stored rows beside the klines", rows), ("Stored features", features)):
        if found:
            console.print(rows_table(title, found))


def _chosen(
    stored: Iterable[StoredSeries], exchange: str | None, symbol: str | None, period: str | None
) -> list[StoredSeries]:
    return [
        series
        for series in stored
        if exchange in (None, series.exchange) and symbol in (None, series.symbol) and period in (None, series.period)
    ]
