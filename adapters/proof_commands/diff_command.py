"""``perpsim diff``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine import ConfigurationError

from .. import journals  # a name of them is imported when it is used
from ..database import open_database
from ..terminal import INPUT_FILE, DurationType, IdOrFileType, optional_database_option, parse_pairs


def _assets(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, float]:
    pairs = parse_pairs(context, parameter, texts)
    try:
        return {asset.upper(): float(price) for asset, price in pairs.items()}
    except ValueError as error:
        raise click.BadParameter("write it as BNB=600: what one is worth in USD") from error


@click.command("diff")
@click.argument("first", type=IdOrFileType(), metavar="A")
@click.argument("second", type=IdOrFileType(), metavar="B")
@optional_database_option
@click.option("--results", "results_url", metavar="URL", help="The database that holds the results, if another.")
@click.option("--trust", is_flag=True, help="Run the programs of stored results outside of the sandbox.")
@click.option(
    "--within",
    "within_ms",
    type=DurationType(short=True),
    default="1m",
    show_default=True,
    metavar="LENGTH",
    help="How far apart in time two fills may be to be one and the same.",
)
@click.option("--fills", "with_fills", is_flag=True, help="Add the table of the fills, side by side.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
@click.option("--time-zone", metavar="ZONE", help="Of times in a venue's file that do not tell it; default: UTC.")
@click.option("--time-format", metavar="FORMAT", help="How a venue's file writes times, as '%d/%m/%Y - %H:%M:%S'.")
@click.option(
    "--fee-asset",
    "fee_assets",
    multiple=True,
    callback=_assets,
    metavar="ASSET=USD",
    help="What a fee in another asset is worth, as BNB=600; repeatable.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=parse_pairs,
    metavar="FIELD=TITLE",
    help="Which column of a venue's file holds a field, as price=Px; repeatable.",
)
@click.option(
    "--funding", multiple=True, type=INPUT_FILE, metavar="FILE", help="Funding payments of the venue; repeatable."
)
@click.option("--once", is_flag=True, help="Take rows of a venue's file that are alike in everything once.")
def diff_runs(
    first: int | Path,
    second: int | Path,
    database_url: str | None,
    results_url: str | None,
    trust: bool,
    within_ms: int,
    with_fills: bool,
    as_json: bool,
    time_zone: str | None,
    time_format: str | None,
    fee_assets: dict[str, float],
    columns: dict[str, str],
    funding: tuple[Path, ...],
    once: bool,
) -> None:
    """Say what sets the run B apart from the run A: where they part, and why B made more or less.

    Each is the id of a stored result, which is run again, the journal of perpsim run --journal, or a file of the fills
    of a real account: Binance futures and Hyperliquid, exports or answers of their APIs, or of ccxt. The gap in net PnL
    is split into price, fee, funding, missed and extra fills, which add up exactly.
    """
    if database_url is None and (isinstance(first, int) or isinstance(second, int)):
        raise click.UsageError("an id is of a stored result: say with --database URL where it is stored")
    market = None if database_url is None else open_database(database_url, read_only=True)
    kept = market if results_url is None else open_database(results_url, read_only=True)
    reading = journals.VenueReading(time_zone, time_format, fee_assets, columns, funding, once)
    asked = journals.RunsAsked(kept, market, trust, within_ms, reading)
    try:
        found = asked.difference(first, second)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
        return
    click.echo(repr(found))
    if with_fills:
        click.echo(f"\n{journals.fills_table(found)}")
