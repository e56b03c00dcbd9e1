"""``perpsim look``."""

from __future__ import annotations

import json

import click

from engine import BacktestConfig, Strategy
from engine.periods import DAY_MS

from ..database import exchange_name, open_database
from ..inspection import look, look_tables
from ..market import load_market
from ..results import result_console
from ..terminal import PERIOD, InstantType, database_option


@click.command("look")
@database_option
@click.option("--exchange", required=True, help="The exchange, as perpsim inspect shows it.")
@click.option("--symbol", required=True, help="The symbol.")
@click.option(
    "--at", "instants", type=InstantType(), multiple=True, required=True, metavar="TIME",
    help="An ISO time with an offset or Z, or epoch ms; repeatable.",
)  # fmt: skip
@click.option(
    "--period", "periods", multiple=True, default=("5m", "1h"), show_default=True, type=PERIOD, help="Repeatable."
)
@click.option("--base-period", default="1m", show_default=True, type=PERIOD)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON list, one entry for each time.")
def look_at(
    database_url: str,
    exchange: str,
    symbol: str,
    instants: tuple[int, ...],
    periods: tuple[str, ...],
    base_period: str,
    as_json: bool,
) -> None:
    """Show what a program would have seen at a time: price, market data, flow, indicators, regime, klines.

    Everything is as it was known then: a kline from its close, a 15-second row from its time.
    """
    config = BacktestConfig(
        strategy=Strategy,
        symbols=[symbol],
        exchange=exchange_name(exchange),
        start_time=max(min(instants) - DAY_MS, 0),
        end_time=max(instants) + 1,
        base_period=base_period,
    )
    market = load_market(open_database(database_url, read_only=True), config)
    entries = [look(market, symbol, instant, periods) for instant in instants]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    console = result_console()
    for entry in entries:
        console.print(look_tables(entry))
