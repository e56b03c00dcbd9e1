"""``perpsim synth``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click

from engine import PERIOD_MS, KlineColumns, utc_text
from engine.instants import LAST_MS
from engine.market import aggregate
from engine.periods import DAY_MS, MINUTE_MS, SECOND_MS

from ..database import checked_name, database_to_fill, exchange_name, write_klines
from ..runs import progress_bar
from ..synthetic import synthetic_pieces, synthetic_symbol
from ..terminal import PERIOD, database_option


@click.command("synth")
@database_option
@click.option("--symbol", "symbols", multiple=True, required=True, help="Symbol to make up; may be repeated.")
@click.option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), default="2024-01-01", show_default=True, help="First day (UTC)."
)
@click.option("--days", type=click.IntRange(1, 36_525), default=366, show_default=True, help="How many days.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed, another market.")
@click.option("--exchange", default="hyperliquid", show_default=True, help="Exchange to store it under.")
@click.option(
    "--period", "periods", multiple=True, type=PERIOD, default=("1m",), show_default=True,
    help="Period to write; may be repeated.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Write over stored klines that are not this market's.")
@click.option("--price", "initial_price", type=float, help="Price that every symbol starts at, USD.")
@click.option("--volatility", type=float, metavar="PERCENT", help="Volatility a year.")
@click.option("--drift", type=float, metavar="PERCENT", help="Drift a year.")
def synthesize(
    database_url: str,
    symbols: tuple[str, ...],
    start: datetime,
    days: int,
    seed: int,
    exchange: str,
    periods: tuple[str, ...],
    overwrite: bool,
    initial_price: float | None,
    volatility: float | None,
    drift: float | None,
) -> None:
    """Write a seeded synthetic market: regimes, jumps, a daily rhythm, without a gap.

    A symbol's klines depend on its name, the seed, the start and the options only; a longer market begins with exactly
    the shorter one. Longer periods are made from the minutes. Klines of another origin are not mixed with it.
    """
    options = {"initial_price": initial_price, "annual_volatility_pct": volatility, "annual_drift_pct": drift}
    given = {name: value for name, value in options.items() if value is not None}
    chosen = {symbol: replace(synthetic_symbol(symbol), **given) for symbol in symbols}
    start_ms = int(start.replace(tzinfo=UTC).timestamp()) * SECOND_MS
    minutes = days * DAY_MS // MINUTE_MS
    if start_ms + days * DAY_MS > LAST_MS + 1:
        raise click.UsageError(f"{days:,} days from {utc_text(start_ms)} end after the year 9999")
    where = exchange_name(exchange)
    for symbol in symbols:
        checked_name("symbol", symbol)
    with database_to_fill(database_url) as database:
        click.echo(f"{database.name}: {where}, seed {seed}, {days:,} days from {utc_text(start_ms)}")
        for symbol, parameters in chosen.items():
            for period in dict.fromkeys(periods):
                pieces = _Pieces(synthetic_pieces(symbol, start_ms, minutes, seed, parameters), PERIOD_MS[period])
                with progress_bar(f"{symbol} {period}", days * DAY_MS // PERIOD_MS[period]) as advance:
                    counts = write_klines(database, where, symbol, period, pieces, advance, only_extend=not overwrite)
                click.echo(f"  {symbol} {period}: {sum(counts):,} klines: {counts}; {pieces.prices}")


class _Pieces:
    """Klines of a period, made from pieces of whole days in order of time; `prices` tells of those that are made."""

    def __init__(self, minutes: Iterable[KlineColumns], period_ms: int) -> None:
        self._minutes, self._period_ms = minutes, period_ms
        self._first = self._last = float("nan")

    def __iter__(self) -> Iterator[KlineColumns]:
        for piece in self._minutes:
            columns = piece if piece.period_ms == self._period_ms else aggregate(piece, self._period_ms)
            self._first = columns.open[0] if math.isnan(self._first) else self._first
            self._last = columns.close[-1]
            yield columns

    @property
    def prices(self) -> str:
        return f"price {self._first:g} to {self._last:g}"
