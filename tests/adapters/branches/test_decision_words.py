"""Decisions in few words."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.branches import decisions_text
from engine import Decision

BUY = Decision("buy", "BTC", target_portion_of_balance=0.3, leverage=2)


@pytest.mark.parametrize(
    ("answer", "short", "rest"),
    [
        (None, "to hold", ""),
        (Decision("hold", "BTC"), "to hold", ""),
        ((BUY, Decision("close", "ETH")), "buy BTC 0.3 x2; close ETH", ""),
        (Decision("buy", "DOGE", size=10), "buy DOGE 10 coins x10", ""),
        (Decision("sell", "ETH", notional=1_500.0, leverage=3), "sell ETH 1,500 USD x3", ""),
        (
            Decision("buy", "ETH", risk_percent=1.5, stop_loss_price=900.0),
            "buy ETH risk 1.5 % x10",
            "stop_loss_price 900",
        ),
        (
            Decision("buy", "ETH", size=0.5, leverage=4, max_price=1_800.0, time_in_force="Gtc", post_only=True),
            "buy ETH 0.5 coins x4",
            "max_price 1,800 time_in_force Gtc post_only True",
        ),
        (Decision("cancel", "BTC", tag="grid"), "cancel BTC", "tag grid"),
        (Decision("buy", "BTC", size="much"), "buy BTC much coins x10", ""),  # type: ignore[arg-type]
    ],
)
def test_they_say_how_much_and_the_whole_of_them_all_that_is_given(answer: Any, short: str, rest: str) -> None:
    assert decisions_text(answer) == short
    assert decisions_text(answer, whole=True) == f"{short} {rest}".rstrip()
