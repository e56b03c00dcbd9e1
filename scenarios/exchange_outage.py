"""A process of one's own: an exchange that takes no orders for a while. The same program runs with and without it."""

from __future__ import annotations

from collections.abc import Generator

import click
from simpy import Event

from adapters import fix_hash_seed, synthetic_klines
from engine import (
    PERIOD_MS,
    BacktestConfig,
    BacktestResult,
    Decision,
    MarketData,
    MarketHistory,
    OrderRejected,
    Simulation,
    Strategy,
    utc_text,
)
from processes import ProgramBacktestEngine


class Swings(Strategy):
    """Goes long when the last hours fell far, short when they rose far, and is always in the market."""

    def should_trade(self, data: MarketData) -> Decision | None:
        """Turn round at the extremes of RSI."""
        rsi = data.get_indicator(SYMBOL, "RSI14", "1h")["value"]
        held = data.positions.get(SYMBOL)
        wanted = "long" if rsi < 35.0 else "short" if rsi > 65.0 else None
        if wanted is None or (held is not None and held.side == wanted):
            return None
        operation = "buy" if wanted == "long" else "sell"
        return Decision(operation=operation, symbol=SYMBOL, target_portion_of_balance=0.5, leverage=2)


SYMBOL = "BTC"
SEED = 11  # any other number is another market
CONFIG = BacktestConfig(
    strategy=Swings,
    symbols=[SYMBOL],
    start_time="2024-03-02T00:00:00Z",  # the market begins a day earlier: RSI14 is known from the first tick on
    end_time="2024-04-01T00:00:00Z",
    scheduled_interval="1h",
)
OUTAGE_AFTER_HOURS, OUTAGE_HOURS = 276, 8  # the program wants to turn round in the middle of it


def outage(sim: Simulation, begin_ms: int, end_ms: int) -> Generator[Event, object, None]:
    """Reject all orders from begin to end; take-profits and stop-losses that rest at the exchange stay."""
    yield sim.at(begin_ms)
    sim.exchange.reject_orders("exchange outage")
    yield sim.at(end_ms)
    sim.exchange.accept_orders()


def run(market: MarketHistory, with_outage: bool) -> BacktestResult:
    """Run the program; with the outage, print each order that it costs."""

    def prepare(sim: Simulation) -> None:
        begin_ms = sim.start_ms + OUTAGE_AFTER_HOURS * PERIOD_MS["1h"]
        sim.process(outage, begin_ms, begin_ms + OUTAGE_HOURS * PERIOD_MS["1h"])
        sim.bus.listen(OrderRejected, lambda no: click.echo(f"  {utc_text(no.timestamp)}  {no.symbol}: {no.reason}"))

    return ProgramBacktestEngine(market).run(CONFIG, prepare=prepare if with_outage else None)


@click.command()
def main() -> None:
    """Back-test a program on an exchange that is down for some hours."""
    first_ms = CONFIG.start_ms - PERIOD_MS["1d"]
    klines = synthetic_klines(SYMBOL, first_ms, (CONFIG.end_ms - first_ms) // PERIOD_MS["1m"], SEED)
    market = MarketHistory.from_klines({SYMBOL: klines})
    for name, with_outage in (("without an outage", False), ("with an outage", True)):
        click.echo(f"{name}:")
        result = run(market, with_outage)
        rejected = sum(result.rejections.values())
        click.echo(f"  {result.orders_submitted} orders, {rejected} of them rejected, {result.fills} fills")
        click.echo(f"  {result.total_trades} trades, final equity {result.final_equity:,.2f} USD")


if __name__ == "__main__":
    fix_hash_seed()
    main()
