"""A breakout: stop orders beyond the range of a day, sized by what may be lost, of which one cancels the other."""

from __future__ import annotations

from pathlib import Path

import click

from adapters import fix_hash_seed
from engine import BacktestConfig, Decision, MarketData, Strategy
from scenarios._stage import COSTS, options, play


class Breakout(Strategy):
    """Buys where a day's high is broken and sells where its low is; each loss costs the same share of equity."""

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Hang up both orders while nothing is held: they live until the next time."""
        hours = data.get_klines(SYMBOL, "1h", RANGE_HOURS + 1)[:-1]
        if data.positions or len(hours) < RANGE_HOURS:
            return []
        atr = data.get_indicator(SYMBOL, "ATR14", "1h")["value"]
        high, low = max(hour.high for hour in hours), min(hour.low for hour in hours)
        return [self.entry("buy", high, atr), self.entry("sell", low, -atr)]

    def entry(self, operation: str, trigger: float, atr: float) -> Decision:
        """Return an order that waits for its trigger; `atr` has the sign of its direction."""
        return Decision(
            operation=operation,
            symbol=SYMBOL,
            risk_percent=RISK_PERCENT,
            leverage=10,
            trigger_price=trigger,
            stop_loss_price=trigger - STOP * atr,
            take_profit_price=trigger + TARGET * atr,
            group="breakout",
            expires_after_seconds=3_600,
            reason=f"beyond {trigger:,.0f}",
        )


SYMBOL = "BTC"
SEED = 7  # any other number is another market
RANGE_HOURS = 24
RISK_PERCENT = 1.0  # of equity, if the stop fills at its price
STOP, TARGET = 2.0, 6.0  # in ATR of hours: from the entry
CONFIG = BacktestConfig(
    strategy=Breakout,
    symbols=[SYMBOL],
    start_time="2025-06-01T00:00:00Z",
    end_time="2025-09-01T00:00:00Z",
    scheduled_interval="1h",
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test stop entries at the edges of a day's range, sized by their risk."""
    result = play(CONFIG, "A breakout with stop entries", SEED, klines, plot, warm_up_days=2)
    losses = [trade.r_multiple for trade in result.trades if trade.exit_reason == "sl" and trade.r_multiple]
    if losses:
        mean = sum(losses) / len(losses)
        click.echo(
            f"{len(losses)} stops cost {mean:+.2f} of the risk on average, {min(losses):+.2f} at worst: with fees."
        )


if __name__ == "__main__":
    fix_hash_seed()
    main()
