"""What the log tells of which trigger opened, closed and added to a trade, against what the account knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.report.memory_description import describe_result
from adapters.report.trades import LoggedAnswer, trigger_links
from engine import BacktestResult, Decision
from processes import ProgramBacktestEngine
from tests.support.eventful_run import eventful_result
from tests.support.runs import config, market, walk


class Adds:
    """Opens, adds, closes a half, adds at a limit, and turns round; every order says which it was."""

    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        step, price = self.count % 8, data.get_price("X")
        share = {"target_portion_of_balance": 0.1, "leverage": 2, "reason": f"step {step}"}
        if step in (1, 2):
            return Decision("buy", "X", **share)
        if step == 3:
            return Decision("buy", "X", **share, time_in_force="Gtc", max_price=price * 0.999)
        if step == 5:
            return Decision("close", "X", **{**share, "target_portion_of_balance": 0.5})
        if step == 6:
            return Decision("sell", "X", **{**share, "target_portion_of_balance": 0.6})
        return Decision("close", "X", reason="all of it") if step == 0 and data.positions else None


@pytest.fixture(scope="module", params=[0, 40_000], ids=["at once", "after 40 s"])
def added(request: pytest.FixtureRequest) -> BacktestResult:
    spans = market(X=walk(3_000))
    given = config(Adds, 2_900, scheduled_interval=300, order_latency_ms=request.param)
    return ProgramBacktestEngine(spans).run(given)


def truths(result: BacktestResult) -> Iterator[tuple[int, int | None]]:
    """Yield of each trade the times of the triggers that opened and that closed it, as the account has them."""
    for closing in result.trades.closings:  # type: ignore[attr-defined]
        opened, closed = closing.held.origin.trigger, closing.fill.origin
        yield opened.timestamp, None if closed is None else closed.trigger.timestamp


def test_links_are_those_of_the_account_or_say_that_they_are_not_known(added: BacktestResult) -> None:
    check_links(added)


def test_exits_that_stood_have_no_trigger() -> None:
    check_links(eventful_result())


def shown(result: BacktestResult) -> list[list[dict[str, Any]]]:
    """Return the links of a result whose orders are not kept, as older versions stored it."""
    found = describe_result(replace(result, order_notes=None)).links
    assert "run it again to know it" in found.note
    return found.shown()


def check_links(result: BacktestResult) -> None:
    links = shown(result)
    at = [each["timestamp"] for each in result.trigger_log]
    assert len(links) == len(result.trades) > 20
    known = 0
    for (opened, closed, *_), (opened_at, closed_at) in zip(links, truths(result), strict=True):
        assert (opened["role"], closed["role"]) == ("opened", "closed")
        assert at[opened["trigger"]] == opened_at
        if closed["trigger"] is not None:
            known += 1
            assert at[closed["trigger"]] == closed_at
        elif closed_at is None:
            assert "No trigger closed it" in closed["note"]
        else:
            assert "is not known" in closed["note"]
    assert known


def test_what_added_to_a_trade_was_filled_while_it_was_open(added: BacktestResult) -> None:
    links, log = shown(added), list(added.trigger_log)
    found = [(trade, link) for trade, each in zip(added.trades, links, strict=True) for link in each[2:]]
    for trade, link in found:
        trigger = log[link["trigger"]]
        assert link["role"] == "added to"
        assert trade.entry_timestamp <= trigger["timestamp"] < trade.exit_timestamp
        assert any(fill["purpose"] == "entry" for fill in trigger["order"]["fills"])


TRADE = {
    "symbol": "X", "side": "long", "operation": "buy", "timestamp": 0, "entry_timestamp": 0, "reason": "in",
    "trigger_type": "signal", "pool_name": "dips", "exit_reason": "decision", "exit_timestamp": 90, "exit_price": 11.0,
    "size": 2.0, "pnl": 1.5, "exit_trigger_type": "scheduled", "exit_pool_name": "", "exit_decision_reason": "out",
}  # fmt: skip


def answer(index: int, at: int, operation: str, kind: str = "scheduled", pool: str = "", **order: Any) -> LoggedAnswer:
    reason = "in" if operation == "buy" else "out"
    decision = {"operation": operation, "symbol": "X", "reason": reason}
    return LoggedAnswer(index, at, kind, pool, decision, {"status": "filled", "fills": [], **order})


ENTRY = {"purpose": "entry", "price": 10.0, "size": 2.0}
IN_FLIGHT = [answer(index, 30 * index, "close", status="in flight") for index in (2, 3)]
OPENED = answer(1, 0, "buy", "signal", "dips", fills=[ENTRY])


@pytest.mark.parametrize(
    ("log", "opened", "closed", "candidates"),
    [
        ([OPENED, answer(5, 60, "close", status="in flight")], 1, 5, []),
        ([answer(0, 0, "buy", "signal", "peaks", fills=[ENTRY]), OPENED], 1, None, []),
        ([OPENED, *IN_FLIGHT], 1, None, [2, 3]),
        ([OPENED, answer(2, 0, "buy", "signal", "dips", fills=[ENTRY])], None, None, []),
        ([OPENED, answer(5, 60, "close", status="rejected"), answer(6, 60, "close", status="resting")], 1, 6, []),
        ([OPENED, answer(5, 90, "close", fills=[{"purpose": "decision", "price": 11.0, "size": 2.0}])], 1, 5, []),
        ([], None, None, []),
    ],
    ids=["filled later", "another pool", "two fit", "two openings", "one was refused", "at once", "nothing stored"],
)  # fmt: skip
def test_what_cannot_be_known_is_said(
    log: list[LoggedAnswer], opened: int | None, closed: int | None, candidates: list[int]
) -> None:
    found = trigger_links([TRADE], None, lambda: log)
    (links,) = found.of_trades
    assert (links[0].trigger, links[1].trigger, list(links[1].candidates)) == (opened, closed, candidates)
    assert all(("is not known" in link.note) == (link.trigger is None) for link in links[:2])
    told = found.of_triggers
    for index in candidates:
        assert told[index] == [{"number": 1, "role": "may have closed"}]
    if opened is not None:
        assert told[opened][0] == {"number": 1, "role": "opened"}
