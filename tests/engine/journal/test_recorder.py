"""What is recorded, in which order, and what has led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine import Decision, FlowHistory, MarketHistory, Simulation, SymbolHistory, TimedValues, TriggerEvent
from processes import TriggerTimes, make_executor, start_standard_processes
from tests.extensions.test_order_type import StopEntry
from tests.support.journals import Told, recorded
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, sell, wired

FLAT = market(X=klines(*[100.0] * 12))
RISE = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
BRACKET = {"take_profit_price": 112.0, "stop_loss_price": 90.0}


def test_a_trade_is_told_step_by_step() -> None:
    told = recorded(RISE, {1: buy(**BRACKET)}, 4.5)
    assert told.timeline() == [
        (1, "trigger", "scheduled-tick"),
        (1, "decision", None),
        (1, "submit", "decision-taken"),
        (1, "fill", "market-at-close"),
        (1, "arm", "waits-for-trigger"),
        (1, "arm", "waits-for-trigger"),
        (1, "fill", "filled"),
        (2, "trigger", "scheduled-tick"),
        (3, "trigger", "scheduled-tick"),
        (4, "cancel", "ended-with-others"),
        (4, "fill", "filled"),
        (4, "fill", "bracket-inside-kline"),
        (4, "trigger", "scheduled-tick"),
    ]


def test_an_exit_leads_back_to_the_trigger_of_its_entry() -> None:
    told = recorded(RISE, {1: buy(**BRACKET)}, 4.5)
    exit_fill = told.one("fill", purpose="tp")
    assert told.chain(exit_fill) == ["trigger", "decision", "submit", "fill", "arm", "fill", "fill"]
    cancelled = told.one("order", event="cancel")
    assert told.chain(cancelled) == ["trigger", "decision", "submit", "fill", "arm", "cancel"]
    assert told.records[cancelled["cause"]]["order"] == exit_fill["order"] != cancelled["order"]


def test_the_legs_of_a_bracket_say_what_they_are() -> None:
    told = recorded(RISE, {1: buy(**BRACKET, tag="dip")}, 4.5)
    target, stop = told.all("order", event="arm")
    assert (target["kind"], target["trigger"], target["side"]) == ("Take Profit Limit", 112.0, "Sell")
    assert (stop["kind"], stop["trigger"], stop["tag"]) == ("Stop Limit", 90.0, "dip")
    assert target["size"] == told.one("fill", purpose="entry")["size"]


def test_an_order_with_latency_leads_back_to_its_decision() -> None:
    told = recorded(FLAT, {1: buy()}, 4, order_latency_ms=70_000)
    assert told.chain(told.one("fill")) == ["trigger", "decision", "submit", "fill"]
    assert told.chain(told.one("order", event="send")) == ["trigger", "decision", "send"]
    assert told.one("fill")["at"] - told.one("decision")["at"] == 70_000


def test_each_of_several_decisions_leads_to_its_own_orders() -> None:
    answer = [buy(portion=0.1), Decision("hold", ""), sell(portion=0.2, tag="b", size=None), Decision("hold", "")]
    told = recorded(FLAT, {1: lambda data: answer}, 3)
    decisions = told.all("decision")
    assert [each["decision"]["operation"] for each in decisions] == ["buy", "hold", "sell", "hold"]
    assert {each["cause"] for each in decisions} == {told.one("trigger", at=START + MINUTE)["id"]}
    submitted = told.all("order", event="submit")
    assert [told.records[each["cause"]]["decision"]["operation"] for each in submitted] == ["buy", "sell"]
    sold = [each for each in told.all("fill") if each["side"] == "sell"]
    assert {told.records[told.records[each["cause"]]["cause"]]["id"] for each in sold} == {decisions[2]["id"]}


def test_holds_are_told_whether_they_are_alone_or_not() -> None:
    told = recorded(FLAT, {1: Decision("hold", "", reason="calm"), 2: lambda data: [Decision("hold", "")] * 2}, 3)
    assert [(each["at"], each["decision"]) for each in told.all("decision")] == [
        (START + MINUTE, {"operation": "hold", "reason": "calm"}),
        (START + 2 * MINUTE, {"operation": "hold"}),
        (START + 2 * MINUTE, {"operation": "hold"}),
    ]


def test_what_was_asked_and_logged_stands_after_the_trigger() -> None:
    def asks(data: Any) -> None:
        data.get_price("X")

    told = recorded(FLAT, {1: asks, 2: asks}, 3, record_queries=True)
    asked = told.all("asked")
    assert [told.chain(each) for each in asked] == [["trigger", "asked"]] * 2
    assert [query["query"] for each in asked for query in each["queries"]] == ["get_price"] * 2
    assert recorded(FLAT, {1: asks}, 3).all("asked") == []


def test_a_fill_that_wakes_the_program_is_the_cause_of_the_trigger() -> None:
    told = recorded(RISE, {1: buy(**BRACKET), 4: close()}, 6, wake_on=["fill"], scheduled_interval=None, signals=[
        TriggerTimes("X", [START + MINUTE], "go")
    ])  # fmt: skip
    woken = told.one("trigger", trigger="order")
    assert told.records[woken["cause"]] == told.one("fill", purpose="tp")
    assert told.chain(told.one("rejected"))[-5:] == ["trigger", "decision", "submit", "reject", "rejected"]


def test_a_time_that_was_asked_for_leads_back_to_the_trigger_that_asked() -> None:
    told = recorded(FLAT, {2: lambda data: data.wake_at(START + 200_000)}, 5)
    woken = told.one("trigger", trigger="timer")
    assert (woken["at"], told.records[woken["cause"]]["at"]) == (START + 200_000, START + 2 * MINUTE)


def test_funding_leads_back_to_the_fill_that_opened() -> None:
    flow = FlowHistory(funding_rate=TimedValues(START + np.array([60, 120]) * MINUTE, np.array([1e-4, 2e-4])))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 130), flow=flow)])
    told = recorded(history, {1: buy(portion=0.1), 3: buy(portion=0.1), 70: close(), 72: buy()}, 125)
    first, second = told.all("funding")
    entries = told.all("fill", purpose="entry")
    assert [told.records[each["cause"]] for each in (first, second)] == [entries[0], entries[2]]
    assert first["row"] == ["funding", "X", START + 60 * MINUTE]
    assert first["postings"] == [["funding", first["amount"]]]


def test_a_liquidation_leads_back_to_the_fill_that_opened() -> None:
    history = market(X=klines(100, 100, 100, (100, 100, 90, 95), 95, 95))
    told = recorded(history, {1: buy(leverage=50, portion=0.9)}, 5)
    closed = told.one("fill", purpose="liquidation")
    assert told.chain(closed) == ["trigger", "decision", "submit", "fill", "margin", "fill"]
    assert told.records[told.one("liquidated")["cause"]] == closed


def test_a_pause_and_a_message_of_ones_own_lead_to_what_comes_of_them() -> None:
    @dataclass(frozen=True)
    class Outage:
        hours: float
        rule: str = "exchange-paused"

    def outage(sim: Simulation) -> Any:
        yield sim.at(START + 90_000)
        sim.bus.publish(Outage(1.5))
        sim.exchange.pause("outage")
        yield sim.at(START + 150_000)
        sim.exchange.resume()

    told = recorded(FLAT, {2: buy()}, 4, lambda sim: sim.process(outage))
    said = told.one("Outage")
    assert (said["fields"], said["rule"], said["cause"]) == (
        {"hours": 1.5, "rule": "exchange-paused"},
        "exchange-paused",
        None,
    )
    assert told.records[told.one("exchange paused")["cause"]] == said
    assert told.one("exchange resumed")["cause"] is None  # later, nothing was said
    assert told.one("rejected")["reason"] == "outage"


def test_what_a_process_of_ones_own_submits_is_told_with_its_name() -> None:
    def hedger(sim: Simulation) -> Any:
        yield sim.at(START + 90_000)
        yield sim.exchange.submit(sell(reason="hedge"), TriggerEvent(sim.now, "signal", "X", pool_name="own"))

    told = recorded(FLAT, {3: close()}, 5, lambda sim: sim.process(hedger))
    decision = told.one("decision", at=START + 90_000)
    assert decision["own"] == {
        "order": None,
        "process": "main/hedger",
        "trigger": {"pool": "own", "signals": [], "trigger": "signal"},
    }
    assert told.chain(told.one("fill", purpose="entry")) == ["decision", "submit", "fill"]
    (trade,) = told.result.trades
    assert (trade.pool_name, trade.reason) == ("own", "hedge")


def test_an_order_of_ones_own_kind_trades_as_a_decision_that_is_told() -> None:
    def place(sim: Simulation) -> Any:
        yield sim.at(START + 2 * MINUTE)
        sim.exchange.place(StopEntry(sim.exchange, Decision("buy", "X", size=1.0, leverage=1), 105.0))

    told = recorded(RISE, {}, 6, lambda sim: sim.process(place))
    fill = told.one("fill")
    assert told.chain(fill) == ["arm", "decision", "fill"]
    assert (fill["rule"], fill["row"], fill["before_slippage"]) == (
        "own-order-kind",
        ["klines", "X", START + 3 * MINUTE],
        105.0,
    )


def test_a_message_is_told_as_it_was_said() -> None:
    class Note:
        def __init__(self) -> None:
            self.texts = ["before"]

    def say(sim: Simulation) -> Any:
        yield sim.at(START + MINUTE)
        note = Note()
        sim.bus.publish(note)
        note.texts.append("after")
        sim.bus.publish("a text")
        sim.bus.publish(type("fill", (), {})())

    told = recorded(FLAT, {}, 2, lambda sim: sim.process(say))
    assert told.one("Note")["fields"] == {"texts": ["before"]}
    assert told.one("str")["fields"] == {"text": "a text"}
    assert told.one("own fill")["fields"] == {"text": "<fill>"}


def test_messages_that_are_announced_are_told_at_their_instants() -> None:
    @dataclass(frozen=True)
    class Bell:
        number: int

    def listens(sim: Simulation) -> Any:
        inbox = sim.subscribe(Bell)
        while not sim.is_over:
            yield inbox.batch()

    def rings(sim: Simulation) -> Any:
        yield sim.announce(Bell, ((START + n * 45_000, [Bell(n)]) for n in (1, 2, 3)))

    told = recorded(FLAT, {}, 4, lambda sim: (sim.process(listens), sim.process(rings)))
    assert [(each["at"] - START, each["fields"]["number"]) for each in told.all("Bell")] == [
        (45_000, 1),
        (90_000, 2),
        (135_000, 3),
    ]


def test_a_change_of_an_order_and_of_exits_is_told() -> None:
    resting = buy(max_price=90.0, time_in_force="Gtc", tag="low")
    told = recorded(
        FLAT,
        {
            1: buy(**BRACKET, tag="held"),
            2: resting,
            3: Decision("amend", "X", tag="low", max_price=91.0),
            4: Decision("amend", "X", tag="held", stop_loss_price=95.0),
            5: Decision("cancel", "X", tag="low"),
        },
        8,
    )
    order, stop = told.all("order", event="amend")
    assert (order["limit"], stop["trigger"], stop["kind"]) == (91.0, 95.0, "Stop Limit")
    assert [told.records[each["cause"]]["operation"] for each in (order, stop)] == ["amend", "amend"]
    cancelled = told.one("order", event="cancel")
    assert told.records[cancelled["cause"]]["operation"] == "cancel"


def test_a_resumption_changes_no_order() -> None:
    def maintenance(sim: Simulation) -> Any:
        yield sim.at(START + 2 * MINUTE + 1)
        sim.exchange.pause("maintenance")
        yield sim.at(START + 3 * MINUTE + 1)
        sim.exchange.resume()

    resting = buy(max_price=90.0, time_in_force="Gtc")
    told = recorded(FLAT, {1: buy(portion=0.1, **BRACKET), 2: resting}, 6, lambda sim: sim.process(maintenance))
    assert told.all("order", event="amend") == []


def test_a_limit_that_shrinks_as_it_fills_is_not_amended() -> None:
    dips = [(100, 100, 97, 99, 10.0)] * 4
    history = market(X=klines(100, 100, *dips, 100, 100))
    order = buy(max_price=98.0, time_in_force="Gtc", portion=0.9)
    told = recorded(history, {1: order}, 7, volume_cap_percent=50.0)
    assert len(told.all("fill")) > 2
    assert told.all("order", event="amend") == []
    assert {told.records[each["cause"]]["order"] for each in told.all("fill")} == {1}


def test_a_lost_decision_to_open_says_what_was_too_short() -> None:
    def asks(data: Any) -> Decision:
        data.get_indicator("X", "MA20", "1m")
        return buy()

    told = recorded(FLAT, {3: asks}, 5)
    decision = told.one("decision")
    assert (decision["rule"], decision["warm_up"]["indicator"], decision["warm_up"]["klines"]) == (
        "warm-up-held",
        "MA20",
        3,
    )
    assert told.all("order") == []


def test_a_program_that_fails_is_told_after_its_trigger() -> None:
    def fails(data: Any) -> None:
        raise ValueError("no idea")

    told = recorded(FLAT, {1: fails, 2: buy()}, 4, on_strategy_error="hold")
    failed = told.one("program failed")
    assert "no idea" in failed["error"]
    assert told.records[failed["cause"]] == told.one("trigger", at=START + MINUTE)
    assert told.records[-1]["why"] == "end"


def stopped(told: Told) -> tuple[str, str | None, int]:
    end = told.records[-1]
    return end["why"], end["error"], len(told.all("trigger"))


def test_a_run_that_ends_early_has_a_journal_to_there() -> None:
    def stop(sim: Simulation, error: str | None, interrupted: bool) -> Any:
        yield sim.at(START + 150_000)
        sim.stop(error, interrupted)

    for error, interrupted, why in (("enough", False, "failed"), (None, True, "interrupted"), (None, False, "end")):
        told = recorded(FLAT, {1: buy()}, 9, lambda sim, ends=(error, interrupted): sim.process(stop, *ends))
        assert stopped(told) == (why, error, 2)
    told = recorded(FLAT, {2: lambda data: 1 / 0}, 9)
    assert stopped(told)[::2] == ("failed", 2)


def test_a_run_that_is_stopped_while_an_order_arrives_is_told_whole() -> None:
    def stop(sim: Simulation) -> Any:
        yield sim.at(START + MINUTE)
        sim.exchange.checks.append(lambda decision, now: sim.stop("in the middle"))

    told = recorded(FLAT, {1: buy(), 2: buy()}, 5, lambda sim: sim.process(stop))
    assert told.records[-1]["error"] == "in the middle"
    assert [each["message"] for each in told.records[1:4]] == ["trigger", "decision", "order"]


def test_a_run_in_an_environment_of_a_host_has_the_same_journal() -> None:
    import simpy

    settings = config(Script({1: buy(**BRACKET)}), 8)
    alone = wired(RISE, settings, record_journal=True).run()
    env = simpy.Environment(initial_time=START - 5)
    hosted = Simulation(RISE, config(Script({1: buy(**BRACKET)}), 8), env, record_journal=True)
    start_standard_processes(hosted, make_executor(hosted.config))
    hosted.start()
    env.run(until=hosted.done)
    assert alone.journal is not None
    assert hosted.result().journal is not None
    assert hosted.result().journal.lines == alone.journal.lines


def test_two_simulations_of_one_environment_have_a_journal_each() -> None:
    import simpy

    env = simpy.Environment(initial_time=START)
    sims = []
    for name in ("one", "two"):
        sim = Simulation(RISE, config(Script({1: buy(**BRACKET)}), 8), env, name, record_journal=name == "one")
        start_standard_processes(sim, make_executor(sim.config))
        sim.start()
        sims.append(sim)
    env.run(until=simpy.AllOf(env, [sim.done for sim in sims]))
    one, two = (sim.result() for sim in sims)
    assert one.digest == two.digest
    assert two.journal is None
    assert two.journal_head is None
    assert one.journal is not None
    assert len([each for each in one.journal.records() if each["message"] == "fill"]) == 2


@pytest.mark.parametrize("kind", ["rows", "klines"])
def test_a_mark_that_is_watched_is_told_beside_what_has_traded(kind: str) -> None:
    marks = [100, 100, 100, 95, 85, 85, 85, 85]
    times = START + MINUTE * np.arange(1, 9)
    flow = FlowHistory(mark_price=TimedValues(times, np.array(marks, float))) if kind == "rows" else None
    columns = klines(100, 100, 100, (100, 100, 94, 95), (95, 95, 84, 85), 85, 85, 85) if kind == "klines" else None
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 9), flow=flow, mark_klines=columns)])
    order = buy(stop_loss_price=90.0, sl_execution="market")
    told = recorded(history, {1: order}, 7, trigger_price="mark", bracket_execution="market")
    fill = told.one("fill", purpose="sl")
    if kind == "rows":
        assert (fill["row"], fill["seen"]) == (["marks", "X", START + 5 * MINUTE], None)
    else:
        assert (fill["row"], fill["seen"]) == (
            ["klines", "X", START + 4 * MINUTE],
            ["mark_klines", "X", START + 4 * MINUTE],
        )
        assert (fill["mark"], fill["before_slippage"]) == (90.0, 100.0)


def test_what_a_source_of_ones_own_tells_may_be_of_any_kind() -> None:
    def tells(sim: Simulation) -> Any:
        yield sim.at(START + 90_000)
        sim.bus.publish(TriggerEvent(sim.now, "bell", "X", 7, "é", triggered_signals=({"x": {1}},), market_regime={2}))

    told = recorded(FLAT, {1.5: buy()}, 3, lambda sim: sim.process(tells))
    woken = told.one("trigger", symbol="X")
    assert (woken["trigger"], woken["rule"]) == ("bell", "signal-pool")
    assert woken["pool"] == {"id": 7, "logic": "OR", "name": "é"}
    assert (woken["signals"], woken["regime"], woken["row"]) == ([{"x": [1]}], [2], None)
