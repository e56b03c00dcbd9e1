"""A ladder with a moving stop: several limit orders below the market, whose stops go up together once it has turned."""

from __future__ import annotations

from pathlib import Path

import click

from adapters import fix_hash_seed
from engine import BacktestConfig, Decision, MarketData, Position, Strategy
from scenarios._stage import COSTS, decided, options, play


class Ladder(Strategy):
    """Buys a fall in a rising market rung by rung, and lets one stop for all of it follow the price."""

    stop = 0.0  # of the position, once it has been moved

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Hang up a ladder where there is none, or move the stop of what it has bought."""
        held = data.positions.get(SYMBOL)
        if held is not None:
            return self.follow(data, held)
        self.stop = 0.0
        return [] if data.open_orders or not self.is_rising(data) else self.rungs(data)

    def is_rising(self, data: MarketData) -> bool:
        """Tell whether the price is above its average of two days."""
        return bool(data.get_price(SYMBOL) > data.get_indicator(SYMBOL, "EMA50", "1h")["value"])

    def rungs(self, data: MarketData) -> list[Decision]:
        """Return the orders of a new ladder: each lives for some hours, and brings the same stop."""
        price = data.get_price(SYMBOL)
        return [
            Decision(
                operation="buy",
                symbol=SYMBOL,
                notional=share * data.total_equity,
                leverage=5,
                max_price=price * (1 - depth),
                time_in_force="Gtc",
                stop_loss_price=price * (1 - DEEPEST),
                tag=TAG,
                expires_after_seconds=LIFE_HOURS * 3_600,
            )
            for depth, share in RUNGS.items()
        ]

    def follow(self, data: MarketData, held: Position) -> list[Decision]:
        """Raise the stop of every rung that was bought; the rungs that were not are not wanted any more then."""
        wanted = data.get_price(SYMBOL) * (1 - DISTANCE)
        if wanted <= max(self.stop, held.entry_price):
            return []
        self.stop = wanted
        is_waiting = any(not order.reduce_only for order in data.open_orders)
        take_down = [Decision("cancel", SYMBOL, tag=TAG, reason="it has turned")] if is_waiting else []
        return [*take_down, Decision("amend", SYMBOL, tag=TAG, stop_loss_price=wanted, reason="stop up")]


SYMBOL = "BTC"
SEED = 7  # any other number is another market
TAG = "ladder"
RUNGS = {0.006: 0.3, 0.012: 0.4, 0.018: 0.5, 0.024: 0.6}  # how far below the price, and how much of equity
DEEPEST = 0.034  # where the first stop is: 1 % below the last rung
DISTANCE = 0.008  # from the price to the stop that follows it
LIFE_HOURS = 12
CONFIG = BacktestConfig(
    strategy=Ladder,
    symbols=[SYMBOL],
    start_time="2025-07-01T00:00:00Z",
    end_time="2025-08-01T00:00:00Z",
    scheduled_interval="15m",
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test a ladder of limit orders whose stop moves up behind the price."""
    result = play(CONFIG, "A ladder with a moving stop", SEED, klines, plot, warm_up_days=3)
    moved = sum(decision["operation"] == "amend" for decision in decided(result))
    click.echo(f"{result.total_trades} rungs were bought and sold; the stop was moved {moved} times.")


if __name__ == "__main__":
    fix_hash_seed()
    main()
