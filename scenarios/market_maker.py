"""A maker on both sides: two quotes that only rest, follow the market every minute, and lean against what is held."""

from __future__ import annotations

from pathlib import Path

import click

from adapters import fix_hash_seed
from engine import BacktestConfig, Decision, MarketData, Order, Strategy
from scenarios._stage import COSTS, decided, options, play


class Maker(Strategy):
    """Quotes a bid and an ask around a price that is lower the more it has bought, and higher the more it has sold."""

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Bring both quotes to where they belong now."""
        price = data.get_price(SYMBOL)
        held = data.positions.get(SYMBOL)
        coins = 0.0 if held is None else held.size if held.side == "long" else -held.size
        fullness = coins * price / (MOST * data.total_equity)  # -1 to 1
        distance = max(data.get_indicator(SYMBOL, "ATR14", "1m")["value"] / price, LEAST)
        middle = price * (1 - distance * LEAN * fullness)
        size = QUOTE * data.total_equity / price
        working = {order.tag: order for order in data.open_orders}
        bid = self.quote("bid", middle * (1 - distance), 0.0 if fullness >= 1 else size, working)
        ask = self.quote("ask", middle * (1 + distance), 0.0 if fullness <= -1 else size, working)
        return bid + ask

    def quote(self, side: str, price: float, size: float, working: dict[str, Order]) -> list[Decision]:
        """Return what makes the quote of a side this price and size: a size of 0 takes it away."""
        order = working.get(side)
        if not size:
            return [Decision("cancel", SYMBOL, tag=side)] if order else []
        most, least = (price, None) if side == "bid" else (None, price)
        if order is None:
            new = Decision("buy" if side == "bid" else "sell", SYMBOL, size=size, leverage=5, post_only=True, tag=side)
            new.max_price, new.min_price = most, least
            return [new]
        assert order.price is not None
        if abs(order.price / price - 1) < TOLERANCE:
            return []
        return [Decision("amend", SYMBOL, max_price=most, min_price=least, tag=side)]


SYMBOL = "BTC"
SEED = 7  # any other number is another market
LEAST = 0.0008  # the least distance of a quote: two of them are five times the fee of a round trip
LEAN = 0.5  # of that distance the middle moves when all is held that may be
TOLERANCE = 0.0002  # a quote that is off by less keeps its place
QUOTE, MOST = 0.1, 1.0  # of equity: the size of a quote, and the most that is held either way
CONFIG = BacktestConfig(
    strategy=Maker,
    symbols=[SYMBOL],
    start_time="2025-07-01T00:00:00Z",
    end_time="2025-07-08T00:00:00Z",
    scheduled_interval="1m",
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test a maker that quotes both sides and only ever rests."""
    result = play(CONFIG, "A maker on both sides", SEED, klines, plot)
    amended = sum(decision["operation"] == "amend" for decision in decided(result))
    click.echo(
        f"{result.fills} fills, {amended} times a quote was moved; "
        f"{result.price_pnl / result.fills:+.3f} USD a fill before fees."
    )


if __name__ == "__main__":
    fix_hash_seed()
    main()
