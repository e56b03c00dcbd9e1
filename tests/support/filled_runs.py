"""Runs in which positions grow, shrink, trail, expire and stay open: for what a chart draws of them."""

from __future__ import annotations

from typing import Any

#: A long that is added to, closed in part, amended, and closed; a trailing stop; a time stop; resting orders that fill,
#: are amended, cancelled and expire; refused ones; a position that is open at the end.
CODE = """class Filled:
    def init(self, params):
        self.step = 0

    def should_trade(self, data):
        self.step = self.step + 1
        price = data.get_price("BTC")
        buy = {"operation": "buy", "symbol": "BTC", "leverage": 2}
        turn = self.step % 20
        if turn == 1:
            return Decision(target_portion_of_balance=0.1, tag="a", reason="first", take_profit_price=price * 1.2,
                            stop_loss_price=price * 0.8, **buy)
        if turn == 2:
            return Decision(target_portion_of_balance=0.1, tag="b", reason="<b>more</b>", **buy)
        if turn == 3:
            return Decision("amend", "BTC", tag="a", stop_loss_price=price * 0.85)
        if turn == 4:
            return Decision("close", "BTC", target_portion_of_balance=0.5, reason="half")
        if turn == 6:
            return Decision("close", "BTC", reason="rest")
        if turn == 7:
            return Decision(target_portion_of_balance=0.1, trailing_stop_percent=0.3, reason="trails", **buy)
        if turn == 10 and "BTC" not in data.positions:
            return Decision(target_portion_of_balance=0.1, max_holding_seconds=5400, reason="for a time", **buy)
        if turn == 12:
            return Decision(target_portion_of_balance=0.1, max_price=price * 0.9, time_in_force="Gtc", tag="low", **buy)
        if turn == 13:
            return Decision("amend", "BTC", tag="low", max_price=price * 0.91)
        if turn == 14:
            return Decision("cancel", "BTC", tag="low")
        if turn == 15:
            return Decision(target_portion_of_balance=0.1, max_price=price * 0.9, time_in_force="Gtc", tag="soon",
                            expires_after_seconds=600, **buy)
        if turn == 16:
            return Decision(target_portion_of_balance=5.0, reason="too much", **buy)
        if turn == 17 and "BTC" not in data.positions:
            return Decision(target_portion_of_balance=0.1, leverage=50, operation="buy", symbol="BTC", reason="risky")
        return None
"""

#: The changes to a configuration that make it happen.
FILLED: dict[str, Any] = {"code": CODE, "symbols": ["BTC"], "scheduled_interval": "30m", "margin_mode": "isolated"}
