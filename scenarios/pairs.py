"""A pair: two symbols in opposite directions for the same money, both legs at one trigger."""

from __future__ import annotations

from math import log
from pathlib import Path
from statistics import fmean, pstdev

import click

from adapters import fix_hash_seed
from engine import BacktestConfig, Decision, MarketData, Strategy
from scenarios._stage import COSTS, options, play


class Pairs(Strategy):
    """Sells what has become dear against the other, buys the other, and waits for the ratio to come back."""

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Open both legs, or close whatever there is of them."""
        score = self.score(data)
        if len(data.positions) == 1 or (data.positions and not self.is_apart(data, score)):
            why = f"score {score:+.1f}" if len(data.positions) == 2 else "a leg is gone"
            return [Decision("close", symbol, reason=why) for symbol in data.positions]
        if data.positions or not ENTER < abs(score) < GIVE_UP:
            return []
        dear, cheap = (FIRST, SECOND) if score > 0 else (SECOND, FIRST)
        money = LEG * data.total_equity
        return [
            Decision(operation, symbol, notional=money, leverage=3, reason=f"score {score:+.1f}")
            for operation, symbol in (("sell", dear), ("buy", cheap))
        ]

    def score(self, data: MarketData) -> float:
        """Return how far the ratio of the two is from its mean of some days, in standard deviations."""
        closes = ([hour.close for hour in data.get_klines(symbol, "1h", HOURS)] for symbol in (FIRST, SECOND))
        ratios = [log(first / second) for first, second in zip(*closes, strict=True)]
        return (ratios[-1] - fmean(ratios)) / pstdev(ratios)

    def is_apart(self, data: MarketData, score: float) -> bool:
        """Tell whether the ratio is still on the side on which the legs were opened, and neither back nor gone."""
        side = 1 if data.positions[FIRST].side == "short" else -1
        return LEAVE < side * score < GIVE_UP


FIRST, SECOND = "BTC", "ETH"
SEED = 7  # any other number is another market
HOURS = 120
ENTER, LEAVE, GIVE_UP = 2.0, 0.3, 3.5  # in standard deviations
LEG = 0.8  # of equity in each leg
CONFIG = BacktestConfig(
    strategy=Pairs,
    symbols=[FIRST, SECOND],
    start_time="2025-06-01T00:00:00Z",
    end_time="2025-09-01T00:00:00Z",
    scheduled_interval="1h",
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test a pair of two symbols that are traded against each other."""
    result = play(CONFIG, "A pair: BTC against ETH", SEED, klines, plot, warm_up_days=5)
    legs = {name: sum(trade.pnl for trade in result.trades if trade.symbol == name) for name in CONFIG.symbols}
    click.echo(f"Of the closed pairs {' and '.join(f'{name} made {pnl:+,.2f} USD' for name, pnl in legs.items())}.")


if __name__ == "__main__":
    fix_hash_seed()
    main()
