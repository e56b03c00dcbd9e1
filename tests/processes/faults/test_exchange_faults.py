"""What the exchange does while it is disturbed."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Decision, ExchangePaused, ExchangeResumed, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from tests.processes.faults.test_fault_starts import dealt
from tests.support.runs import HOUR, MINUTE, START, Script, buy, close, config, klines, market, walk, wired
from tests.support.worlds import world

FLAT = market(X=klines(*[100.0] * 60))


def scripted(history: MarketHistory, decisions: dict[float, Any], minutes: float, *faults: Any, **fields: Any) -> Any:
    """Run a script with faults; return the simulation, the result, and what was said of pauses."""
    script, said = Script(decisions), list[Any]()
    sim = wired(history, config(script, minutes, tuple(history.symbols), faults=list(faults), **fields))
    for kind in (ExchangePaused, ExchangeResumed):
        sim.bus.listen(kind, said.append)
    return sim, sim.run(), [(type(each).__name__, (each.timestamp - START) / MINUTE) for each in said]


def at(minute: float, minutes: float, kind: str = "outage", **given: Any) -> dict[str, Any]:
    return {"kind": kind, "start": START + round(minute * MINUTE), "duration": f"{minutes}m", **given}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("marks", ["none", "rows", "klines"])
@pytest.mark.parametrize("kind", ["outage", "outages", "outage beside all"])
def test_in_an_outage_nothing_fills_and_nothing_is_cancelled(seed, marks, kind):
    of, heard = world(seed, marks), list[Any]()
    faults = [at(8, 11), at(12.3, 13)] if kind == "outages" else [at(8, 17.3)]
    if kind == "outage beside all":
        faults += [{"kind": each} for each in ("latency", "rejects", "slow_program", "delayed_data", "fees", "wick")]
    for each in faults:
        each["start"] = each.get("start", START) + of.start_ms - START
    ran = dealt(of, *faults, heard=heard)
    begin, end = of.start_ms + 8 * MINUTE, of.start_ms + round(25.3 * MINUTE)
    within = [each for each in heard if begin < each.timestamp < end]
    done = [each for each in within if type(each).__name__ in ("Fill", "Liquidated")]
    cancelled = [each for each in within if type(each).__name__ == "OrderRejected" and each.was_pending]
    assert done == cancelled == []
    refused = [each for each in within if type(each).__name__ == "OrderRejected"]
    assert {each.reason for each in refused} <= {"exchange outage"}
    assert len(ran.sim.exchange.fills) > 3


def test_two_outages_that_overlap_are_one_that_lasts_until_the_later_ends():
    _, result, pauses = scripted(FLAT, {}, 40, at(5, 10), at(10, 15), at(20, 2))
    assert pauses == [("ExchangePaused", 5), ("ExchangeResumed", 25)]
    assert [text for text in result.warnings if text.startswith("fault")] == [
        "fault outage: once, 10m in all; no order, row or trigger was touched",
        "fault outage 2: once, 15m in all; no order, row or trigger was touched",
        "fault outage 3: once, 2m in all; no order, row or trigger was touched",
    ]


def test_an_outage_leaves_a_pause_of_a_users_own_alone():
    sim = wired(FLAT, config(Script({}), 40, faults=[at(5, 10)]))
    paused = []

    def maintenance(sim):
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.pause("maintenance")
        yield sim.at(START + 30 * MINUTE)
        paused.append(sim.exchange.pause_reason)
        sim.exchange.resume()

    sim.process(maintenance)
    sim.run()
    assert paused == ["maintenance"]


def test_in_an_outage_positions_stay_and_what_arrives_is_refused():
    decisions = {1: buy(), 6: close(), 16: close()}
    _, result, _ = scripted(FLAT, decisions, 30, at(5, 10))
    assert result.rejections == {"exchange outage": 1}
    assert [trade.exit_timestamp for trade in result.trades] == [START + 16 * MINUTE]
    assert "fault outage: once, 10m in all; orders refused: 1" in result.warnings


def test_an_order_that_is_under_way_when_an_outage_begins_is_refused():
    decisions = {4: buy()}
    _, result, _ = scripted(FLAT, decisions, 30, at(5, 10), order_latency_ms=2 * MINUTE)
    assert (result.rejections, result.trades) == ({"exchange outage": 1}, ())


def test_an_outage_over_a_liquidation_lets_it_wait_for_the_end():
    fallen = market(X=klines(*[100.0] * 10, *[70.0] * 5, *[100.0] * 30))
    for minutes, exits in ((0, ["liquidation"]), (3, ["liquidation"]), (8, [])):
        faults = [at(9.5, minutes)] if minutes else []
        _, result, _ = scripted(fallen, {1: buy(portion=0.9, leverage=5)}, 40, *faults)
        assert [trade.exit_reason for trade in result.trades] == exits
    _, result, _ = scripted(fallen, {1: buy(portion=0.9, leverage=5)}, 40, at(9.5, 3))
    assert [trade.exit_timestamp for trade in result.trades] == [START + round(12.5 * MINUTE)]


def test_an_outage_over_funding_lets_it_be_paid():
    flow = FlowHistory(funding_rate=TimedValues([START + HOUR], [0.01]))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 120), flow=flow)])
    _, result, _ = scripted(history, {1: buy()}, 90, at(50, 20))
    assert result.funding_received == pytest.approx(-50.0)


def test_an_outage_over_the_end_leaves_the_run_as_it_stands():
    _, result, pauses = scripted(FLAT, {1: buy(), 28: close()}, 30, at(20, 60))
    assert pauses == [("ExchangePaused", 20)]
    assert result.success
    assert len(result.open_positions) == 1
    assert result.rejections == {"exchange outage": 1}


def test_only_cancels_are_taken_and_what_is_pending_goes_on():
    falls = market(X=klines(*[100.0] * 10, *[97.0] * 10, *[100.0] * 20))
    rests = buy(max_price=90.0, time_in_force="Gtc", tag="low")
    fills = buy(max_price=98.0, time_in_force="Gtc", tag="near", portion=0.2)
    decisions = {1: rests, 2: fills, 6: Decision("cancel", "X", tag="low"), 7: close(), 8: buy(), 35: close()}
    sim, result, _ = scripted(falls, decisions, 38, at(5, 20, "cancel_only"))
    assert result.rejections == {"exchange takes cancels only": 2, "cancelled by a decision": 1}
    assert next((each.price, each.timestamp) for each in sim.exchange.fills) == (98.0, START + 11 * MINUTE)
    assert "fault cancel_only: once, 20m in all; orders refused: 2" in result.warnings


@pytest.mark.parametrize("kind", ["cancel_only", "rejects", "delisting"])
def test_of_one_symbol_alone_the_others_know_nothing(kind):
    history = market(X=klines(*[100.0] * 60), Y=klines(*[50.0] * 60))
    strong = {"percent": 100.0} if kind == "rejects" else {}
    decisions = {6: buy("X"), 7: buy("Y")}
    sim, result, _ = scripted(history, decisions, 30, at(5, 20, kind, symbols=["X"], **strong))
    assert [each.symbol for each in sim.exchange.fills] == ["Y"]
    assert sum(result.rejections.values()) == 1


@pytest.mark.parametrize("percent", [10.0, 50.0, 100.0])
def test_chance_refuses_its_share_of_the_orders(percent):
    decisions = {minute: buy(portion=0.001) for minute in range(1, 400)}
    _, result, _ = scripted(market(X=klines(*[100.0] * 420)), decisions, 400, {"kind": "rejects", "percent": percent})
    refused = result.rejections["rejected by chance"]
    assert abs(refused - 3.99 * percent) < 35
    assert any(f"orders refused: {refused}" in text for text in result.warnings)


def test_intensity_multiplies_the_share():
    decisions = {minute: buy(portion=0.001) for minute in range(1, 400)}
    refused = [
        scripted(market(X=klines(*[100.0] * 420)), decisions, 400, {"kind": "rejects", "percent": 20.0, **given})[1]
        for given in ({"intensity": 2.0}, {"percent": 40.0})
    ]
    assert refused[0].digest == refused[1].digest


def test_a_delisting_closes_cancels_and_takes_nothing_more():
    decisions = {1: buy(), 2: buy(max_price=90.0, time_in_force="Gtc"), 12: buy(), 13: close()}
    _, result, _ = scripted(FLAT, decisions, 40, {"kind": "delisting", "start": START + 10 * MINUTE})
    assert [trade.exit_timestamp for trade in result.trades] == [START + 10 * MINUTE]
    assert [trade.exit_decision_reason for trade in result.trades] == ["symbol delisted"]
    assert result.rejections == {"symbol delisted": 3}
    assert (
        "fault delisting: once, 30m in all; orders cancelled: 1, positions closed: 1, orders refused: 2"
        in result.warnings
    )


def test_the_program_gets_no_data_of_what_is_delisted():
    history = market(X=walk(60), Y=walk(60, 2))
    script = Script({})
    fault = {"kind": "delisting", "start": START + 10 * MINUTE, "symbols": ["X"], "duration": "20m"}
    wired(history, config(script, 40, ("X", "Y"), faults=[fault])).run()
    seen = {minute: data.get_klines("X", "1m", 1)[-1].timestamp for minute, data in script.seen.items()}
    assert (seen[9], seen[10], seen[29], seen[31]) == tuple(START // 1000 + 60 * minute for minute in (8, 8, 8, 30))
    others = {minute: data.get_klines("Y", "1m", 1)[-1].timestamp for minute, data in script.seen.items()}
    assert all(others[minute] == START // 1000 + 60 * (minute - 1) for minute in range(1, 40))


def test_a_delisting_in_an_outage_closes_after_it():
    _, result, _ = scripted(FLAT, {1: buy()}, 40, at(9, 5), {"kind": "delisting", "start": START + 10 * MINUTE})
    assert [trade.exit_timestamp for trade in result.trades] == [START + 14 * MINUTE]


def test_what_an_outage_holds_up_and_a_delisting_cancels_is_counted():
    history = market(X=klines(*[100.0] * 12, 95.0, *[95.0] * 47))
    decisions = {1: buy(stop_loss_price=97.0), 2: buy(max_price=90.0, time_in_force="Gtc")}
    _, held_up, _ = scripted(history, decisions, 40, at(10, 10))
    assert [(trade.exit_reason, (trade.exit_timestamp - START) / MINUTE) for trade in held_up.trades] == [("sl", 20.0)]
    assert "fault outage: once, 10m in all; orders held up: 2" in held_up.warnings
    _, delisted, _ = scripted(history, decisions, 40, at(10, 10, "delisting"))
    assert "fault delisting: once, 10m in all; orders cancelled: 2, positions closed: 1" in delisted.warnings


def test_a_stop_that_the_kline_before_a_delisting_has_touched_fills():
    history = market(X=klines(*[100.0] * 9, (100.0, 100.0, 96.0, 99.0), *[99.0] * 50))
    _, result, _ = scripted(history, {1: buy(stop_loss_price=97.0)}, 40, at(10, 10, "delisting"))
    assert [(trade.exit_reason, trade.exit_price) for trade in result.trades] == [("sl", 97.0)]


def test_a_liquidation_price_that_is_passed_in_an_outage_is_judged_at_the_price_of_its_end():
    prices = [100.0] * 12 + [70.0] * 5 + [72.0] * 2 + [(72.0, 75.0, 71.0, 74.0), (73.0, 73.0, 73.0, 73.0)] + [73.0] * 30
    _, result, _ = scripted(market(X=klines(*prices)), {1: buy(portion=0.9, leverage=5)}, 40, at(10, 10))
    assert [(trade.exit_reason, trade.exit_price) for trade in result.trades] == [("liquidation", 74.0)]
    back = [100.0] * 12 + [70.0] * 5 + [100.0] * 40
    _, borne, _ = scripted(market(X=klines(*back)), {1: buy(portion=0.9, leverage=5)}, 40, at(10, 10))
    assert borne.trades == ()


def test_a_delisting_in_an_outage_asks_for_nothing_until_that_is_over():
    _, result, _ = scripted(FLAT, {1: buy()}, 40, at(10, 10), at(15, 15, "delisting"))
    assert [(trade.exit_timestamp - START) / MINUTE for trade in result.trades] == [20.0]
    assert result.rejections == {}
    assert "fault outage: once, 10m in all; no order, row or trigger was touched" in result.warnings
