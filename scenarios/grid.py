"""A grid: limit orders at fixed levels, of which each that fills is answered by its opposite one level further."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import click

from adapters import fix_hash_seed
from engine import BacktestConfig, Decision, MarketData, Strategy
from scenarios._stage import COSTS, decided, options, play


class Grid(Strategy):
    """Works a rung between any two neighbouring levels: it buys at the lower one and sells at the upper, in turn."""

    rungs: dict[str, tuple[float, float]] = {}  # the two prices of each, by the tag of its order
    selling: set[str] = set()  # the rungs that sell next

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Turn round what has filled, put back what is missing, and begin anew where the price has left the grid."""
        price = data.get_price(SYMBOL)
        working = {order.tag for order in data.open_orders}
        if self.is_outside(price):
            is_busy = bool(working or data.positions)
            self.build(price, data.total_equity)
            leave = [Decision("close", SYMBOL, cancel_orders=True, reason=LEFT)] if is_busy else []
            return [*leave, *map(self.order, self.rungs)]
        self.selling ^= {event.tag for event in data.events if event.kind == "fill"} - working
        return [self.order(tag) for tag in self.rungs if tag not in working]

    def is_outside(self, price: float) -> bool:
        """Tell whether there is no grid yet, or the price is a whole step beyond its last level."""
        levels = [level for rung in self.rungs.values() for level in rung]
        return not levels or not min(levels) / STEP < price < max(levels) * STEP

    def build(self, price: float, equity: float) -> None:
        """Lay the levels around a price: those below are to be bought, those above to be sold short."""
        levels = [price * STEP ** (place + 0.5) for place in range(-RUNGS // 2, RUNGS // 2)]
        self.rungs = {f"rung {number}": rung for number, rung in enumerate(pairwise(levels))}
        self.selling = {tag for tag, (lower, _) in self.rungs.items() if lower > price}
        self.coins = equity * PORTION / price

    def order(self, tag: str) -> Decision:
        """Return the order of a rung. It says how many coins it is: so it reduces what is held the other way."""
        lower, upper = self.rungs[tag]
        sells = tag in self.selling
        return Decision(
            operation="sell" if sells else "buy",
            symbol=SYMBOL,
            size=self.coins,
            leverage=5,
            min_price=upper if sells else None,
            max_price=None if sells else lower,
            time_in_force="Gtc",
            post_only=True,
            tag=tag,
        )


SYMBOL = "BTC"
SEED = 7  # any other number is another market
RUNGS = 20
STEP = 1.006  # 0.6 % from level to level: twenty times the fee of a round trip
PORTION = 0.1  # of equity in each rung: ten of them, all that are below, are the whole of it once
LEFT = "left the grid"
CONFIG = BacktestConfig(
    strategy=Grid,
    symbols=[SYMBOL],
    start_time="2025-07-01T00:00:00Z",
    end_time="2025-08-01T00:00:00Z",
    scheduled_interval="1h",  # to see that the price has left
    wake_on=["fill"],
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test a grid of limit orders that answers each of its fills."""
    result = play(CONFIG, "A grid: 20 rungs of 0.6 %", SEED, klines, plot)
    given_up = sum(decision["reason"] == LEFT for decision in decided(result))
    click.echo(f"{result.fills - given_up} orders of the grid have filled; the price has left it {given_up} times.")


if __name__ == "__main__":
    fix_hash_seed()
    main()
