"""``perpsim factors``: list, show, preview and rank factors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from math import isnan
from typing import Any

import click

from engine import DataError, MarketHistory
from engine.factors import (
    COLUMNS,
    FACTOR_WINDOW,
    ExpressedFactor,
    Factor,
    FactorCatalogue,
    factor_series,
    read_expression,
)
from engine.instants import FIRST_MS
from engine.market.series import KlineColumns
from engine.periods import PERIOD_MS

from ..database import exchange_name, open_database
from ..inspection import config_of_range
from ..market import load_market
from ..results import result_console
from ..terminal import PERIOD, InstantType, database_option
from .factor_ranking import FactorRank, ranked
from .factor_tables import differences, factor_table, factor_text, function_table, preview_table, rank_table, source


@click.group("factors")
def factors() -> None:
    """List, show, preview and rank factors.

    A factor is a number made of klines or order flow, by a name (RSI14, MOM_ACCEL) or an expression such as
    "SMA(close, 20) / close - 1". A program gets it with data.get_factor(symbol, name, period).
    """


@factors.command("list")
@click.option("--category", help="Only these: momentum, trend, volatility, volume, microstructure.")
@click.option("--functions", is_flag=True, help="The functions that an expression can call instead.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def list_all(category: str | None, functions: bool, as_json: bool) -> None:
    """List every factor, or every function."""
    found = [each for each in FactorCatalogue() if category in (None, each.category)]
    if not found:
        raise click.BadParameter(f"no factor is of the category {category!r}", param_hint="--category")
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2))
    else:
        result_console().print(function_table() if functions else factor_table(found))


def _plain(factor: Factor) -> dict[str, Any]:
    names = ("name", "category", "expression", "description")
    told = {name: getattr(factor, name) for name in names}
    return {**told, "source": source(factor), "platform_differs": differences(factor)}


@factors.command("show")
@click.argument("name", metavar="NAME")
def show(name: str) -> None:
    """Show what a factor is, with the formulas that it is made of, and whether the platform answers otherwise."""
    for line in factor_text(_found(name)):
        click.echo(line)


def _found(text: str) -> Factor:
    """Return the factor of a name, or that of an expression."""
    if text.isidentifier() and text not in COLUMNS:
        return FactorCatalogue().named(text)
    return ExpressedFactor(text, read_expression(text).text)


def _market_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        database_option,
        click.option("--exchange", required=True, help="The exchange, as perpsim inspect shows it."),
        click.option("--symbol", required=True, help="The symbol."),
        click.option("--period", default="1h", show_default=True, type=PERIOD, help="Of which klines."),
        click.option(
            "--start", "start_ms", type=InstantType(), metavar="TIME", help="Default: the first stored kline."
        ),
        click.option("--end", "end_ms", type=InstantType(), metavar="TIME", help="Default: the last kline's close."),
        click.option("--base-period", default="1m", show_default=True, type=PERIOD),
    )
    for option in reversed(options):
        command = option(command)
    return command


@factors.command("preview")
@click.argument("factor", metavar="NAME|EXPRESSION")
@_market_options
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many values to list.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON: every value.")
def preview(factor: str, most: int, as_json: bool, **where: Any) -> None:
    """Show a factor's values, each as it was known at the close of a kline: over the last 500 klines up to there."""
    found = _found(factor)
    market, klines, start_ms = _loaded(**where)
    values = factor_series(found, klines, market.symbols[where["symbol"]], start_ms)
    if as_json:
        told = zip((klines.open_ms + klines.period_ms).tolist(), values.tolist(), strict=True)
        rows = [{"timestamp": at, "value": None if isnan(value) else value} for at, value in told if at >= start_ms]
        about = {"factor": factor, "symbol": where["symbol"], "period": where["period"]}
        click.echo(json.dumps({**about, "values": rows}, indent=2))
    else:
        result_console().print(preview_table(factor, klines, values, most))


@factors.command("rank")
@_market_options
@click.option("--factor", "names", multiple=True, metavar="NAME|EXPRESSION", help="Repeatable. Default: all.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def rank(names: tuple[str, ...], as_json: bool, **where: Any) -> None:
    """Say how well factors foretell the returns of a symbol.

    \b
    IC         Spearman's correlation of the factor and the return that follows in 1, 4, 12 and 24 hours
    ICIR       mean / deviation of the IC (4 h) of the last 30 windows of 720 klines, 24 klines apart
    Same sign  how often factor and return (4 h) have the same sign: for factors that have one
    Half-life  after how many hours half of the IC is left
    Turnover   how far the rank moves from one kline to the next, as a share of all ranks

    All of it looks back: what foretold in this range need not foretell in the next.
    """
    chosen = [_found(each) for each in names] or [*FactorCatalogue()]
    market, klines, start_ms = _loaded(**where)
    found = sorted(ranked(chosen, market.symbols[where["symbol"]], klines, start_ms), key=_strength)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    else:
        result_console().print(rank_table(found))


def _strength(rank: FactorRank) -> float:
    return -max((abs(each) for each in rank.coefficients.values()), default=-1.0)


def _loaded(
    database_url: str,
    exchange: str,
    symbol: str,
    period: str,
    start_ms: int | None,
    end_ms: int | None,
    base_period: str,
) -> tuple[MarketHistory, KlineColumns, int]:
    """Return the market, the finished klines of a period with those before the start, and the start."""
    database = open_database(database_url, read_only=True)
    asked = config_of_range(database, symbol, exchange_name(exchange), start_ms, end_ms, base_period)
    before = max(asked.start_ms - FACTOR_WINDOW * PERIOD_MS[period], FIRST_MS)
    market = load_market(database, replace(asked, start_time=before))
    series = market.symbols[symbol].series(period)
    if series is None:
        raise DataError(f"there are no klines of {period}, and none to make them from")
    return market, series.columns.slice(0, series.finished(asked.end_ms)), asked.start_ms
