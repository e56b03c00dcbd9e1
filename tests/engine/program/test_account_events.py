"""What has happened to the account since the last trigger, as a program sees it."""

import pytest

from engine import Decision
from engine.contract import AccountEvent
from engine.program.account_events import account_event
from tests.support.runs import MINUTE, START, buy, klines, market, run_script, sell

RISES = 100.0, 100.0, (100, 106, 100, 104), 104.0, 104.0


def exact(order=buy, **fields):
    return order(portion=0.0, **{"size": 10.0, **fields})


def events(decisions, rows=RISES, minutes=5, **fields):
    """Return what the program was told at each minute."""
    script, _, result = run_script(market(X=klines(*rows)), decisions, minutes, **fields)
    assert result.error is None
    return {minute: data.events for minute, data in script.seen.items()}


def test_a_decision_is_told_of_at_the_next_trigger_and_only_then():
    order = exact(tag="a", take_profit_price=105.0)
    told = events({1: order}, fee_rate=0.1)
    bought = AccountEvent("fill", START + MINUTE, "X", 1, "a", "buy", 10.0, 100.0, pytest.approx(1.0), reason="entry")
    left = AccountEvent("fill", START + 3 * MINUTE, "X", 2, "a", "sell", 10.0, 105.0, pytest.approx(1.05), reason="tp")
    assert told == {1: [], 2: [bought], 3: [left], 4: [], 5: []}


def test_they_come_in_the_order_in_which_they_happened():
    decisions = {
        1: [exact(), exact(size=1e6, tag="much"), exact(sell, size=4.0, tag="part"), Decision("cancel", "X", tag="no")]
    }
    found = [(each.kind, each.tag, each.side, each.size, each.reason) for each in events(decisions)[2]]
    assert found == [
        ("fill", "", "buy", 10.0, "entry"),
        ("rejection", "much", "", 0.0, "size above the available balance"),
        ("fill", "part", "sell", 4.0, "decision"),
        ("rejection", "no", "", 0.0, "nothing to cancel"),
    ]


def test_what_pending_orders_end_by_is_a_cancel_with_its_reason():
    rests = {"max_price": 90.0, "time_in_force": "Gtc"}
    decisions = {
        1: [
            exact(tag="a", **rests, expires_after_seconds=30),
            exact(tag="b", **rests),
            exact(tag="c", trigger_price=99.0),
        ],
        2: Decision("cancel", "X", tag="b"),
    }
    told = events(decisions)
    assert [(each.kind, each.tag, each.reason) for each in told[2]] == [("cancel", "a", "expired")]
    assert [(each.kind, each.tag, each.reason) for each in told[3]] == [("cancel", "b", "cancelled by a decision")]
    assert told[2][0].timestamp == START + MINUTE + 30_000


def test_what_is_refused_when_it_triggers_is_a_rejection():
    told = events({1: exact(tag="a", trigger_price=105.0, max_price=104.0)})
    assert [(each.kind, each.tag, each.reason) for each in told[3]] == [("rejection", "a", "limit not met")]


def test_a_liquidation_is_a_fill_and_a_liquidation():
    rows = 100.0, 100.0, (100, 100, 80, 85), 85.0, 85.0
    told = events({1: exact(size=900.0, leverage=10)}, rows)[3]
    assert [(each.kind, each.side, each.size) for each in told] == [
        ("fill", "sell", 900.0),
        ("liquidation", "long", 900.0),
    ]
    assert told[0].reason == "liquidation"


def test_an_order_under_way_is_told_of_when_it_has_arrived():
    told = events({1: exact()}, order_latency_ms=90_000)
    assert [len(each) for each in told.values()] == [0, 0, 1, 0, 0]
    assert told[3][0].timestamp == START + MINUTE + 90_000


def test_a_view_that_is_kept_tells_what_it_told():
    script, _, _ = run_script(market(X=klines(*RISES)), {1: exact()}, 4)
    assert script.seen[2].events == script.seen[2].events
    script.seen[2].events.clear()
    assert len(script.seen[2].events) == 1


def test_nothing_else_happens_to_an_account():
    with pytest.raises(TypeError, match="str is nothing that happens to an account"):
        account_event("an event")
