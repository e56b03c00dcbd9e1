"""Why an order is as large as it is: what takes something from what it asks for is told with both amounts."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.explanations import JournalExplained
from engine import Decision
from engine.venue import Instrument, MarginTier, VenueRules
from tests.support.journals import Told, recorded
from tests.support.runs import buy, close, klines, market, sell

FLAT = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 4.0)] * 12))
FALLS = market(X=klines(*[(100.0,) * 4 + (4.0,)] * 2, (100, 100, 94, 94, 4.0), *[(94.0,) * 4 + (4.0,)] * 4))
TIERS = (MarginTier(0.0, 50, 0.01, 0.0), MarginTier(10_000.0, 20, 0.025, 150.0))
RULES = VenueRules(instruments={"X": Instrument("X", "0.5", size_step="0.1", min_notional=20.0, tiers=TIERS)})


def said(told: Told, order: int) -> str:
    """All that is told of an order, on one line."""
    assert told.result.journal is not None
    return " ".join(JournalExplained(told.result.journal).explanation(order=order).text(10_000).split())


def coins(size: float, operation: str = "buy", **fields: Any) -> Decision:
    return Decision(operation, "X", size=size, leverage=1, **fields)


#: Decisions by minute, the order that is asked about, and what is told of it.
CUTS: list[tuple[dict[float, Any], int, str]] = [
    (
        {1: buy(portion=1.0, leverage=5)},
        1,
        "Its size: a share of 1 of the 10,000.00 USD that were available then, x leverage 5 = 50,000.00 USD, at 100. "
        "Order 1 asks for 50,000.00 USD, and 49,875.31 USD are the most: margin and fee must fit",
    ),
    ({1: coins(500.0)}, 1, "Order 1 asks for 50,000.00 USD, and 9,995.00 USD are the most"),
    (
        {1: [buy(), buy()]},
        2,
        "a share of 0.5 of the 4,997.50 USD that were available then, x leverage 1 = 2,498.75 USD",
    ),
    (
        {1: coins(5.0), 3: close(portion=0.0, size=7.0)},
        2,
        "Order 2 asks for 7 X, and 5 X are the most: what closes is no",
    ),
    (
        {1: coins(12.3), 3: close(portion=0.33)},
        2,
        "Order 2 asks for 4.059 X, which becomes 4 X: a size is rounded down",
    ),
    ({1: coins(0.19)}, 1, "Order 1 asks for 0.19 X, which becomes 0.1 X"),
    ({1: coins(0.1)}, 1, "Order 1 asks for 10.00 USD, and the least is 20.00 USD: the venue takes no order"),
    ({1: coins(0.04)}, 1, "Order 1 asks for 0.04 X, which becomes 0 X"),
    ({1: buy(leverage=40)}, 1, "Order 1 asks for leverage 40, and leverage 20 are the most: the venue allows no more"),
    ({1: buy(), 2: sell(leverage=40)}, 2, "Order 2 asks for leverage 40, and leverage 20 are the most"),
    (
        {1: coins(2.0, max_price=97.3, time_in_force="Gtc", take_profit_price=121.7)},
        1,
        "Order 1 asks for 97.3 USD a coin, which becomes 97 USD a coin: a price is rounded to a tick",
    ),
    (
        {1: coins(2.0, max_price=97.0, time_in_force="Gtc", tag="a"), 2: Decision("amend", "X", tag="a", size=2.34)},
        1,
        "Order 2 asks for 2.34 X, which becomes 2.3 X: a size is rounded down to whole steps of the venue. "
        "[whole-steps] Order 1 (Limit) is amended: it now has limit 97, size 2.3.",
    ),
]


@pytest.mark.parametrize(("decisions", "order", "text"), CUTS)
def test_what_changes_an_amount_is_told_with_both(decisions: dict[float, Any], order: int, text: str) -> None:
    assert text in said(recorded(FLAT, decisions, 6, rules=RULES, fee_rate=0.05), order)


def test_an_order_that_gets_what_it_asks_for_says_nothing_of_it() -> None:
    told = recorded(FLAT, {1: coins(2.0), 2: close(portion=0.5), 3: close(), 4: sell()}, 6, rules=RULES)
    assert told.all("sized") == []


def test_a_reversal_is_sized_by_what_its_close_leaves() -> None:
    told = recorded(FLAT, {1: buy(leverage=2), 3: sell(portion=1.0, leverage=3)}, 6, fee_rate=0.05)
    balance = told.all("fill")[1]["account"]["cash"]
    text = said(told, 2)
    assert (
        f"a share of 1 of the {balance:,.2f} USD that were available then, x leverage 3 = {3 * balance:,.2f} USD"
        in text
    )
    assert f"Order 2 asks for {3 * balance:,.2f} USD, and " in text


def test_the_limits_of_the_account_are_told_once() -> None:
    told = recorded(FLAT, {1: buy(), 2: sell(leverage=9, portion=1.0)}, 6, max_position_usd=6_000.0)
    (line,) = told.all("sized")
    assert (line["order"], line["rule"], line["asked"], line["allowed"]) == (2, "risk-limit", 90_000.0, 6_000.0)


def test_a_limit_order_is_cut_to_the_balance_that_is_left_when_it_fills() -> None:
    history = market(X=klines(100, 100, 100, (100, 100, 94, 94), 94, 94), Y=klines(*[100.0] * 7))
    bid = buy(portion=0.8, max_price=95.0, time_in_force="Gtc")
    text = said(recorded(history, {1: bid, 2: buy("Y", portion=0.7)}, 5), 1)
    assert (
        "Its size: a share of 0.8 of the 10,000.00 USD that were available then, x leverage 1 = 8,000.00 USD, at 95."
        in text
    )
    assert "Order 1 asks for 8,000.00 USD, and 3,000.00 USD are the most" in text
    assert text.count("Its size:") == 1


def test_what_one_of_a_group_fills_the_others_go_without() -> None:
    group = {"time_in_force": "Gtc", "group": "g"}
    orders = [coins(8.0, max_price=95.0, **group), coins(4.0, max_price=90.0, **group)]
    orders.append(coins(6.0, trigger_price=120.0, **group))
    told = recorded(FALLS, {1: orders}, 4, volume_cap_percent=50.0)
    cuts = [(each["order"], each["rule"], each["asked"], each["allowed"]) for each in told.all("sized")]
    assert cuts == [
        (1, "volume-cap", 8.0, 2.0),
        (2, "group-share", 4.0, 3.0),
        (3, "group-share", 6.0, 4.5),
        (1, "volume-cap", 6.0, 2.0),
        (2, "group-share", 3.0, 2.0),
        (3, "group-share", 4.5, 3.0),
    ]
    fills = [each["id"] for each in told.all("fill")]
    assert [each["cause"] for each in told.all("sized", rule="group-share")] == [
        each for each in fills for _ in range(2)
    ]
    assert "Order 3 asks for 6 X, of which 4.5 X are left to it: another order of the group has filled a part" in said(
        told, 3
    )
    # each is ended by the end of the run, and not by the one before it
    assert [told.records[each["cause"]].get("order") for each in told.all("order", event="cancel")] == [1, 2, 3]


def test_many_fills_of_one_order_are_told_together_with_what_capped_them() -> None:
    text = said(recorded(FLAT, {1: buy()}, 9, volume_cap_percent=50.0), 1)
    assert text.count("the volume of the last finished kline") == 1
    assert "Order 1 asks for 50 X, and 2 X are the most" in text
    assert "further fills up to the last one" in text


def test_an_exit_of_more_than_is_held_says_what_it_asked_for() -> None:
    bracket = coins(5.0, take_profit_price=110.0)
    rows = [100.0, 100.0, 100.0, (100, 112, 100, 110), 110.0]
    told = recorded(market(X=klines(*rows)), {1: bracket, 2: close(portion=0.0, size=3.0)}, 5)
    (line,) = told.all("sized")
    assert (line["order"], line["rule"], line["asked"], line["allowed"]) == (2, "no-more-than-held", 5.0, 2.0)
