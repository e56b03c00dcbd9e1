"""An order in words: what asked for it, what became of it, or why it was refused."""

from __future__ import annotations

import pytest

from adapters.explanations import Explanation, JournalExplained
from engine import DataError
from tests.support.journals import Told, recorded
from tests.support.runs import buy, close, klines, market

FLAT = market(X=klines(*[100.0] * 12))


def explained(told: Told, order: int) -> Explanation:
    assert told.result.journal is not None
    return JournalExplained(told.result.journal).explanation(order=order)


def said(found: Explanation) -> str:
    return " ".join(found.text().split())


def test_a_refused_order_gives_its_reason() -> None:
    found = explained(recorded(FLAT, {1: close(reason="out")}, 4, order_latency_ms=500), 1)
    assert found.summary == "rejected at 2024-01-01 00:01:00.500 UTC, on X"
    assert [step.what for section in found.sections for step in section.steps] == [
        "trigger",
        "decision",
        "order",
        "order",
        "rejected",
    ]
    assert "Order 1 was refused. The reason: nothing to close. [refused]" in said(found)


def test_a_leg_that_was_cancelled_says_because_of_what_and_whose_it_was() -> None:
    history = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
    told = recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0)}, 6)
    found = explained(told, 3)
    assert "Order 3, Stop Limit (it fills at the market) at 90, was armed with the entry fill of 2024-01-01 00:01:00 (order 1)." in said(found)
    assert "Order 3 is cancelled because of order 2. [ended-with-others]" in said(found)


def test_an_entry_names_the_exits_that_came_of_it_and_an_exit_the_trade_that_it_closed() -> None:
    history = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
    told = recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0)}, 6)
    entry = explained(told, 1)
    assert [each.title for each in entry.sections] == ["What asked for it", "What happened to it", "What came of it"]
    assert len(entry.sections[2].steps) == 2
    assert explained(told, 2).summary.endswith("on X; it closed trade 1")


def test_what_was_left_of_an_order_at_the_end_says_so() -> None:
    history = market(X=klines(*[(100, 100, 100, 100, 5.0)] * 14))
    found = explained(recorded(history, {1: buy(portion=0.9, leverage=5)}, 6, volume_cap_percent=50.0), 1)
    assert found.summary.startswith("cancelled at 2024-01-01 00:06:00")
    assert "What was left of order 1 was cancelled. The reason: end of run." in said(found)


def test_a_liquidation_is_an_order_of_the_venue() -> None:
    falls = market(X=klines(100, 100, 100, (100, 100, 70, 75), 75, 75))
    found = explained(recorded(falls, {1: buy(portion=0.9, leverage=20)}, 5), 2)
    assert found.summary == "filled by the venue at 2024-01-01 00:04:00 UTC, on X; it closed trade 1"


def test_an_order_that_there_is_not_is_refused() -> None:
    with pytest.raises(DataError, match="there is no order 9: its orders are 1 to 2"):
        explained(recorded(FLAT, {1: buy(), 3: close()}, 5), 9)
    with pytest.raises(DataError, match="it has no orders"):
        explained(recorded(FLAT, {}, 5), 1)
