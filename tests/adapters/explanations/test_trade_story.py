"""A trade in words: the whole chain, for every way in and out, and money that adds up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adapters.explanations import Explanation, JournalExplained
from engine import DataError, Decision, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from engine.venue import Instrument, VenueRules
from tests.support.journals import Told, recorded
from tests.support.runs import MINUTE, START, buy, close, klines, market, sell, walk

COSTS: dict[str, Any] = {"fee_rate": 0.05, "slippage_percent": 0.1}
FLAT = market(X=klines(*[100.0] * 12))


def explained(told: Told, trade: int = 1) -> Explanation:
    assert told.result.journal is not None
    return JournalExplained(told.result.journal).explanation(trade=trade)


def steps(found: Explanation, title: str) -> list[tuple[str, str | None]]:
    """What stands in a section: kind and rule of each step."""
    (section,) = [each for each in found.sections if each.title == title]
    return [(step.what, step.rule) for step in section.steps]


def facts(found: Explanation, what: str, place: int = 0) -> dict[str, Any]:
    return dict([step for section in found.sections for step in section.steps if step.what == what][place].facts)


def said(found: Explanation) -> str:
    """All of its text, on one line."""
    return " ".join(found.text().split())


def test_a_bracket_trade_is_told_from_its_trigger_to_its_pnl() -> None:
    history = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
    found = explained(
        recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0, reason="dip")}, 6, **COSTS)
    )
    assert steps(found, "Entry") == [
        ("trigger", "scheduled-tick"),
        ("decision", None),
        ("order", "decision-taken"),
        ("size", None),
        ("price", "market-at-close"),
        ("slippage", None),
        ("fee", None),
        ("ledger", None),
        ("order", "waits-for-trigger"),
        ("order", "waits-for-trigger"),
    ]
    assert steps(found, "Exit") == [
        ("exit of", None),
        ("price", "bracket-inside-kline"),
        ("slippage", None),
        ("fee", None),
        ("ledger", None),
    ]
    text = said(found)
    for part in (
        "Trade 1: long 49.95004995 X, 2024-01-01 00:01:00 to 2024-01-01 00:04:00 UTC, 100.1 to 111.888",
        "Decided: buy X with leverage 1, stop_loss_price 90, take_profit_price 112, target_portion_of_balance 0.5; "
        "reason: dip.",
        "the kline that opened at 2024-01-01 00:03:00 had open 100, high 115, low 100, close 110, volume 1; "
        "its take profit limit stood at 112; it trades at market, whatever its decision calls it (bracket_execution); "
        "112 lies between low and high. "
        "[bracket-inside-kline; klines X 2024-01-01 00:03:00]",
        "Slippage: 112 without it, 0.1 % worse: 5.59 USD",
        "Fee: 0.05 % (taker) of 5,000.00 USD = 2.50 USD.",
        "Ledger: pnl +588.81, fee -2.79 USD. After it 10,583.52 USD in cash",
        "PnL: +588.81 price - 5.29 fees + 0.00 funding = +583.52 USD.",
    ):
        assert part in text


@pytest.mark.parametrize("seed", range(4))
def test_the_money_of_every_trade_adds_up_and_is_that_of_the_result(seed: int) -> None:
    flow = FlowHistory(funding_rate=TimedValues(START + np.arange(1, 5) * 60 * MINUTE, np.full(4, 3e-4)))
    history = MarketHistory([SymbolHistory("X", walk(300, seed, volatility=0.004), flow=flow)])
    sizes = [buy(portion=0.2, leverage=2), buy(portion=0.1), close(portion=0.4), sell(portion=0.3, leverage=3)]
    answers = {minute: sizes[(minute * 7 + seed) % 4] for minute in range(5, 290, 9)}
    told = recorded(history, answers, 295, **COSTS)
    assert len(told.result.trades) > 5
    for number, trade in enumerate(told.result.trades, 1):
        pnl = facts(explained(told, number), "pnl")
        assert (pnl["pnl"], pnl["price"], pnl["fees"], pnl["funding"]) == (
            trade.pnl,
            trade.gross_pnl,
            trade.fee,
            trade.funding,
        )
        assert pnl["price"] - pnl["fees"] + pnl["funding"] + pnl["shortfall_covered"] == trade.pnl
        fees = facts(explained(told, number), "fees")
        assert math.isclose(fees["entry"] + fees["exit"], trade.fee)


def test_each_way_out_names_its_rule_its_row_and_its_numbers() -> None:
    gap = market(X=klines(100, 100, 100, (80, 80, 75, 78), 75, 75))
    both = market(X=klines(100, 100, 100, (100, 120, 75, 78), 75, 75))
    trail = market(X=klines(100, 100, (100, 110, 100, 110), (110, 110, 105, 105), 105, 105))
    falls = market(X=klines(100, 100, 100, (100, 100, 70, 75), 75, 75))
    for history, order, rule, words in (
        (gap, buy(stop_loss_price=90.0, sl_execution="market"), "gap-over-stop", "the gap is 10, 11.11 % of it"),
        (
            both,
            buy(stop_loss_price=90.0, take_profit_price=110.0),
            "bracket-both-stop-first",
            "its stop limit stood at 90; its take profit limit stood at 110",
        ),
        (trail, buy(trailing_stop_percent=8.0), "trailing-inside-kline", "it stood at 101.2 then"),
        (falls, buy(portion=0.9, leverage=20), "liquidation-inside-kline", "The position was liquidated inside"),
        (FLAT, buy(max_holding_seconds=120), "time-stop", "Time Stop Market, Sell 49.95004995 X when its time has"),
    ):
        found = explained(recorded(history, {1: order}, 6, **COSTS))
        assert ("price", rule) in steps(found, "Exit")
        assert words in said(found)
        assert f"[{rule}; klines X 2024-01-01 00:0" in said(found)


def test_a_leg_that_is_called_a_limit_order_and_has_none_fills_at_the_market() -> None:
    history = market(X=klines(100, 100, 100, (100, 100, 70, 75), 75, 75))
    told = said(explained(recorded(history, {1: buy(stop_loss_price=90.0, sl_execution="limit")}, 6)))
    assert ("Stop Limit (it fills at the market)" in told) != ("with the limit 90" in told)
    assert "Stop Limit, " not in said(explained(recorded(history, {1: buy(stop_loss_price=90.0)}, 6)))


def test_a_limit_rests_before_it_fills_as_a_maker() -> None:
    history = market(X=klines(100, 100, (100, 101, 95, 99), *[99.0] * 6))
    told = recorded(history, {1: buy(max_price=98.0, time_in_force="Gtc"), 5: close()}, 8, **COSTS)
    found = explained(told)
    assert steps(found, "Entry")[2:6] == [
        ("order", "decision-taken"),
        ("size", None),
        ("order", "rests-at-limit"),
        ("price", "limit-traded-through"),
    ]
    assert "its limit stood at 98; 98 lies between low and high" in said(found)
    assert "(maker)" in said(found)


def test_entries_that_were_added_are_told_each_and_funding_and_parts_between() -> None:
    flow = FlowHistory(funding_rate=TimedValues(START + np.array([60]) * MINUTE, np.array([1e-4])))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 130), flow=flow)])
    answers = {1: buy(portion=0.1), 3: buy(portion=0.1), 70: close(portion=0.5), 72: close()}
    told = recorded(history, answers, 100, **COSTS)
    found = explained(told, 2)
    assert [each.title for each in found.sections] == [
        "Entry 1 of 2",
        "Entry 2 of 2",
        "While it was open",
        "Exit",
        "What it came to",
    ]
    assert [what for what, _ in steps(found, "While it was open")] == ["funding", "ledger", "closed part"]
    assert "= 0.1898 USD paid. [funding-at-settlement; funding X 2024-01-01 01:00:00]" in said(found)
    assert "(trade 1)" in said(found)
    assert "100.1 is the mean of 2 entry fills" in said(found)
    assert "50 % of what was held" in said(explained(told, 1))


def test_a_position_that_was_opened_anew_has_its_own_entries_only() -> None:
    told = recorded(FLAT, {1: buy(), 3: close(), 5: sell(), 7: close()}, 9, **COSTS)
    first, second = explained(told, 1), explained(told, 2)
    assert [each.title for each in first.sections] == [each.title for each in second.sections]
    assert "x (100.1 - 99.9)" not in said(first)
    assert "x (99.9 - 100.1)" in said(first)
    assert "x (99.9 - 100.1)" in said(second)  # a short: from its entry down to its exit


def test_a_reversal_names_what_its_order_closed_first() -> None:
    told = recorded(FLAT, {1: buy(), 3: sell(), 5: close()}, 8, **COSTS)
    found = explained(told, 2)
    assert found.sections[0].title == "Entry, of an order that closed what was held the other way first"
    assert facts(found, "other fill")["trade"] == 1
    assert [what for what, _ in steps(found, found.sections[0].title)].count("price") == 1


def test_many_fills_of_a_capped_order_are_told_together() -> None:
    history = market(X=klines(*[(100, 100, 100, 100, 5.0)] * 14))
    told = recorded(history, {1: buy(portion=0.9, leverage=5), 9: close()}, 12, volume_cap_percent=50.0, **COSTS)
    found = explained(told)
    together = facts(found, "fills")
    assert (together["fills"], together["size"]) == (7, 17.5)
    assert "447.0504496 X of order 1 is left and works on" in said(found)


def test_an_exit_that_was_amended_says_who_moved_it() -> None:
    history = market(X=klines(*[100] * 6, (100, 100, 90, 95), 95, 95))
    amend = Decision("amend", "X", tag="held", stop_loss_price=95.0, reason="tighter")
    told = recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0, tag="held"), 4: amend}, 9, **COSTS)
    found = explained(told)
    assert steps(found, "Exit")[:4] == [
        ("exit of", None),
        ("trigger", "scheduled-tick"),
        ("decision", None),
        ("order", "amended"),
    ]
    assert "reason: tighter" in said(found)
    assert "its stop limit stood at 95" in said(found)


def test_latency_is_told_from_decision_to_arrival() -> None:
    found = explained(recorded(FLAT, {1: buy(), 4: close()}, 8, order_latency_ms=1_500, **COSTS))
    assert "2024-01-01 00:01:01.500 UTC Order 1 (buy X) arrives at the exchange, 1,500 ms after it was sent" in said(
        found
    )


def test_what_was_asked_and_answered_is_told() -> None:
    def asks(data: Any) -> Decision:
        data.get_price("X")
        return buy()

    found = explained(recorded(FLAT, {1: asks, 3: close()}, 5, record_queries=True))
    assert [what for what, _ in steps(found, "Entry")][:3] == ["trigger", "asked", "decision"]
    assert "Asked: get_price(X) -> 100.0" in said(found)


def test_a_trade_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    told = recorded(FLAT, {1: buy(), 3: close()}, 5)
    assert told.result.journal is not None
    with pytest.raises(DataError, match="the journal: there is no trade 2: its trades are 1 to 1"):
        explained(told, 2)
    with pytest.raises(DataError, match="it has no closed trade"):
        explained(recorded(FLAT, {1: buy()}, 5))
    assert explained(told, -1).to_dict() == explained(told, 1).to_dict()


@pytest.mark.parametrize(("mode", "what"), [("cross", "the account"), ("isolated", "the isolated position in X")])
def test_a_liquidation_says_what_was_worth_too_little_and_which_fees_it_paid(mode: str, what: str) -> None:
    history = market(X=klines(*[100.0] * 4, (100, 100, 90, 95), *[95.0] * 4))
    rules = VenueRules(instruments={"X": Instrument("X", liquidation_fee=1.25)})
    fields = {"fee_rate": 0.05, "margin_mode": mode, "rules": rules}
    found = explained(recorded(history, {1: buy(portion=0.9, leverage=20)}, 8, **fields))
    margin = facts(found, "margin")
    assert margin["worth"] == pytest.approx(margin["maintenance"], rel=1e-9)
    price = margin["prices"]["X"]
    assert 90.0 < price < 100.0
    text = said(found)
    assert (
        f"{what} is worth {margin['worth']:,.2f} USD, and its maintenance margin is {margin['worth']:,.2f} USD" in text
    )
    if mode == "isolated":
        assert margin["worth"] == pytest.approx(1_800 * (5.0 + price - 100.0))
        assert "Fee: 1.3 % (0.05 % of a taker + 1.25 % of the liquidation) of " in text
    else:
        left = facts(found, "ledger", 1)["account"]
        fee = facts(found, "fee", 1)["fee"]
        assert margin["worth"] == pytest.approx(left["cash"] + fee)
        assert ("cut down to what is left of the account" in text) == (left["cash"] == 0.0)


def test_a_trailing_stop_says_from_which_price_and_a_time_stop_since_when() -> None:
    rises = market(X=klines(100, 100, 102, 104, 110, (110, 110, 103, 104), 104))
    found = said(explained(recorded(rises, {1: buy(trailing_stop_percent=5.0)}, 6)))
    assert "it stood at 104.5 then" in found
    assert "that is 5 % from the best price since it follows, 110. " in found
    falls = market(X=klines(100, 100, 98, 96, 90, (90, 97, 90, 96), 96))
    found = said(explained(recorded(falls, {1: sell(trailing_stop_percent=5.0)}, 6)))
    assert "that is 5 % from the best price since it follows, 90. " in found
    found = said(explained(recorded(FLAT, {1: buy(max_holding_seconds=120.0)}, 6)))
    assert "it is due 120 s after the entry" in found


@pytest.mark.parametrize(("mode", "says"), [("market", True), ("limit", False)])
def test_a_leg_that_is_called_a_limit_and_trades_at_market_is_told(mode: str, says: bool) -> None:
    rises = market(X=klines(100, 100, 100, (100, 115, 100, 110), 110))
    found = said(explained(recorded(rises, {1: buy(take_profit_price=112.0)}, 5, bracket_execution=mode, **COSTS)))
    assert ("it trades at market, whatever its decision calls it (bracket_execution)" in found) is says
    assert ("(maker)" in found) is not says


def test_many_payments_and_many_parts_are_told_together() -> None:
    times = START + np.arange(60, 60 * 31, 60) * MINUTE
    flow = FlowHistory(funding_rate=TimedValues(times, np.full(len(times), 1e-4)))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 60 * 32), flow=flow)])
    parts = {60.0 * hour + 30.0: close(portion=0.05) for hour in range(1, 21)}
    told = recorded(history, {1: buy(), **parts, 1_850: close()}, 1_900)
    found = explained(told, 21)
    kinds = [what for what, _ in steps(found, "While it was open")]
    assert [kinds.count(each) for each in ("funding", "payments", "closed part", "closed parts")] == [2, 1, 2, 1]
    funding = [each["amount"] for each in told.all("funding")]
    closings = told.all("fill")[1:-1]
    assert facts(found, "payments") == {"payments": 28, "amount": pytest.approx(sum(funding[1:-1]))}
    assert facts(found, "closed parts")["pnl"] == pytest.approx(sum(each["pnl"] for each in closings[1:-1]))
    assert "And 28 further payments of funding up to the last one: " in said(found)
    assert "And 18 further parts were closed up to the last one: " in said(found)


def test_a_rebate_is_no_fee_below_nothing() -> None:
    fees = VenueRules(instruments={"X": Instrument("X", maker_fee=-0.01, taker_fee=-0.01)})
    found = explained(recorded(FLAT, {1: buy(), 3: close()}, 6, rules=fees))
    assert "PnL: 0.00 price + 1.00 rebates + 0.00 funding = +1.00 USD." in said(found)
    found = explained(recorded(FLAT, {1: buy(), 3: close()}, 6))
    assert "PnL: 0.00 price - 0.00 fees + 0.00 funding = 0.00 USD." in said(found)
