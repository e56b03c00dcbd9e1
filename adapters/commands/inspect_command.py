"""``perpsim inspect``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click
from rich.console import Console

from engine import DataError
from engine.market import ALL_SYMBOLS

from ..database import (
    StoredFeature,
    StoredSeries,
    describe_series,
    exchange_name,
    open_database,
    stored_features,
    stored_mark_series,
    stored_series,
)
from ..inspection import features_table, inspect_marks, inspect_stored, inspection_table
from ..runs import long_step
from ..terminal import database_option

_PIPE_WIDTH = 100


@click.command("inspect")
@database_option
@click.option("--exchange", help="Only this exchange.")
@click.option("--symbol", help="Only this symbol.")
@click.option("--period", help="Only this period.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def inspect_klines(
    database_url: str, exchange: str | None, symbol: str | None, period: str | None, as_json: bool
) -> None:
    """Show what is in a database: ranges, gaps, duplicates, outliers.

    A kline is missing when it would lie between the first and the last and is not there; on many exchanges a minute
    without a trade has no kline. An outlier is a close more than 10 % from the close of the kline right before it.
    Klines of the mark price are shown beside the traded ones ("price" in JSON: "last" or "mark"), and features below.
    """
    database = open_database(database_url, read_only=True)
    wanted = (None if exchange is None else exchange_name(exchange), symbol, period)
    stored = stored_series(database)
    chosen, marks = _chosen(stored, *wanted), _chosen(stored_mark_series(database), *wanted)
    with long_step("inspecting", sum(series.count for series in (*chosen, *marks))) as advance:
        found = []
        for inspect, several in ((inspect_stored, chosen), (inspect_marks, marks)):
            for series in several:
                found.append((series, inspect(database, series)))
                advance(series.count)
    features = _features(stored_features(database), *wanted)
    if not found and not features:
        asked = " ".join(name for name in wanted if name is not None)
        nothing = f"no klines of {asked}" if asked else "no klines"
        raise DataError(f"{database.name} holds {nothing}; stored: {describe_series(stored)}")
    found.sort(key=lambda each: (each[0].exchange, each[0].symbol))
    if as_json:
        names = ("exchange", "symbol", "period")
        entries = [{**{name: getattr(one, name) for name in names}, **seen.to_dict()} for one, seen in found]
        click.echo(json.dumps([*entries, *(each._asdict() for each in features)], indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    if found:
        console.print(inspection_table(found))
    if features:
        console.print(features_table(features))


def _features(
    stored: Iterable[StoredFeature], exchange: str | None, symbol: str | None, period: str | None
) -> list[StoredFeature]:
    """Return the features that are asked for: those of a symbol, those of every symbol too, but not with a period."""
    return [
        each
        for each in stored
        if period is None and exchange in (None, each.exchange)
        if symbol is None or each.symbol in (symbol, ALL_SYMBOLS)
    ]


def _chosen(
    stored: Iterable[StoredSeries], exchange: str | None, symbol: str | None, period: str | None
) -> list[StoredSeries]:
    return [
        series
        for series in stored
        if exchange in (None, series.exchange) and symbol in (None, series.symbol) and period in (None, series.period)
    ]
