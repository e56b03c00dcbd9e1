"""Which trigger opened, closed and added to a trade and which moved its exit, against what the account knows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.orders import OrderColumns, order_columns
from adapters.report.memory_description import describe_result
from adapters.report.trades import Links, trigger_links
from engine import BacktestResult, Decision, InProcessExecutor
from engine.exchange import REJECTED, OrderState
from processes import strategy_agent
from tests.support.eventful_run import eventful_result
from tests.support.runs import START, buy, config, market, run_script, walk, wired

SYMBOLS = ("X", "Y")
MINUTES = 150


class Erratic:
    """Does what chance says, and gives each decision a reason that no other one has."""

    def __init__(self, name: str, seed: int) -> None:
        self._name, self._random, self._count = name, Random(seed), 0

    def should_trade(self, data: Any) -> list[Decision] | None:
        random = self._random
        return [self._decision(data) for _ in range(random.choice((0, 0, 1, 1, 2)))] or None

    def _decision(self, data: Any) -> Decision:
        random, symbol = self._random, self._random.choice(SYMBOLS)
        self._count += 1
        said = {"reason": f"{self._name} {self._count}", "tag": random.choice(("", "a", "b"))}
        price, held = data.get_price(symbol), data.positions.get(symbol)
        operation = random.choice(("buy", "sell", "close", "close", "amend", "cancel"))
        if operation == "cancel":
            return Decision("cancel", symbol, **{**said, "tag": "a"})
        if operation == "amend":
            sign = -1 if held is not None and held.side == "short" else 1
            level = price * (1 - sign * random.uniform(0.0005, 0.002))
            return Decision("amend", symbol, **{**said, "tag": random.choice("ab")}, stop_loss_price=level)
        if operation == "close":
            return Decision("close", symbol, **said, target_portion_of_balance=random.choice((0.3, 1.0)))
        return Decision(operation, symbol, **said, **self._entry(price, 1 if operation == "buy" else -1))

    def _entry(self, price: float, sign: int) -> dict[str, Any]:
        random = self._random
        exits = random.choice(
            (
                {},
                {"stop_loss_price": price * (1 - sign * 0.002), "take_profit_price": price * (1 + sign * 0.002)},
                {"trailing_stop_percent": 0.2},
                {"max_holding_seconds": 900},
            )
        )
        limit = {"max_price" if sign > 0 else "min_price": price * (1 - sign * 0.0005), "time_in_force": "Gtc"}
        share = {"target_portion_of_balance": random.choice((0.05, 0.1, 3.0)), "leverage": random.choice((1, 2, 40))}
        return {**share, **exits, **random.choice(({}, limit))}


def erratic_run(seed: int, programs: int, **fields: Any) -> BacktestResult:
    """Return a run of one program or of two on one account."""
    spans = market(**{symbol: walk(MINUTES + 10, seed + place) for place, symbol in enumerate(SYMBOLS)})
    sim = wired(spans, config(Erratic("first", seed), MINUTES, SYMBOLS, margin_mode="isolated", **fields))
    for number in range(1, programs):
        sim.process_named(
            f"program {number}", strategy_agent, InProcessExecutor(Erratic(f"program {number}", seed + number), {})
        )
    return sim.run()


def asked_at(result: BacktestResult) -> dict[str, int]:
    """Return by the reason of each decision the index of its trigger."""
    log = result.trigger_log.records.eventful()
    return {answer.decision[_REASON]: index for index, record in log for answer in record.answers}


_REASON = [*Decision("buy", "X", reason="here").to_dict()].index("reason")


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from((1, 2)), st.sampled_from((0, 700, 90_000)))
def test_links_are_those_of_the_account(seed: int, programs: int, latency: int) -> None:
    result = erratic_run(seed, programs, order_latency_ms=latency)
    at, found = asked_at(result), describe_result(result).links
    assert found.note == ""
    held: dict[str, list[str]] = {}
    closings = iter(zip(result.trades.closings, found.of_trades, strict=True))  # type: ignore[attr-defined]
    for fill in result.fill_records:  # the book is kept once more, by the reasons that fills have of their decisions
        entered = held.setdefault(fill.symbol, [])
        if fill.purpose == "entry":
            entered.append(fill.origin.reason)
            continue
        closing, links = next(closings)
        by_role = {each.role: each.trigger for each in links}
        assert by_role["opened"] == at[closing.held.origin.reason] == at[entered[0]]
        assert by_role["closed"] == (None if fill.origin is None else at[fill.origin.reason])
        further = {at[reason] for reason in entered} - {at[entered[0]]}
        assert {each.trigger for each in links if each.role == "added to"} == further
        if closing.held.share(fill.size) == 1.0:
            entered.clear()
    assert next(closings, None) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from((0, 700)))
def test_what_moved_an_exit_asked_for_the_level_that_it_filled_at(seed: int, latency: int) -> None:
    result = erratic_run(seed, 2, order_latency_ms=latency)
    records = dict(result.trigger_log.records.eventful())
    for trade, links in zip(result.trades, describe_result(result).links.of_trades, strict=True):
        for moved in [each.trigger for each in links if each.role == "moved the exit of"]:
            assert trade.exit_reason == "sl"
            answers = [each.to_dict() for each in records[moved].answers]
            levels = [
                each["decision"]["stop_loss_price"]
                for each in answers
                if each["decision"]["operation"] == "amend"
                and each["decision"]["symbol"] == trade.symbol
                and each["order"]["status"] in (OrderState.CARRIED_OUT, OrderState.IN_FLIGHT)
            ]
            assert any(_can_fill(trade, level) for level in levels)


def _can_fill(trade: Any, level: float) -> bool:
    """Tell whether a stop there can have filled at a price: there, or beyond where the market has jumped."""
    return trade.exit_price <= level * 1.0001 if trade.side == "long" else trade.exit_price >= level * 0.9999


def test_runs_of_chance_have_what_they_are_to_have() -> None:
    runs = [erratic_run(seed, 2, order_latency_ms=90_000) for seed in range(6)]
    roles = [link.role for run in runs for links in describe_result(run).links.of_trades for link in links]
    assert set(roles) == {"opened", "closed", "added to", "moved the exit of"}
    reasons = {str(trade.exit_reason) for run in runs for trade in run.trades}
    assert reasons >= {"decision", "sl", "tp", "trailing", "time"}
    assert any(trade.timestamp < trade.entry_timestamp for run in runs for trade in run.trades)
    notes = [note for run in runs for note in (run.order_notes.orders if run.order_notes else ())]
    assert sum(note.what == REJECTED for note in notes) > 20


def script_links(script: dict[float, Any], minutes: int = 100) -> tuple[BacktestResult, Links]:
    history = market(X=walk(600, volatility=0.0005))
    _, _, result = run_script(history, script, minutes)
    return result, describe_result(result).links


def test_a_moved_stop_names_who_moved_it_and_an_untouched_one_its_entry() -> None:
    def bought(data: Any) -> Decision:
        price = data.get_price("X")
        return buy(stop_loss_price=price * 0.9, take_profit_price=price * 1.2, tag="a", portion=0.2)

    def moved(data: Any) -> Decision:
        return Decision("amend", "X", tag="a", stop_loss_price=data.get_price("X") * 0.99999)

    result, links = script_links({10: bought, 20: moved, 40: lambda data: buy(max_holding_seconds=600)})
    assert [str(trade.exit_reason) for trade in result.trades] == ["sl", "time"]
    at = {(record["timestamp"] - START) // 60_000: record["index"] for record in result.trigger_log}
    first, second = links.of_trades
    assert [(each.role, each.trigger) for each in first] == [
        ("opened", at[10]), ("closed", None), ("moved the exit of", at[20])
    ]  # fmt: skip
    assert first[1].note == "No trigger closed it: stop-loss, an exit of its entry, amended since."
    assert [(each.role, each.trigger) for each in second] == [("opened", at[40]), ("closed", None)]
    assert links.of_triggers[at[20]] == [{"number": 1, "role": "moved the exit of"}]


def test_exits_that_stood_and_liquidations_have_no_trigger() -> None:
    result = eventful_result()
    links = describe_result(result).links.of_trades
    notes = {str(trade.exit_reason): each[1].note for trade, each in zip(result.trades, links, strict=True)}
    assert notes["liquidation"] == "No trigger closed it: liquidation, the venue."
    assert all(each[1].trigger is None for trade, each in zip(result.trades, links, strict=True) if
               trade.exit_reason != "decision")  # fmt: skip


def without(columns: OrderColumns, name: str) -> OrderColumns:
    return {**columns, "fills": {key: column for key, column in columns["fills"].items() if key != name}}


def test_orders_that_were_stored_without_who_moved_exits_tell_the_rest() -> None:
    result = erratic_run(3, 1)
    columns, trades = order_columns(result), [trade.to_dict() for trade in result.trades]
    assert columns is not None
    links = trigger_links(trades, without(columns, "moved"), lambda: iter(())).of_trades
    whole = describe_result(result).links.of_trades
    known = ("opened", "added to")
    assert [[each for each in of if each.role in known] for of in links] == [
        [each for each in of if each.role in known] for of in whole
    ]


def test_what_no_program_has_decided_has_no_trigger() -> None:
    """A process of one's own buys at the exchange itself, and the program closes what it has bought."""

    def buys(sim: Any) -> Iterator[Any]:
        yield sim.at(START + 10 * 60_000)
        sim.exchange.submit(buy(), None)

    history = market(X=walk(600, volatility=0.0005))
    sim = wired(history, config(Closes(), 30))
    sim.process(buys)
    (links,) = describe_result(sim.run()).links.of_trades
    assert [(each.role, each.trigger is None) for each in links] == [("opened", True), ("closed", False)]
    assert links[0].note == "No trigger opened it: what did is no decision of the program."


class Closes:
    def should_trade(self, data: Any) -> Decision | None:
        return Decision("close", "X") if data.positions else None


@pytest.mark.parametrize("orders", [None, {"fills": {}}], ids=["an older version", "this one"])
def test_a_run_without_trades_has_no_links(orders: OrderColumns | None) -> None:
    assert trigger_links([], orders, lambda: iter(())) == ([], {}, {}, "")
