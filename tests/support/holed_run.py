"""A run on a market with holes of hours and of days, and what its curves are by a slow calculation from stored rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adapters import TableRows, create_database, open_database, synthetic_klines, write_klines, write_rows
from adapters.database import perp_funding
from engine import Kline, KlineColumns

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DAYS = 9
SYMBOLS = ("BTC", "ETH")
RATE = 1e-4
#: From when until when no klines are stored, as ms after the start: some hours of both, and days of each.
HOLES = {
    "BTC": ((2 * DAY + 5 * HOUR, 2 * DAY + 11 * HOUR), (4 * DAY, 6 * DAY + 7 * HOUR)),
    "ETH": ((2 * DAY + 5 * HOUR, 2 * DAY + 11 * HOUR), (5 * DAY, 6 * DAY)),
}

CODE = """class Holed:
    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count = self.count + 1
        price = data.get_price("BTC")
        data.record("price", price)
        data.get_indicator("BTC", "MA20", "1h")
        data.get_indicator("BTC", "BOLL", "15m")
        rsi = data.get_indicator("BTC", "rsi14", "15m")
        log(f"RSI {rsi}")
        if data.positions:
            if self.count % 7 == 0:
                return Decision("close", "BTC")
        elif self.count % 7 == 1:
            side = "buy" if self.count % 2 else "sell"
            return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=3)
        return None
"""

CONFIGURATION: dict[str, Any] = {
    "code": CODE,
    "symbols": [*SYMBOLS],
    "start_time": "2024-01-02T00:00:00Z",
    "end_time": "2024-01-09T00:00:00Z",
    "scheduled_interval": "1h",
}


def holed_klines(symbol: str) -> KlineColumns:
    """The klines of a symbol that are stored."""
    whole = synthetic_klines(symbol, START, DAYS * 1440, seed=7)
    keep = np.ones(len(whole), bool)
    for begin, end in HOLES[symbol]:
        keep &= (whole.open_ms < START + begin) | (whole.open_ms >= START + end)
    return KlineColumns(MINUTE, whole.open_ms[keep], *(each[keep] for each in whole.figures))


def holed_market(folder: Path) -> Path:
    """Make a database of it, with hourly funding."""
    path = folder / "market.db"
    database = open_database(path, create=True)
    create_database(database)
    times = START + HOUR * np.arange(DAYS * 24)
    for symbol in SYMBOLS:
        write_klines(database, "hyperliquid", symbol, "1m", holed_klines(symbol))
        rows = TableRows(perp_funding, times, {"funding_rate": np.full(len(times), RATE)})
        write_rows(database, "hyperliquid", symbol, [rows])
    return path


class Slow:
    """Prices minute by minute, as a person would look them up."""

    def __init__(self) -> None:
        self.closes = {
            symbol: dict(zip((each.open_ms + MINUTE).tolist(), each.close.tolist(), strict=True))
            for symbol, each in ((symbol, holed_klines(symbol)) for symbol in SYMBOLS)
        }

    def price(self, symbol: str, at: int) -> float:
        """The last close up to a time."""
        closes = self.closes[symbol]
        while at not in closes:
            at -= MINUTE
        return closes[at]

    def equity(self, trades: list[dict[str, Any]], at: int) -> float:
        """What an account of 10,000 USD is worth that has made these trades, by its entries, exits and settlements."""
        equity = 10_000.0
        for trade in trades:
            if trade["entry_timestamp"] > at:
                continue
            sign = 1 if trade["side"] == "long" else -1
            entered, left = trade["size"] * trade["entry_price"], trade["size"] * trade["exit_price"]
            if trade["exit_timestamp"] <= at:
                equity += trade["pnl"]
                continue
            equity -= trade["fee"] * entered / (entered + left)
            equity += sign * trade["size"] * (self.price(trade["symbol"], at) - trade["entry_price"])
            first = trade["entry_timestamp"] // HOUR * HOUR + HOUR
            for due in range(first, at + 1, HOUR):
                equity -= sign * trade["size"] * self.price(trade["symbol"], due) * RATE
        return equity

    def notional(self, trades: list[dict[str, Any]], at: int) -> float:
        """What is held then is worth."""
        held = [each for each in trades if each["entry_timestamp"] <= at < each["exit_timestamp"]]
        return sum((each["size"] * self.price(each["symbol"], at) for each in held), 0.0)

    def hold(self, start: int, at: int) -> float:
        """What 10,000 USD in equal parts of the symbols come to."""
        return sum(5_000.0 * self.price(symbol, at) / self.price(symbol, start) for symbol in SYMBOLS)

    def average(self, symbol: str, at: int, hours: int) -> float:
        """The mean of the last closes of that many hours that had any kline."""
        found, close = [], at
        while len(found) < hours:
            within = [close - MINUTE * each for each in range(60) if close - MINUTE * each in self.closes[symbol]]
            if within:
                found.append(self.closes[symbol][within[0]])
            close -= HOUR
        return sum(found) / hours

    def klines(self, symbol: str, period_ms: int) -> list[Kline]:
        """The klines of a period, put together one by one; what has no kline has none."""
        found: dict[int, Kline] = {}
        each = holed_klines(symbol)
        for at, *row in zip(each.open_ms.tolist(), *(column.tolist() for column in each.figures), strict=True):
            kline = Kline(at // period_ms * period_ms // 1_000, *row)
            before = found.get(kline.timestamp)
            found[kline.timestamp] = kline if before is None else _joined(before, kline)
        return [*found.values()]

    def funding(self, trade: dict[str, Any]) -> dict[int, float]:
        """What a trade received (+) or paid (-) at each hour at which it was open."""
        sign = 1 if trade["side"] == "long" else -1
        first = trade["entry_timestamp"] // HOUR * HOUR + HOUR
        return {
            due: -sign * trade["size"] * self.price(trade["symbol"], due) * RATE
            for due in range(first, trade["exit_timestamp"] + 1, HOUR)
        }


def _joined(a: Kline, b: Kline) -> Kline:
    return Kline(a.timestamp, a.open, max(a.high, b.high), min(a.low, b.low), b.close, a.volume + b.volume)
