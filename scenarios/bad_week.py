"""A week in which much goes wrong: the same program without and with faults, and what each of them does by itself."""

from __future__ import annotations

from dataclasses import replace

import click

from adapters import fix_hash_seed, synthetic_klines
from engine import PERIOD_MS, BacktestConfig, BacktestResult, Decision, MarketData, MarketHistory, Strategy
from engine.faults import Fault
from processes import ProgramBacktestEngine, faults


class Dips(Strategy):
    """Buys when the last hours fell, with a target and a stop, and counts what it has bought."""

    def init(self, params: object) -> None:
        """Begin with nothing."""
        self.bought = 0

    def should_trade(self, data: MarketData) -> Decision | None:
        """Buy a dip where nothing is held; each time a little more, up to half of the balance."""
        rsi = data.get_indicator(SYMBOL, "RSI14", "15m")["value"]
        if data.positions or rsi > 45.0:
            return None
        self.bought += 1
        price = data.get_price(SYMBOL)
        return Decision(
            operation="buy",
            symbol=SYMBOL,
            target_portion_of_balance=min(0.1 + 0.05 * self.bought, 0.5),
            leverage=4,
            take_profit_price=price * 1.012,
            stop_loss_price=price * 0.99,
        )


SYMBOL = "BTC"
SEED = 23  # any other number is another market
CONFIG = BacktestConfig(
    strategy=Dips,
    symbols=[SYMBOL],
    start_time="2024-03-04T00:00:00Z",  # a Monday; the market begins a day earlier
    end_time="2024-03-11T00:00:00Z",
    scheduled_interval="15m",
)
#: What goes wrong: on one day, every day, or by chance.
FAULTS: dict[str, Fault] = {
    "an outage on Tuesday afternoon": faults.outage(start="2024-03-05T13:00:00Z", duration="5h"),
    "data that stand still on Wednesday": faults.frozen_data(start="2024-03-06T02:00:00Z", duration="9h"),
    "a crash on Thursday": faults.flash_crash(9.0, start="2024-03-07T16:40:00Z", duration="30m"),
    "a spread that is wider from then on": faults.spread(0.15, start="2024-03-07T16:40:00Z"),
    "a restart every night": faults.restart(start="2024-03-04T03:00:00Z", every="1d", duration="10m"),
    "orders that are refused by chance": faults.rejects(60.0, rate_per_day=5, duration="2h", seed=5),
}


def run(market: MarketHistory, *chosen: Fault) -> BacktestResult:
    """Run the program with some faults."""
    return ProgramBacktestEngine(market).run(replace(CONFIG, faults=chosen))


def told(name: str, result: BacktestResult) -> None:
    """Print a line on a run."""
    click.echo(f"{name:36} {result.total_trades:3} trades  {result.total_pnl:+10,.2f} USD")


@click.command()
def main() -> None:
    """Back-test a program in a week in which much goes wrong."""
    first_ms = CONFIG.start_ms - PERIOD_MS["1d"]
    klines = synthetic_klines(SYMBOL, first_ms, (CONFIG.end_ms - first_ms) // PERIOD_MS["1m"], SEED)
    market = MarketHistory.from_klines({SYMBOL: klines})
    told("as it was", run(market))
    for name, fault in FAULTS.items():
        told(name, run(market, fault))
    result = run(market, *FAULTS.values())
    told("all of it", result)
    for warning in result.warnings:
        if warning.startswith("fault "):
            click.echo(f"  {warning}")


if __name__ == "__main__":
    fix_hash_seed()
    main()
