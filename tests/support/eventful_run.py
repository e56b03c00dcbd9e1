"""A run in which all happens that a result can tell of: every exit, liquidations, funding, limits of one's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from adapters import TableRows, open_database, synthetic_klines, write_rows
from adapters.database import perp_funding
from engine import BacktestConfig, BacktestResult, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.web_server import DAYS, START, configuration

SYMBOLS = ("BTC", "ETH")

CODE = """class Eventful:
    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count = self.count + 1
        for symbol in ("BTC", "ETH"):
            if symbol in data.positions:
                if self.count % 90 == 0:
                    return Decision("close", symbol, reason="enough of it")
                continue
            price = data.get_price(symbol)
            side = "buy" if self.count % 3 else "sell"
            sign = 1 if side == "buy" else -1
            exits = (
                {"trailing_stop_percent": 0.6},
                {"max_holding_seconds": 7200},
                {"take_profit_price": price * (1 + sign * 0.01), "stop_loss_price": price * (1 - sign * 0.01)},
                {},
            )[self.count % 4]
            size = {"target_portion_of_balance": 0.2, "leverage": 3}
            if not exits:
                size = {"target_portion_of_balance": 0.1, "leverage": 50}
            return Decision(operation=side, symbol=symbol, reason="in", **size, **exits)
        return None
"""

#: The changes to a configuration that make it happen.
EVENTFUL: dict[str, Any] = {
    "code": CODE,
    "scheduled_interval": "30m",
    "margin_mode": "isolated",
    "stop_cooldown_seconds": 3_600,
}

FUNDING_MS = START + 3_600_000 * np.arange(DAYS * 24)
FUNDING_RATE = np.full(len(FUNDING_MS), 1.25e-5)


def add_funding(market: Path) -> Path:
    """Store hourly funding rates of both symbols."""
    for symbol in SYMBOLS:
        rows = TableRows(perp_funding, FUNDING_MS, {"funding_rate": FUNDING_RATE})
        write_rows(open_database(market), "hyperliquid", symbol, [rows])
    return market


@cache
def eventful_result() -> BacktestResult:
    """Run it in this process, on the market that a test's server has."""
    flow = FlowHistory(funding_rate=TimedValues(FUNDING_MS, FUNDING_RATE))
    symbols = [
        SymbolHistory(symbol, synthetic_klines(symbol, START, DAYS * 1_440, seed=5), flow=flow) for symbol in SYMBOLS
    ]
    config = BacktestConfig.from_dict(configuration(**EVENTFUL))
    return ProgramBacktestEngine(MarketHistory(symbols), executor_for=trusted_executor).run(config)
