"""A program that its own orders wake: what it does next, it does at the instant at which one of them fills or ends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from adapters import fix_hash_seed
from engine import PERIOD_MS, AccountEvent, BacktestConfig, Decision, MarketData, Strategy
from scenarios._stage import COSTS, options, play


class Bids(Strategy):
    """Bids below the market. When the bid fills it hangs up a way out on both sides, and a time; when it is out, or
    the bid has not filled for an hour, it bids anew.
    """

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Answer what has happened; the first bid comes with the first tick of the schedule."""
        entries = [event for event in data.events if event.kind == "fill" and event.reason == "entry"]
        if entries:
            return self.ways_out(data, entries[-1])
        if SYMBOL not in data.positions:
            return [] if data.open_orders else [self.bid(data)]
        if data.positions[SYMBOL].holding_duration_seconds >= HOLD_HOURS * 3_600:  # a timer may be of an earlier one
            return [Decision("close", SYMBOL, cancel_orders=True, reason="time")]
        return []

    def bid(self, data: MarketData) -> Decision:
        """Return a bid that rests for an hour."""
        return Decision(
            operation="buy",
            symbol=SYMBOL,
            notional=data.total_equity,
            leverage=3,
            max_price=data.get_price(SYMBOL) * (1 - BELOW),
            post_only=True,
            tag="bid",
            expires_after_seconds=3_600,
        )

    def ways_out(self, data: MarketData, entry: AccountEvent) -> list[Decision]:
        """Return what closes an entry, whichever comes first: a limit above it, a stop below it, or a timer."""
        assert entry.price is not None
        data.wake_at(data.timestamp + HOLD_HOURS * PERIOD_MS["1h"])
        above, below = entry.price * (1 + GAIN), entry.price * (1 - LOSS)
        target = Decision("sell", SYMBOL, size=entry.size, min_price=above, post_only=True, reason="target")
        stop = Decision("sell", SYMBOL, size=entry.size, trigger_price=below, reason="stop")
        for each in (stop, target):
            each.reduce_only, each.group = True, f"out of {entry.order_id}"
        return [stop, target]  # in a kline that touches both the older one fills: that should be the worse one


SYMBOL = "BTC"
SEED = 7  # any other number is another market
BELOW = 0.004  # the bid is so far below the price
GAIN, LOSS = 0.006, 0.01  # from the entry
HOLD_HOURS = 4
CONFIG = BacktestConfig(
    strategy=Bids,
    symbols=[SYMBOL],
    start_time="2025-07-01T00:00:00Z",
    end_time="2025-08-01T00:00:00Z",
    scheduled_interval="1d",  # it would do with one tick: the first
    wake_on=["fill", "cancel"],
    **COSTS,
)


@click.command()
@options
def main(klines: tuple[Path, ...], plot: Path | None) -> None:
    """Back-test a program that sleeps until one of its own orders fills, expires, or takes too long."""
    result = play(CONFIG, "Bids, woken by their own fills", SEED, klines, plot)
    by_end = Counter(trade.exit_decision_reason for trade in result.trades)
    click.echo(f"Ways out: {', '.join(f'{count} by {end}' for end, count in sorted(by_end.items()))}.")


if __name__ == "__main__":
    fix_hash_seed()
    main()
