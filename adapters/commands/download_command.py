"""``perpsim download``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from engine import utc_text
from engine.periods import DAY_MS, SECOND_MS

from ..database import checked_name, database_to_fill, exchange_name
from ..download import Download, Span, Target, Venue, funding_download, kline_download
from ..runs import progress_bar
from ..terminal import PERIOD, allow_rounding_option, database_option

_INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@click.command("download")
@database_option
@click.option("--venue", "venue_name", required=True, help="Venue as ccxt calls it, for example binanceusdm.")
@click.option("--symbol", required=True, help="Market as ccxt calls it, for example BTC/USDT:USDT.")
@click.option("--as", "stored_symbol", help="Symbol as programs will name it; by default the coin, such as BTC.")
@click.option("--exchange", help="Exchange to store it under; by default the venue.")
@click.option("--kind", type=click.Choice(["klines", "funding"]), default="klines", show_default=True)
@click.option("--period", type=PERIOD, default="1m", show_default=True, help="Of the klines.")
@click.option("--start", type=_INSTANT, required=True, help="First instant (UTC).")
@click.option("--end", type=_INSTANT, help="End (UTC, not included); by default now.")
@click.option("--url", help="Another address of the venue, such as that of a proxy.")
@allow_rounding_option
def download(
    database_url: str,
    venue_name: str,
    symbol: str,
    stored_symbol: str | None,
    exchange: str | None,
    kind: str,
    period: str,
    start: datetime,
    end: datetime | None,
    url: str | None,
    allow_rounding: bool,
) -> None:
    """Download klines or funding rates of one market that are not stored yet.

    Needs the library ccxt: pip install 'perpsim[download]'. Keeps to the rate limit of the venue and asks again when
    it does not answer. Each page is stored as it comes: after Ctrl-C or an error the same command goes on where it
    was. What is stored already is neither fetched nor changed; the kline that is still forming is left out.
    """
    span = Span(_ms(start), _ms(end or datetime.now(UTC)))
    if span.start_ms >= span.stop_ms:
        raise click.UsageError(f"--start {utc_text(span.start_ms)} is not before the end {utc_text(span.stop_ms)}")
    stored_exchange = exchange_name(exchange or venue_name)
    venue = Venue(venue_name, symbol, url)
    name = checked_name("symbol", stored_symbol or venue.base)
    with database_to_fill(database_url, allow_rounding=allow_rounding) as database:
        _fill(Target(database, stored_exchange, name), venue, span, None if kind == "funding" else period)


def _fill(target: Target, venue: Venue, span: Span, period: str | None) -> None:
    """Download klines of a period, or without one funding rates, and say what is stored."""
    plan = funding_download(target, venue, span) if period is None else kline_download(target, venue, period, span)
    what = "funding rates" if period is None else f"{period} klines"
    click.echo(
        f"{target.database.name}: {what} of {target.symbol} on {target.exchange}, from {venue.name} {venue.symbol}"
    )
    if period is not None and venue.contract_remark:
        click.echo(f"  note: {venue.contract_remark}")
    stored = 0
    with progress_bar(f"{target.symbol} {what}", plan.missing_ms, "days", DAY_MS) as advance:
        for page in plan.run():
            advance(page.covered_ms)
            stored += page.stored
    click.echo(f"  range     {utc_text(span.start_ms)} to {utc_text(span.stop_ms)}")
    click.echo(f"  missing   {_describe(plan)}")
    click.echo(f"  stored    {stored:,} new {what}")


def _ms(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp()) * SECOND_MS


def _describe(plan: Download) -> str:
    if not plan.missing:
        return "nothing: all of it was stored already"
    count = f"{len(plan.missing):,} spans" if len(plan.missing) > 1 else "one span"
    return f"{count} from {utc_text(plan.missing[0].start_ms)} to {utc_text(plan.missing[-1].stop_ms)}"
