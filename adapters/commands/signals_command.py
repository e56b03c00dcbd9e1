"""``perpsim signals``: list, show, add and preview stored signals and pools."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine import (
    BacktestConfig,
    ConfigurationError,
    MarketHistory,
    SignalBacktestService,
    SignalPool,
    suggest_threshold,
)
from engine.signals import SignalBacktest

from ..database import database_to_fill, exchange_name, open_database
from ..inspection import config_of_range
from ..market import load_market
from ..output import require_matplotlib
from ..results import result_console
from ..signals import (
    SignalPreview,
    SignalStore,
    add_signals,
    draw_triggers,
    pool_parts,
    pool_table,
    preview_tables,
    signal_table,
)
from ..terminal import INPUT_FILE, PERIOD, ROW_ID, InstantType, database_option


@click.group("signals")
def signals() -> None:
    """List, show, add and preview signals and pools.

    A pool fires when its signals become true: with OR one of them, with AND all.
    """


@signals.command("list")
@database_option
def list_all(database_url: str) -> None:
    """List the stored pools and signals."""
    store = SignalStore(open_database(database_url, read_only=True))
    console = result_console()
    console.print(pool_table(list(store.pools.values())))
    console.print(signal_table(list(store.signals.values())))


@signals.command("show")
@click.argument("pool_id", type=ROW_ID, metavar="POOL_ID")
@database_option
def show(pool_id: int, database_url: str) -> None:
    """Show a pool with its enabled signals, or what is wrong with it."""
    store = SignalStore(open_database(database_url, read_only=True))
    console = result_console()
    console.print(pool_table([store.stored_pool(pool_id)]))
    console.print(pool_parts(store, store.stored_pool(pool_id)))


@signals.command("add")
@click.argument("file", type=INPUT_FILE, metavar="SIGNALS.toml")
@database_option
def add(file: Path, database_url: str) -> None:
    """Write the signals and pools of a TOML file into a database.

    \b
    [[signal]]
    name = "CVD 5m surge"
    condition = { metric = "cvd", operator = "abs_gt", threshold = 1600000 }
    [[pool]]
    name = "Surges"
    signals = ["CVD 5m surge"]
    symbols = ["BTC", "ETH"]
    logic = "OR"

    One whose name is stored already takes that one's place and keeps its id. Pools name signals of the file or of the
    database, or ids.
    """
    with database_to_fill(database_url) as database:
        added = add_signals(database, file)
    for row in added:
        click.echo(f"{row.kind} {row.row_id} {row.name!r}: {row.outcome}")


@signals.command("preview")
@database_option
@click.option("--pool", "pool_id", type=ROW_ID, metavar="ID", help="A stored pool, enabled or not.")
@click.option("--condition", metavar="JSON", help='A condition, such as \'{"metric": "cvd", ...}\'.')
@click.option("--symbol", help="The symbol; may be left out for a pool that watches one.")
@click.option("--exchange", default="hyperliquid", show_default=True, help="The exchange, as perpsim inspect shows it.")
@click.option("--start", "start_ms", type=InstantType(), metavar="TIME", help="Default: the first stored kline.")
@click.option("--end", "end_ms", type=InstantType(), metavar="TIME", help="Default: the last stored kline's close.")
@click.option("--base-period", default="1m", show_default=True, type=PERIOD)
@click.option("--most", default=20, show_default=True, type=click.IntRange(0), help="How many triggers to list.")
@click.option(
    "--suggest", type=click.FloatRange(0, min_open=True), metavar="N", help="Suggest thresholds for N triggers a day."
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables: every trigger, and the counts.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Draw the price with the triggers (png, svg or pdf).",
)  # fmt: skip
def preview(
    database_url: str,
    pool_id: int | None,
    condition: str | None,
    symbol: str | None,
    exchange: str,
    start_ms: int | None,
    end_ms: int | None,
    base_period: str,
    most: int,
    suggest: float | None,
    as_json: bool,
    plot: Path | None,
) -> None:
    """Show when a pool or a condition would have fired: how often, how clustered, at which hours.

    Nothing is run. Use it to tune thresholds before a back-test.
    """
    if (pool_id is None) == (condition is None):
        raise click.UsageError("give either --pool ID or --condition JSON")
    if plot is not None:
        require_matplotlib()
    database = open_database(database_url, read_only=True)
    pool = None if pool_id is None else SignalStore(database).pool(pool_id)
    config = config_of_range(database, _symbol(pool, symbol), exchange_name(exchange), start_ms, end_ms, base_period)
    market = load_market(database, config)
    found = SignalPreview(_backtest(market, pool, condition, config), config.start_ms, config.end_ms)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        console = result_console()
        for part in preview_tables(found, most):
            console.print(part)
    if suggest is not None:
        _suggest(found, market, suggest, as_json)
    if plot is not None:
        draw_triggers(found, market.symbols[config.symbols[0]], plot)


def _symbol(pool: SignalPool | None, symbol: str | None) -> str:
    if symbol is not None:
        return symbol
    watched = () if pool is None else pool.symbols
    if len(watched) != 1:
        raise click.UsageError(f"give --symbol (the pool watches {', '.join(watched) or 'all'})")
    return watched[0]


def _backtest(
    market: MarketHistory, pool: SignalPool | None, condition: str | None, config: BacktestConfig
) -> SignalBacktest:
    where = config.symbols[0], config.start_ms, config.end_ms
    if pool is not None and pool.pool_id is not None:
        return SignalBacktestService(market, pools=[pool]).backtest_pool(pool.pool_id, *where)
    assert condition is not None
    return SignalBacktestService(market).backtest_condition(condition, *where)


def _suggest(found: SignalPreview, market: MarketHistory, per_day: float, as_json: bool) -> None:
    """Print a threshold for each signal by itself; on standard error where that belongs to JSON."""
    history = market.symbols[found.backtest.symbol]
    for signal in found.backtest.pool.signals:
        try:
            best = suggest_threshold(signal.condition, history, found.start_ms, found.end_ms, per_day)
        except ConfigurationError as error:
            click.echo(f"{signal.name}: {error}", err=as_json)
            continue
        what = signal.condition.threshold_name
        click.echo(f"{signal.name}: {what} {best.threshold:g} fires {best.per_day:.2f} times a day", err=as_json)
