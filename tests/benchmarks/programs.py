"""The year and the programs that are measured: W1, and what differs from it in one thing.

W1: hourly decisions from RSI14 of finished 1h klines, brackets of +2 % / -1 %, half the balance at 2x, on a year of 1m
klines, 527,040 of one symbol.
"""

from __future__ import annotations

from itertools import cycle

from engine import Decision, IndicatorCondition
from processes import IndicatorSignal

START = 1_704_067_200_000
MINUTES = 366 * 1440
END = START + MINUTES * 60_000
SYMBOLS = ("BTC", "ETH", "SOL")

LOW, HIGH = 30.0, 70.0
TAKE_PROFIT, STOP_LOSS = 0.02, 0.01


def bracket_order(symbol: str, operation: str, price: float) -> Decision:
    sign = 1 if operation == "buy" else -1
    return Decision(
        operation,
        symbol,
        target_portion_of_balance=0.5,
        leverage=2,
        take_profit_price=price * (1 + sign * TAKE_PROFIT),
        stop_loss_price=price * (1 - sign * STOP_LOSS),
    )


class ReversionOnRsi:
    """W1, also W1c, where signals wake it: buys what has fallen far, sells what has risen far."""

    symbol = "BTC"

    def should_trade(self, data):
        symbol = self.symbol
        if symbol in data.positions:
            return None
        rsi = data.get_indicator(symbol, "RSI14", "1h").get("value", 50.0)
        if rsi < LOW:
            return bracket_order(symbol, "buy", data.get_price(symbol))
        if rsi > HIGH:
            return bracket_order(symbol, "sell", data.get_price(symbol))
        return None


class AlwaysReadsRsi(ReversionOnRsi):
    """W1 that reads its indicator at every tick, in a position or not."""

    def should_trade(self, data):
        data.get_indicator("BTC", "RSI14", "1h")
        return super().should_trade(data)


class ReversionInTurn(ReversionOnRsi):
    """W1 that looks at another symbol at each tick, and holds one position at most."""

    def init(self, params):
        self.symbols = cycle(params["symbols"])

    def should_trade(self, data):
        self.symbol = next(self.symbols)
        return None if data.positions else super().should_trade(data)


class CrossingsOnThree:
    """W1b: MACD and the last klines of three symbols at every tick."""

    def should_trade(self, data):
        for symbol in SYMBOLS:
            macd = data.get_indicator(symbol, "MACD", "1h")
            last = data.get_klines(symbol, "1h", 50)
            if symbol in data.positions or not macd or not last:
                continue
            if macd["histogram"] > 0.0 and macd["macd"] < 0.0:
                return bracket_order(symbol, "buy", last[-1].close)
        return None


def rsi_signals() -> list[IndicatorSignal]:
    """The signals of W1c: when W1 would trade."""
    bounds = (("<", LOW), (">", HIGH))
    return [IndicatorSignal(IndicatorCondition("indicator:RSI14", *bound, "1h")) for bound in bounds]
