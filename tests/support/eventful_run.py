"""A run in which everything happens that a result can tell of: every exit, liquidations, funding, and limits of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adapters import TableRows, open_database, write_rows
from adapters.database import perp_funding
from tests.support.web_server import DAYS, START

HOUR = 3_600_000

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
            leverage = 3 if exits else 50
            portion = 0.2 if exits else 0.1
            return Decision(
                operation=side, symbol=symbol, target_portion_of_balance=portion, leverage=leverage, reason="in", **exits
            )
        return None
"""

#: The changes to a configuration that make it happen.
EVENTFUL: dict[str, Any] = {
    "code": CODE,
    "scheduled_interval": "30m",
    "margin_mode": "isolated",
    "stop_cooldown_seconds": 3_600,
}


def add_funding(market: Path) -> None:
    """Store hourly funding rates of both symbols."""
    times = START + HOUR * np.arange(DAYS * 24)
    for symbol in ("BTC", "ETH"):
        rows = TableRows(perp_funding, times, {"funding_rate": np.full(len(times), 1.25e-5)})
        write_rows(open_database(market), "hyperliquid", symbol, [rows])
