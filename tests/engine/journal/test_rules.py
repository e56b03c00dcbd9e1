"""Every rule of the table is named by the lines of some run, and the document has the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from engine import Decision, FlowHistory, MarketHistory, SymbolHistory, TimedValues, TradeRows, TriggerEvent
from engine.journal import RULES
from engine.venue import Instrument, MarginTier, VenueRules
from processes import TriggerTimes
from tests.conftest import ROOT
from tests.extensions.test_order_type import StopEntry
from tests.support.journals import Told, recorded
from tests.support.runs import MINUTE, START, buy, close, klines, market, sell

CALM = (100.0, 100.0, 100.0, 100.0)
#: No run names it: it stands in the list of versions alone.
OF_VERSIONS = {"figures-of-a-result"}


#: Steps of 1 coin and of half a USD, at least 200 USD, and at most 20 times leverage beyond 10,000 USD.
TIERS = (MarginTier(0.0, 50, 0.01, 0.0), MarginTier(10_000.0, 20, 0.025, 150.0))
STRICT = VenueRules(instruments={"X": Instrument("X", "0.5", size_step="1", min_notional=200.0, tiers=TIERS)})


def bid(limit: float) -> Decision:
    """A bid of 8 coins in a group."""
    return Decision("buy", "X", size=8.0, leverage=1, max_price=limit, time_in_force="Gtc", group="g")


def told(*rows: Any, order: Any = None, prepare: Any = lambda sim: None, minutes: float = 9, **fields: Any) -> Told:
    """A run of one order at minute 1, on minutes at 100 and then these."""
    history = market(X=klines(*CALM, *rows, *[rows[-1] if rows and not isinstance(rows[-1], tuple) else 100.0] * 6))
    return recorded(history, {1: order or buy()}, minutes, prepare, **fields)


def with_marks(*marks: float, klines_of: tuple[Any, ...] = (100.0,) * 10) -> MarketHistory:
    times = START + MINUTE * np.arange(1, len(marks) + 1)
    flow = FlowHistory(mark_price=TimedValues(times, np.array(marks)))
    return MarketHistory([SymbolHistory("X", klines(*klines_of), flow=flow)])


def of_rows() -> Told:
    """An order that waits for the mean price of a minute of which there are 15-second rows."""
    times = START + 15_000 * np.arange(1, 41)
    ones = np.ones(len(times))
    rows = TradeRows(times, ones, ones, ones * 100, ones * 100, ones * 100.0, ones * 100.5, ones * 99.5)
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 10), flow=FlowHistory(rows))])
    return recorded(history, {1: buy()}, 8, execution_price="vwap")


def of_finer_rows() -> Told:
    """A minute that reaches target and stop, with 15-second rows that tell which came first."""
    times, ones = START + 4 * MINUTE + 15_000 * np.arange(1, 5), np.ones(4)
    prices = np.array([100.0, 115.0, 95.0, 100.0]), np.array([99.0, 100.0, 85.0, 99.0])
    rows = TradeRows(times, ones, ones, ones * 100, ones * 100, ones * 100.0, *prices)
    base = klines(*CALM, WIDE, *[100.0] * 5)
    history = MarketHistory([SymbolHistory("X", base, flow=FlowHistory(rows))])
    return recorded(history, {1: BOTH}, 8, drill_down=True)


def of_funding() -> Told:
    flow = FlowHistory(funding_rate=TimedValues(np.array([START + 60 * MINUTE]), np.array([1e-4])))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 70), flow=flow)])
    return recorded(history, {1: buy()}, 65, wake_on=["funding"])


def pauses(begin: float, end: float) -> Callable[[Any], None]:
    def maintenance(sim: Any) -> Any:
        yield sim.at(round(START + begin * MINUTE))
        sim.exchange.pause("maintenance")
        yield sim.at(round(START + end * MINUTE))
        sim.exchange.resume()

    return lambda sim: sim.process(maintenance)


def own_order(sim: Any) -> None:
    def place(sim: Any) -> Any:
        yield sim.at(START + 2 * MINUTE)
        sim.exchange.place(StopEntry(sim.exchange, Decision("buy", "X", size=1.0, leverage=1), 105.0))

    sim.process(place)


def own_trigger(sim: Any) -> None:
    def say(sim: Any) -> Any:
        yield sim.at(START + 90_000)
        sim.bus.publish(TriggerEvent(sim.now, "signal", "X"))

    sim.process(say)


def stops(sim: Any) -> None:
    def stop(sim: Any) -> Any:
        yield sim.at(START + 5 * MINUTE)
        sim.stop("enough of it")

    sim.process(stop)


def fails(data: Any) -> None:
    raise ValueError("no")


def asks_ma(decision: Decision | None) -> Any:
    def asks(data: Any) -> Decision | None:
        data.get_indicator("X", "MA20", "1m")
        return decision

    return asks


def waits(data: Any) -> None:
    data.wake_at(data.timestamp + 20_000)


TARGET = {"take_profit_price": 110.0, "tp_execution": "market"}
STOP = {"stop_loss_price": 90.0, "sl_execution": "market"}
BOTH = buy(**TARGET, **STOP)
WIDE = (100, 115, 85, 100)
AS_DECIDED = {"bracket_execution": "as_decided"}
LIMITS = {"bracket_execution": "limit"}
LEVERED = buy(leverage=50, portion=0.9)
OUTAGE = [{"kind": "outage", "duration": "3m"}]

#: A run that names each rule.
RUNS: Mapping[str, Callable[[], Told]] = {
    "scheduled-tick": told,
    "signal-pool": lambda: told(signals=[TriggerTimes("X", [START + 90_000], "now")]),
    "order-wake-up": lambda: told((100, 115, 100, 110), order=buy(**TARGET), wake_on=["fill"]),
    "timer": lambda: told(order=waits),
    "own-trigger": lambda: told(prepare=own_trigger),
    "warm-up-held": lambda: told(order=asks_ma(buy())),
    "warm-up-closed": lambda: recorded(market(X=klines(*[100.0] * 9)), {1: buy(), 3: asks_ma(sell())}, 8),
    "warm-up-submitted": lambda: told(order=asks_ma(buy()), warm_up="trade"),
    "market-at-mark": lambda: recorded(with_marks(*[101.0] * 8), {1: buy()}, 6),
    "market-at-close": told,
    "resumption-price": lambda: told(85, 80, 80, order=buy(**STOP), prepare=pauses(3, 6)),
    "waiting-open": lambda: told(execution_price="open"),
    "waiting-vwap": of_rows,
    "waiting-typical": lambda: told(execution_price="vwap"),
    "works-on-at-close": lambda: told(order=buy(portion=0.9), volume_cap_percent=50.0),
    "time-stop": lambda: told(order=buy(max_holding_seconds=90)),
    "bracket-inside-kline": lambda: told((100, 115, 100, 110), order=BOTH),
    "bracket-both-stop-first": lambda: told(WIDE, order=BOTH),
    "bracket-both-target-first": lambda: told(WIDE, order=BOTH, intrabar="optimistic"),
    "bracket-both-nearest-open": lambda: told((101, 115, 85, 100), order=BOTH, intrabar="nearest_open"),
    "bracket-both-drilled": of_finer_rows,
    "gap-over-stop": lambda: told((85, 86, 84, 85), order=BOTH),
    "gap-over-target": lambda: told((115, 116, 114, 115), order=BOTH),
    "gap-over-limit-target": lambda: told((115, 116, 114, 115), order=BOTH, **LIMITS),
    "gap-over-limit-stop": lambda: told((85, 86, 84, 85), (85, 95, 85, 95), order=BOTH, **LIMITS),
    "trailing-inside-kline": lambda: told((100, 100, 94, 95), order=buy(trailing_stop_percent=5.0)),
    "gap-over-trailing": lambda: told((90, 91, 89, 90), order=buy(trailing_stop_percent=5.0)),
    "fits-the-balance": lambda: told(order=buy(portion=1.0), fee_rate=0.05),
    "no-balance": lambda: recorded(
        market(X=klines(*[100.0] * 9), Y=klines(*[100.0] * 9)), {1: [buy(portion=1.0), buy("Y")]}, 6
    ),
    "whole-steps": lambda: told(order=buy(portion=0.333), rules=STRICT),
    "whole-ticks": lambda: told(order=buy(max_price=98.7, time_in_force="Gtc"), rules=STRICT),
    "least-notional": lambda: told(order=buy(portion=0.011), rules=STRICT),
    "most-leverage": lambda: told(order=buy(leverage=40), rules=STRICT),
    "no-more-than-held": lambda: recorded(
        market(X=klines(*[100.0] * 9)), {1: buy(), 2: close(portion=0.0, size=99.0)}, 6
    ),
    "volume-cap": lambda: told(volume_cap_percent=50.0),
    "group-share": lambda: told(
        (100, 100, 97, 97, 8), order=[bid(98.0), bid(95.0)], volume_cap_percent=25.0, minutes=6
    ),
    "limit-traded-through": lambda: told((100, 100, 97, 99), order=buy(max_price=98.0, time_in_force="Gtc")),
    "limit-touched": lambda: told((100, 100, 98, 99), order=buy(max_price=98.0, time_in_force="Gtc"), fill_on="touch"),
    "trigger-inside-kline": lambda: told((100, 106, 100, 105), order=buy(trigger_price=105.0)),
    "gap-over-trigger": lambda: told((107, 108, 106, 107), order=buy(trigger_price=105.0)),
    "own-order-kind": lambda: told((100, 106, 100, 105), order=close(), prepare=own_order),
    "funding-at-settlement": of_funding,
    "maintenance-margin": lambda: told((100, 100, 90, 95), order=LEVERED),
    "liquidation-inside-kline": lambda: told((100, 100, 90, 95), order=LEVERED),
    "liquidation-at-open": lambda: told((90, 91, 89, 90), order=LEVERED),
    "liquidation-at-mark": lambda: recorded(with_marks(100, 100, 100, 100, 90, 90, 90, 90), {2: LEVERED}, 8),
    "liquidation-at-price": lambda: told(
        (90, 91, 88, 89), (89.5, 90, 87, 88.5), (100, 101, 99, 100), order=LEVERED, prepare=pauses(3, 6)
    ),
    "decision-taken": told,
    "latency": lambda: told(order_latency_ms=1_000),
    "waits-for-kline": lambda: told(execution_price="open"),
    "waits-for-trigger": lambda: told(order=BOTH),
    "rests-at-limit": lambda: told(order=buy(max_price=98.0, time_in_force="Gtc")),
    "part-filled": lambda: told(order=buy(portion=0.9), volume_cap_percent=50.0),
    "filled": told,
    "carried-out": lambda: recorded(
        market(X=klines(*[100.0] * 9)),
        {1: buy(max_price=98.0, time_in_force="Gtc", tag="a"), 2: Decision("cancel", "X", tag="a")},
        6,
    ),
    "amended": lambda: recorded(
        market(X=klines(*[100.0] * 9)),
        {1: buy(max_price=98.0, time_in_force="Gtc", tag="a"), 2: Decision("amend", "X", tag="a", max_price=97.0)},
        6,
    ),
    "ended-with-others": lambda: told((100, 115, 100, 110), order=BOTH),
    "refused": lambda: told(order=close()),
    "expired": lambda: told(order=buy(max_price=98.0, time_in_force="Gtc", expires_after_seconds=60.0)),
    "risk-limit": lambda: told(max_position_usd=10.0),
    "exchange-paused": lambda: told(prepare=pauses(3, 6)),
    "exchange-resumed": lambda: told(prepare=pauses(3, 6)),
    "fault-began": lambda: told(faults=OUTAGE),
    "fault-acted": lambda: told(faults=OUTAGE),
    "fault-ended": lambda: told(faults=OUTAGE),
    "program-failed": lambda: told(order=fails),
    "end-of-run": told,
    "stopped": lambda: told(prepare=stops),
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in OF_VERSIONS])
def test_a_run_names_the_rule(rule: str) -> None:
    assert rule in RUNS[rule]().rules()


def test_a_rule_is_a_stable_name_and_a_sentence() -> None:
    assert RUNS.keys() | OF_VERSIONS == RULES.keys()
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in RULES)
    assert len(set(RULES.values())) == len(RULES)


def table() -> str:
    """The rules as a Markdown table."""
    return "\n".join(["| Rule | |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in RULES.items())])


def test_the_document_has_the_table_of_the_code() -> None:
    text = (ROOT / "engine" / "journal" / "README.md").read_text("utf-8")
    (between,) = re.findall(r"<!-- rules -->\n(.*?)<!-- /rules -->", text, re.DOTALL)
    assert between.strip() == table(), "put there what table() makes"
