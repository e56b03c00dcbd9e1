"""A server with a year of minutes of two symbols, and one stored back-test with thousands of trades in it."""

from __future__ import annotations

from pathlib import Path

from tests.support.web_server import Server, make_market

DAYS = 366
#: BTC and ETH by turns: bought at one trigger and left at the next, every half hour. 8,784 trades.
CHURN = """class Churn:
    def init(self, params):
        self.turn = -1

    def should_trade(self, data):
        self.turn = self.turn + 1
        symbol = ("BTC", "ETH")[self.turn // 2 % 2]
        if self.turn % 2:
            return Decision(operation="close", symbol=symbol, target_portion_of_balance=1.0, reason="it is over")
        return Decision(operation="buy", symbol=symbol, target_portion_of_balance=0.01, leverage=1, reason="it begins")
"""


def year_server(folder: Path) -> tuple[Server, int]:
    """Return a server on a year of which one back-test is stored, and the id of that."""
    server = Server(make_market(folder, days=DAYS))
    run_id = server.run(
        code=CHURN, start_time="2024-01-01T00:00:00Z", end_time="2025-01-01T00:00:00Z", scheduled_interval="30m"
    )
    return server, run_id
