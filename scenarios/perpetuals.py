"""What each effect of trading perpetuals costs: one strategy on one made-up market, with and without each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import numpy as np

from adapters import fix_hash_seed, synthetic_klines
from engine import (
    PERIOD_MS,
    BacktestConfig,
    BacktestResult,
    Decision,
    ExecutionModels,
    FlowHistory,
    MarketData,
    MarketHistory,
    MarketOrder,
    Strategy,
    SymbolHistory,
    TimedValues,
)
from processes import ProgramBacktestEngine


class Breakouts(Strategy):
    """Goes with a move away from the average of the hours, at high leverage, without any stop."""

    def should_trade(self, data: MarketData) -> Decision | None:
        """Enter in the direction of the move, leave when the price is back at the average."""
        price, average = data.get_price(SYMBOL), data.get_indicator(SYMBOL, "EMA20", "1h")["value"]
        held = data.positions.get(SYMBOL)
        if held is not None:
            back = price < average if held.side == "long" else price > average
            return Decision(operation="close", symbol=SYMBOL) if back else None
        if average <= 0.0 or abs(price / average - 1.0) < MOVE:
            return None
        operation = "buy" if price > average else "sell"
        return Decision(operation=operation, symbol=SYMBOL, target_portion_of_balance=0.9, leverage=30)


class WiderAtNight:
    """A slippage model of one's own: a tenth of a percent, three times as much from 20 to 24 UTC."""

    def fill_price(self, order: MarketOrder) -> float:
        """Return the price at which the order fills."""
        night = order.time_ms % PERIOD_MS["1d"] >= 20 * PERIOD_MS["1h"]
        return order.price * (1.0 + order.sign * (0.003 if night else 0.001))


class SlowAtNight:
    """A latency model of one's own: two seconds, a minute and a half from 20 to 24 UTC."""

    def delay_ms(self, decided_at_ms: int) -> int:
        """Return the time from the decision to its arrival."""
        return 90_000 if decided_at_ms % PERIOD_MS["1d"] >= 20 * PERIOD_MS["1h"] else 2_000


class OneFee:
    """A fee model of one's own: five hundredths of a percent, whoever rested."""

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: object) -> float:
        """Return the fee in percent of notional."""
        return 0.05


class TenCoins:
    """A volume cap of one's own: ten coins a minute, whatever was traded."""

    def most(self, volume: float) -> float:
        """Return the most coins that fills may take until the next kline closes."""
        return 10.0


SYMBOL = "BTC"
SEED = 7
DAYS = 60
MOVE = 0.02  # how far from the average counts as a move
RATE = 0.0001  # of notional an hour: a market in which longs pay dearly
NONE = BacktestConfig(
    strategy=Breakouts,
    symbols=[SYMBOL],
    start_time="2025-07-02T00:00:00Z",
    end_time="2025-08-31T00:00:00Z",
    scheduled_interval="15m",
    slippage_percent=0.0,
    fee_rate=0.0,
    liquidation=False,
    funding=False,
)
VENUE: dict[str, Any] = {"venue": "hyperliquid", "fee_model": "flat"}
FEES: dict[str, Any] = {"venue": "hyperliquid"}
EFFECTS: dict[str, tuple[dict[str, Any], ExecutionModels]] = {
    "steps and limits of the venue": (VENUE, ExecutionModels()),
    "fees of the venue": (FEES, ExecutionModels()),
    "funding": ({"funding": True}, ExecutionModels()),
    "slippage of 0.05 %": ({"slippage_percent": 0.05}, ExecutionModels()),
    "latency of 75 s": ({"order_latency_ms": 75_000}, ExecutionModels()),
    "liquidation": ({"liquidation": True}, ExecutionModels()),
    "own slippage: wider at night": ({}, ExecutionModels(slippage=WiderAtNight())),
    "own latency: slow at night": ({}, ExecutionModels(latency=SlowAtNight())),
    "own fee: one for all": ({}, ExecutionModels(fees=OneFee())),
    "own volume cap: ten coins": ({}, ExecutionModels(volume_cap=TenCoins())),
}
ALL: dict[str, Any] = {
    **FEES,
    "funding": True,
    "slippage_percent": 0.05,
    "order_latency_ms": 75_000,
    "liquidation": True,
}


def made_up_market() -> MarketHistory:
    """Return two months of klines with hourly funding rates."""
    minutes = (NONE.end_ms - NONE.start_ms) // PERIOD_MS["1m"]
    klines = synthetic_klines(SYMBOL, NONE.start_ms, minutes, SEED)
    stamps = np.arange(NONE.start_ms, NONE.end_ms, PERIOD_MS["1h"], dtype=np.int64)
    rates = RATE * (1.0 + np.sin(np.arange(len(stamps)) / 24.0))
    return MarketHistory([SymbolHistory(SYMBOL, klines, flow=FlowHistory(funding_rate=TimedValues(stamps, rates)))])


def line(name: str, result: BacktestResult, without: float) -> str:
    """Return one line of the table."""
    cost = result.final_equity - without
    return (
        f"{name:30} {result.final_equity:>12,.2f} {cost:>+12,.2f} {result.fees_paid:>10,.2f} "
        f"{result.funding_received:>+10,.2f} {result.total_trades:>6} {len(result.liquidations):>6}"
    )


@click.command()
def main() -> None:
    """Run one strategy with and without each effect, and print what each of them costs."""
    market = made_up_market()
    ideal = ProgramBacktestEngine(market).run(NONE)
    click.echo(f"{'USD':30} {'equity':>12} {'effect':>12} {'fees':>10} {'funding':>10} {'trades':>6} {'liqu.':>6}")
    click.echo(line("none of it", ideal, ideal.final_equity))
    for name, (fields, models) in EFFECTS.items():
        result = ProgramBacktestEngine(market, models=models).run(replace(NONE, **fields))
        click.echo(line(name, result, ideal.final_equity))
    click.echo(line("all but one's own", ProgramBacktestEngine(market).run(replace(NONE, **ALL)), ideal.final_equity))


if __name__ == "__main__":
    fix_hash_seed()
    main()
