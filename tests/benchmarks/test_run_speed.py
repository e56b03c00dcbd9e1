"""Speed of a run alone, with the market in memory: a year of 1m klines, 527,040 of one symbol.

W1: hourly decisions from RSI14 of finished 1h klines, brackets of +2 % / -1 %, half the balance at 2x.
W1b: three symbols, MACD and get_klines(50) at every tick. W1c: W1 woken by an indicator signal instead of ticks.
Each round gets a fresh market history, so that nothing worked out by the round before is there.
"""

import pytest

from adapters import synthetic_klines
from engine import BacktestConfig, Decision, IndicatorCondition, MarketHistory
from processes import IndicatorSignal, ProgramBacktestEngine
from tests.oracles.trade_oracle import Bars, Settings, run_oracle

START = 1_704_067_200_000
MINUTES = 366 * 1440
END = START + MINUTES * 60_000
SYMBOLS = ("BTC", "ETH", "SOL")


@pytest.fixture(scope="module")
def klines():
    return {symbol: synthetic_klines(symbol, START, MINUTES, 7) for symbol in SYMBOLS}


def bracket_order(symbol: str, operation: str, price: float) -> Decision:
    sign = 1 if operation == "buy" else -1
    return Decision(
        operation,
        symbol,
        target_portion_of_balance=0.5,
        leverage=2,
        take_profit_price=price * (1 + sign * 0.02),
        stop_loss_price=price * (1 - sign * 0.01),
    )


class ReversionOnRsi:
    def should_trade(self, data):
        if "BTC" in data.positions:
            return None
        rsi = data.get_indicator("BTC", "RSI14", "1h").get("value", 50.0)
        if rsi < 30.0:
            return bracket_order("BTC", "buy", data.get_price("BTC"))
        if rsi > 70.0:
            return bracket_order("BTC", "sell", data.get_price("BTC"))
        return None


class AlwaysReadsRsi(ReversionOnRsi):
    """W1 that reads its indicator at every tick, in a position or not."""

    def should_trade(self, data):
        data.get_indicator("BTC", "RSI14", "1h")
        return super().should_trade(data)


class CrossingsOnThree:
    def should_trade(self, data):
        for symbol in SYMBOLS:
            macd = data.get_indicator(symbol, "MACD", "1h")
            last = data.get_klines(symbol, "1h", 50)
            if symbol in data.positions or not macd or not last:
                continue
            if macd["histogram"] > 0.0 and macd["macd"] < 0.0:
                return bracket_order(symbol, "buy", last[-1].close)
        return None


def measure(benchmark, klines, symbols, strategy, signals=(), **settings):
    """Time whole runs on fresh histories and note what one trigger costs."""
    config = BacktestConfig(strategy=strategy, symbols=symbols, start_time=START, end_time=END, **settings)

    def setup():
        market = MarketHistory.from_klines({symbol: klines[symbol] for symbol in symbols})
        return (ProgramBacktestEngine(market, signals), config), {}

    result = benchmark.pedantic(lambda engine, config: engine.run(config), setup=setup, rounds=7, warmup_rounds=1)
    assert result.success
    seconds = min(benchmark.stats.stats.data) if benchmark.stats else 0.0
    benchmark.extra_info.update(triggers=result.total_triggers, trades=result.total_trades)
    print(
        f"\n{benchmark.name}: best {seconds:.4f} s, {result.total_triggers:,} triggers, {result.total_trades:,} trades "
        f"{1e6 * seconds / result.total_triggers:.1f} us a trigger"
    )
    return result


def test_w1(benchmark, klines):
    measure(benchmark, klines, ["BTC"], ReversionOnRsi, scheduled_interval="1h")


def test_w1_reading_the_indicator_at_every_tick(benchmark, klines):
    measure(benchmark, klines, ["BTC"], AlwaysReadsRsi, scheduled_interval="1h")


def test_w1b_three_symbols(benchmark, klines):
    measure(benchmark, klines, list(SYMBOLS), CrossingsOnThree, scheduled_interval="1h")


def test_w1c_woken_by_signals(benchmark, klines):
    signals = [IndicatorSignal(IndicatorCondition("indicator:RSI14", *how, "1h")) for how in (("<", 30.0), (">", 70.0))]
    measure(benchmark, klines, ["BTC"], ReversionOnRsi, signals)


def test_one_trigger_a_day(benchmark, klines):
    measure(benchmark, klines, ["BTC"], ReversionOnRsi, scheduled_interval="1d")


def test_a_trigger_every_minute(benchmark, klines):
    measure(benchmark, klines, ["BTC"], ReversionOnRsi, scheduled_interval="1m")


def test_w1_as_a_brute_force_loop_over_every_kline(benchmark, klines):
    """The oracle of the tests on the same market; its strategy gets the same RSI from a table."""
    market = MarketHistory.from_klines({"BTC": klines["BTC"]})
    history = market.symbols["BTC"]
    table = IndicatorCondition("indicator:RSI14", "<", 30.0, "1h")
    series = history.series("1h")
    assert series is not None
    values = history.indicator(series, table.indicator).values["value"]
    rsi_at = dict(zip((series.columns.open_ms + series.period_ms).tolist(), values.tolist(), strict=True))
    columns = klines["BTC"]
    bars = Bars(*(getattr(columns, name).tolist() for name in ("open_ms", "open", "high", "low", "close")))

    def decide(now, view):
        rsi = rsi_at[now]
        if view.positions or 30.0 <= rsi <= 70.0:
            return None
        return bracket_order("BTC", "buy" if rsi < 30.0 else "sell", view.price("BTC")).to_dict()

    settings = Settings(symbols=["BTC"], start=START, end=END, interval_ms=3_600_000)
    expected = benchmark.pedantic(run_oracle, args=({"BTC": bars}, settings, decide), rounds=1)
    config = BacktestConfig(
        strategy=ReversionOnRsi, symbols=["BTC"], start_time=START, end_time=END, scheduled_interval="1h"
    )
    assert ProgramBacktestEngine(market).run(config).total_trades == len(expected.trades)
