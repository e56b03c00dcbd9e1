"""The whole way on a made-up market: klines into a database, a program back-tested on them, a table and a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from adapters import (
    Database,
    draw_equity,
    fix_hash_seed,
    load_market,
    open_database,
    print_result,
    progress_bar,
    run_progress,
    synthetic_klines,
    write_klines,
)
from engine import PERIOD_MS, BacktestConfig, DataError, Decision, MarketData, Strategy
from processes import ProgramBacktestEngine


class Pullbacks(Strategy):
    """Buys a pullback in a rising market, each position with a take-profit and a stop-loss of its own."""

    def should_trade(self, data: MarketData) -> Decision | None:
        """Look at the symbols in turn and enter the first one that qualifies."""
        for symbol in SYMBOLS:
            if symbol in data.positions or not self.is_pullback(data, symbol):
                continue
            price = data.get_price(symbol)
            return Decision(
                operation="buy",
                symbol=symbol,
                target_portion_of_balance=0.25,
                leverage=3,
                take_profit_price=price * 1.04,
                stop_loss_price=price * 0.98,
                reason="pullback",
            )
        return None

    def is_pullback(self, data: MarketData, symbol: str) -> bool:
        """Tell whether the trend of hours is up and the last hours went down."""
        fast, slow = (data.get_indicator(symbol, name, "1h")["value"] for name in ("EMA50", "EMA100"))
        return bool(fast > slow > 0.0 and data.get_indicator(symbol, "RSI14", "1h")["value"] < 40.0)


SEED = 7  # another seed, another market
SYMBOLS = ("BTC", "ETH")
WARM_UP_DAYS = 5  # the EMA100 of hours needs 100 of them
CONFIG = BacktestConfig(
    strategy=Pullbacks,
    symbols=SYMBOLS,
    start_time="2024-01-01T00:00:00Z",
    end_time="2025-01-01T00:00:00Z",
    scheduled_interval="1h",
)
FIRST_MS = CONFIG.start_ms - WARM_UP_DAYS * PERIOD_MS["1d"]
MINUTES = (CONFIG.end_ms - FIRST_MS) // PERIOD_MS["1m"]
PICTURE = "quickstart.png"


def write_market(database: Database) -> None:
    """Make the market up and store it."""
    for symbol in SYMBOLS:
        with progress_bar(f"writing {symbol} 1m", MINUTES) as advance:
            klines = synthetic_klines(symbol, FIRST_MS, MINUTES, SEED)
            write_klines(database, CONFIG.exchange, symbol, "1m", klines, advance)


@contextmanager
def folder(chosen: Path | None) -> Iterator[Path]:
    """Give the chosen folder, or one that is deleted in the end."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with TemporaryDirectory() as temporary:
        yield Path(temporary)


@click.command()
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the database and the picture here; by default only the picture stays, in the current directory.",
)
def main(directory: Path | None) -> None:
    """Back-test a program on a year of two made-up symbols, and draw what became of it."""
    with folder(directory) as place:
        database = open_database(place / "market.db", create=True)
        write_market(database)
        market = load_market(database, CONFIG, cache=directory is not None)
        with run_progress(CONFIG) as report:
            result = ProgramBacktestEngine(market).run(CONFIG, report)
    print_result(result, "Pullbacks on a made-up market: BTC, ETH")
    picture = Path(PICTURE) if directory is None else directory / PICTURE
    try:
        draw_equity(result, market, picture, "Pullbacks on a made-up market")
    except DataError as error:
        click.echo(f"no picture: {error}", err=True)
    else:
        click.echo(f"\nEquity and drawdown are drawn in {PICTURE}.")


if __name__ == "__main__":
    fix_hash_seed()
    main()
