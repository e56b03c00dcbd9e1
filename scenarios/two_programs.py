"""Two programs with an account each, on one market and one clock: a SimPy environment of our own hosts both."""

from __future__ import annotations

import click
from simpy import AllOf, Environment

from adapters import fix_hash_seed, print_result, synthetic_klines
from engine import PERIOD_MS, BacktestConfig, Decision, MarketData, MarketHistory, Simulation, Strategy
from processes import make_executor, start_standard_processes


class Follow(Strategy):
    """Goes with the trend of the hours."""

    sign = 1

    def should_trade(self, data: MarketData) -> Decision | None:
        """Be long above the slow average and short below it (`sign` turns that round)."""
        fast, slow = (data.get_indicator(SYMBOL, name, "1h")["value"] for name in ("EMA20", "EMA50"))
        operation = "buy" if (fast - slow) * self.sign > 0.0 else "sell"
        held = data.positions.get(SYMBOL)
        if held is not None and held.side == ("long" if operation == "buy" else "short"):
            return None
        return Decision(operation=operation, symbol=SYMBOL, target_portion_of_balance=0.5, leverage=2)


class Fade(Follow):
    """Does the opposite, with an account of its own: both pay fees, so both may lose."""

    sign = -1


SYMBOL = "BTC"
SEED = 7  # any other number is another market
WARM_UP_DAYS = 3  # the EMA50 of hours needs 50 of them


def config(program: type[Strategy], interval: str) -> BacktestConfig:
    """Return the configuration of a program that is asked at its own interval."""
    return BacktestConfig(
        strategy=program,
        symbols=[SYMBOL],
        start_time="2024-01-04T00:00:00Z",
        end_time="2024-04-01T00:00:00Z",
        scheduled_interval=interval,
    )


CONFIGS = {"follow": config(Follow, "1h"), "fade": config(Fade, "4h")}
START_MS, END_MS = CONFIGS["follow"].start_ms, CONFIGS["follow"].end_ms


def simulation(env: Environment, market: MarketHistory, name: str) -> Simulation:
    """Return a started simulation on the shared environment."""
    sim = Simulation(market, CONFIGS[name], env, name)
    start_standard_processes(sim, make_executor(CONFIGS[name]))
    sim.start()
    return sim


@click.command()
def main() -> None:
    """Run two programs at once, each with its own account, and print both results."""
    first_ms = START_MS - WARM_UP_DAYS * PERIOD_MS["1d"]
    klines = synthetic_klines(SYMBOL, first_ms, (END_MS - first_ms) // PERIOD_MS["1m"], SEED)
    market = MarketHistory.from_klines({SYMBOL: klines})
    env = Environment(initial_time=START_MS)
    simulations = [simulation(env, market, name) for name in CONFIGS]
    env.run(until=AllOf(env, [sim.done for sim in simulations]))
    for sim in simulations:
        print_result(sim.result(), f"{sim.name} ({sim.config.scheduled_interval})")
        click.echo()


if __name__ == "__main__":
    fix_hash_seed()
    main()
