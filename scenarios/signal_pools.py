"""A program that signal pools wake: it reads what fired, the order flow and the market regime."""

from __future__ import annotations

from collections import Counter

import click

from adapters import fix_hash_seed, print_result, synthetic_flow_history, synthetic_klines
from engine import (
    PERIOD_MS,
    BacktestConfig,
    Decision,
    MarketData,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    Strategy,
    SymbolHistory,
    parse_condition,
    utc_text,
)
from processes import PoolSource, ProgramBacktestEngine

SYMBOLS = ("BTC", "ETH")
SEED = 5  # any other number is another market
WARM_UP_DAYS = 2  # the RSI of hours and the averages before it
HOLD_HOURS = 6  # a pressure of minutes says nothing about tomorrow


class FollowPressure(Strategy):
    """Goes with one-sided takers when flow and book agree, and leaves on the clock, not on a signal."""

    def should_trade(self, data: MarketData) -> Decision | None:
        """Enter when a pool fires, close what is old at every tick."""
        return self.enter(data) if data.trigger_type == "signal" else self.leave(data)

    def enter(self, data: MarketData) -> Decision | None:
        """Follow the signal's direction, unless the regime is noise or the flow of the hour runs against it."""
        symbol, regime = data.trigger_symbol, data.trigger_market_regime
        if symbol in data.positions or regime is None or regime.regime == "noise":
            return None
        buys = data.triggered_signals[0]["value"] > 1.0  # both signals that can stand first are ratios
        hour = data.get_flow(symbol, "CVD", "1h")
        if not hour or (hour["cumulative"] > 0.0) != buys:
            return None
        price, sign = data.get_price(symbol), 1 if buys else -1
        return Decision(
            operation="buy" if buys else "sell",
            symbol=symbol,
            target_portion_of_balance=0.3,
            leverage=3,
            take_profit_price=price * (1 + sign * 0.012),
            stop_loss_price=price * (1 - sign * 0.008),
            reason=f"{data.signal_pool_name}: {regime.regime}",
        )

    def leave(self, data: MarketData) -> Decision | None:
        """Close the first position that is older than its time."""
        for symbol, position in data.positions.items():
            if position.holding_duration_seconds >= HOLD_HOURS * 3_600:
                return Decision(operation="close", symbol=symbol, reason="time is up")
        return None


def signal(signal_id: int, name: str, **condition: object) -> SignalDefinition:
    """Return a signal; conditions are written as the platform stores them."""
    return SignalDefinition(signal_id, name, parse_condition(condition))


ONE_SIDED = signal(
    1, "one-sided takers", metric="taker_volume", direction="any", ratio_threshold=2.0, volume_threshold=3e6
)
LEANING_BOOK = signal(2, "leaning book", metric="depth_ratio", operator=">", threshold=9.0, time_window="1m")
OPENING = signal(3, "positions open", metric="oi_delta", operator=">", threshold=0.08, time_window="5m")
OVERSOLD = signal(4, "oversold hours", metric="indicator:RSI14", operator="<", threshold=35, time_window="1h")
POOLS = (
    SignalPool(1, "pressure", (ONE_SIDED, OPENING), logic="AND"),
    SignalPool(2, "support", (LEANING_BOOK, OVERSOLD), SYMBOLS[:1], "AND"),  # flow and klines in one pool; BTC only
)
CONFIG = BacktestConfig(
    strategy=FollowPressure,
    symbols=SYMBOLS,
    signal_pool_ids=[pool.pool_id for pool in POOLS if pool.pool_id is not None],
    start_time="2024-01-03T00:00:00Z",
    end_time="2024-01-17T00:00:00Z",
    scheduled_interval="1h",
)


def synthetic_history(symbol: str) -> SymbolHistory:
    """Return made-up klines and the 15-second rows that belong to them."""
    first_ms = CONFIG.start_ms - WARM_UP_DAYS * PERIOD_MS["1d"]
    klines = synthetic_klines(symbol, first_ms, (CONFIG.end_ms - first_ms) // PERIOD_MS["1m"], SEED)
    return SymbolHistory(symbol, klines, flow=synthetic_flow_history(symbol, klines, SEED))


@click.command()
def main() -> None:
    """Back-test a program that two signal pools wake, on two weeks of a made-up market with order flow."""
    market = MarketHistory(map(synthetic_history, SYMBOLS))
    result = ProgramBacktestEngine(market, [PoolSource(pool) for pool in POOLS]).run(CONFIG)
    print_result(result, "Follow pressure: woken by two pools and every hour")
    fired = Counter((entry["pool_name"], entry["symbol"]) for entry in result.trigger_log if entry["pool_name"])
    click.echo("\nPools fired:")
    for (pool, symbol), count in sorted(fired.items()):
        click.echo(f"  {pool:9} {symbol}  {count:4} times")
    click.echo("The first trades:")
    for trade in result.trades[:5]:
        minutes = trade.holding_ms // PERIOD_MS["1m"]
        click.echo(f"  {utc_text(trade.entry_timestamp)}  {trade.symbol} {trade.side:5} {trade.reason}")
        click.echo(f"    woken by {', '.join(trade.triggered_signals)}")
        click.echo(f"    {trade.exit_reason} after {minutes} minutes, {trade.pnl:+.2f} USD")


if __name__ == "__main__":
    fix_hash_seed()
    main()
