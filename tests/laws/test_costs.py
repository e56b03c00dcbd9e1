"""What a trigger, a trade and a pending order cost, counted in what does not depend on the machine."""

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest
import simpy

from adapters import synthetic_klines
from engine import (
    BacktestConfig,
    Decision,
    IndicatorCondition,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    Simulation,
    SymbolHistory,
)
from engine.signals import judge_pool
from processes import make_executor, start_standard_processes
from tests.support.runs import START

HOUR = 3_600_000
MINUTE = 60_000
KLINES = {symbol: synthetic_klines(symbol, START, 60 * 24 * 30, 7) for symbol in ("BTC", "ETH")}

#: So many calls of Python functions a trigger may take at which a program does nothing, and a trade with its exit.
MOST_CALLS_OF_A_HOLD = 11
MOST_CALLS_OF_A_ROUND_TRIP = 241
#: So many more its lines in a journal.
MOST_CALLS_OF_RECORDING_A_ROUND_TRIP = 72
#: So many the facts of a pool of one indicator, once others near them were found.
MOST_CALLS_OF_FACTS = 12
#: And so many a trade in working out the result.
MOST_CALLS_OF_A_TRADE_IN_THE_RESULT = 7
BOTH = ("BTC", "ETH")
#: What is asked at an instant, in which positions, and how many calls that may take, the program's own left out.
QUERIES = [
    (lambda data: data.get_price("BTC"), (), 4),
    (lambda data: data.get_klines("BTC", "1h", 50), (), 7),
    (lambda data: data.get_indicator("BTC", "MACD", "1h")["macd"], (), 5),
    (lambda data: data.get_indicator("BTC", "RSI14", "1h")["value"], (), 6),
    (lambda data: (data.get_indicator("BTC", "MACD", "1h"), data.get_klines("BTC", "1h", 50)), (), 10),
    (lambda data: "BTC" in data.positions, (), 1),
    (lambda data: "BTC" in data.positions, BOTH, 3),
    (lambda data: ("BTC" in data.positions, "ETH" in data.positions), BOTH, 4),
    (lambda data: data.positions["BTC"].size, BOTH, 5),
    (lambda data: data.positions["BTC"].unrealized_pnl, BOTH, 11),
]


class Holds:
    def should_trade(self, data: Any) -> None:
        return None


class Trades:
    """Buys at each trigger without a position; the bracket closes before the next one."""

    def should_trade(self, data: Any) -> Decision | None:
        if data.positions:
            return None
        price = data.get_price("BTC")
        exits = {"take_profit_price": price * 1.001, "stop_loss_price": price * 0.999}
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, **exits)


class Asks:
    """Opens a position in each of some symbols, and then asks one thing at each trigger."""

    def __init__(self, query: Callable[[Any], object], held: tuple[str, ...] = ()) -> None:
        self.query, self.to_open = query, list(held)

    def should_trade(self, data: Any) -> Decision | None:
        if self.to_open:
            return Decision("buy", self.to_open.pop(), target_portion_of_balance=0.2, leverage=1)
        self.query(data)
        return None


class Orders:
    """Leaves `count` orders far from the market, and then trades another symbol at each trigger."""

    def __init__(self, count: int) -> None:
        self.left = count

    def should_trade(self, data: Any) -> Decision | None:
        if self.left:
            self.left -= 1
            limit = data.get_price("BTC") * (0.3 + self.left / 1e5)
            return Decision("buy", "BTC", target_portion_of_balance=0.1, max_price=limit, time_in_force="Gtc")
        if data.positions:
            return Decision("close", "ETH", target_portion_of_balance=1.0)
        return Decision("buy", "ETH", target_portion_of_balance=0.1, leverage=2)


class Named:
    """Leaves `count` orders far from the market, each with a tag and every other one with a trigger, and then does
    something with one or two of them at each trigger.
    """

    def __init__(self, count: int, asked: Callable[[int], Decision]) -> None:
        self.count, self.left, self.asked = count, count, asked

    def should_trade(self, data: Any) -> Decision:
        if not self.left:
            return self.asked(int(data.timestamp // MINUTE) % self.count)
        self.left -= 1
        return self.order(self.left)

    @staticmethod
    def order(number: int) -> Decision:
        away = {"trigger_price": 90_000.0 + number} if number % 2 else {"max_price": 9_000.0, "time_in_force": "Gtc"}
        return Decision("buy", "BTC", size=0.01, leverage=10, tag=f"order {number}", **away)  # type: ignore[arg-type]


class Reenters:
    """Closes and opens a position with a tag and a stop at each trigger."""

    def should_trade(self, data: Any) -> list[Decision]:
        stop = data.get_price("BTC") * 0.3
        enter = Decision("buy", "BTC", size=0.001, leverage=2, tag=f"{data.timestamp}", stop_loss_price=stop)
        return [Decision("close", "BTC"), enter] if data.positions else [enter]


def simulation(
    strategy: object,
    triggers: int,
    interval_ms: int = HOUR,
    record_journal: bool = False,
    env: simpy.Environment | None = None,
) -> Simulation:
    config = BacktestConfig(
        strategy=strategy,
        symbols=list(KLINES),
        start_time=START,
        end_time=START + triggers * interval_ms,
        scheduled_interval=interval_ms // 1_000,
    )
    sim = Simulation(MarketHistory.from_klines(KLINES), config, env, record_journal=record_journal)
    start_standard_processes(sim, make_executor(config))
    return sim


def calls(work: Callable[[], object]) -> int:
    """Count the calls of Python functions."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    is_collecting = gc.isenabled()
    gc.disable()  # what it would call, for hypothesis and for the remains of other tests, is no part of the work
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        if is_collecting:
            gc.enable()
    return counted


def run_calls(strategy: object, triggers: int, interval_ms: int = HOUR) -> tuple[int, int]:
    """Return the calls of a run, and its trades."""
    sim = simulation(strategy, triggers, interval_ms)
    return calls(sim.run), len(sim.account.trades)


@pytest.mark.parametrize(("is_alone", "fewest", "most"), [(True, 3, 30), (False, 700, 720)])
def test_a_trigger_is_one_event_of_simpy_in_the_environment_of_a_host_and_none_alone(
    monkeypatch, is_alone, fewest, most
):
    stepped = 0
    step = simpy.Environment.step

    def counting(env: simpy.Environment) -> None:
        nonlocal stepped
        stepped += 1
        step(env)

    monkeypatch.setattr(simpy.Environment, "step", counting)
    sim = simulation(Holds, 700, env=None if is_alone else simpy.Environment(START))
    sim.run()
    assert len(sim.trigger_log) == 700
    assert fewest <= stepped < most


def test_a_trigger_at_which_nothing_is_done_takes_few_calls():
    few, many = (run_calls(Holds, triggers)[0] for triggers in (100, 700))
    assert (many - few) / 600 <= MOST_CALLS_OF_A_HOLD


def test_a_trade_and_its_exit_take_few_calls():
    run_calls(Trades, 20)  # what is made once
    (few, before), (many, after) = (run_calls(Trades, triggers) for triggers in (100, 700))
    assert after - before > 400
    triggers = 600 * MOST_CALLS_OF_A_HOLD
    assert (many - few - triggers) / (after - before) <= MOST_CALLS_OF_A_ROUND_TRIP


def test_recording_a_trade_takes_few_calls_and_a_quiet_trigger_none():
    def recording(strategy: object, triggers: int) -> tuple[int, int]:
        plain, recorded = (simulation(strategy, triggers, record_journal=on) for on in (False, True))
        without = calls(plain.run)
        return calls(recorded.run) - without, len(recorded.account.trades)

    recording(Trades, 20)  # what is made once
    assert recording(Holds, 700)[0] == recording(Holds, 100)[0]
    (few, before), (many, after) = (recording(Trades, triggers) for triggers in (100, 700))
    assert (many - few) / (after - before) <= MOST_CALLS_OF_RECORDING_A_ROUND_TRIP


def test_the_result_takes_few_calls_a_trade_and_none_a_trigger_or_a_minute():
    def result_calls(strategy: object, triggers: int) -> tuple[int, int]:
        sim = simulation(strategy, triggers)
        sim.run()
        return calls(sim.result), len(sim.account.trades)

    assert result_calls(Holds, 700) == result_calls(Holds, 100)
    (few, before), (many, after) = (result_calls(Trades, triggers) for triggers in (100, 700))
    assert (many - few) / (after - before) <= MOST_CALLS_OF_A_TRADE_IN_THE_RESULT


def asking_calls(query: Callable[[Any], object], held: tuple[str, ...] = (), interval_ms: int = HOUR) -> float:
    """Return what asking takes at a trigger, beyond a program that asks nothing."""

    def a_trigger(asked: Callable[[Any], object]) -> float:
        few, many = (run_calls(Asks(asked, held), triggers, interval_ms)[0] for triggers in (100, 700))
        return (many - few) / 600

    run_calls(Asks(query, held), 50, interval_ms)  # what is made once
    return a_trigger(query) - a_trigger(lambda data: None)


@pytest.mark.parametrize(("query", "held", "most"), QUERIES)
def test_what_a_program_asks_takes_few_calls(query, held, most):
    assert asking_calls(query, held) <= most + 0.1  # now and then what is old is forgotten


def test_an_indicator_of_closes_works_no_whole_forming_kline_out():
    asked = asking_calls(lambda data: data.get_indicator("BTC", "EMA2", "1h")["value"], (), 5 * MINUTE)
    assert asked <= 11


def test_the_forming_kline_is_worked_out_once_an_instant():
    once = asking_calls(lambda data: data.get_klines("BTC", "1h", 50), (), 5 * MINUTE)
    twice = asking_calls(lambda data: [data.get_klines("BTC", "1h", count) for count in (50, 3)], (), 5 * MINUTE)
    assert twice - once <= 5 + 1.1  # and the comprehension, where that is a function


def test_the_facts_of_a_signal_are_found_at_its_instant_alone():
    condition = IndicatorCondition("indicator:RSI14", "<", 45.0, "1h")
    pool = SignalPool(None, "low", (SignalDefinition(None, "low", condition),))
    found = judge_pool(pool, SymbolHistory("BTC", KLINES["BTC"]), START, START + 700 * HOUR).triggers
    assert len(found) > 10
    found.facts_at(0)
    assert calls(lambda: found.facts_at(1)) <= MOST_CALLS_OF_FACTS


@pytest.mark.parametrize("triggers", [1_200])
def test_pending_orders_cost_nothing_at_the_triggers_after_them(triggers):
    def a_trigger(count: int) -> float:
        placing = run_calls(Orders(count), count, MINUTE)[0]
        return (run_calls(Orders(count), count + triggers, MINUTE)[0] - placing) / triggers

    assert a_trigger(1_000) < a_trigger(20) * 1.02 + 1


NAMED = {
    "cancel by tag": lambda number: Decision("cancel", "BTC", tag=f"order {number}"),
    "amend by tag": lambda number: Decision("amend", "BTC", tag=f"order {number}", size=0.01 + number % 7 / 1_000),
    "amend by id": lambda number: Decision("amend", "BTC", order_id=number + 1, expires_after_seconds=1e7),
    "place another": lambda number: Named.order(number),
}


@pytest.mark.parametrize("asked", NAMED.values(), ids=NAMED)
def test_what_is_done_to_one_order_costs_the_same_however_many_are_pending(asked):
    def a_trigger(count: int) -> float:
        placing = run_calls(Named(count, asked), count, MINUTE)[0]
        return (run_calls(Named(count, asked), count + 200, MINUTE)[0] - placing) / 200

    assert a_trigger(1_000) < a_trigger(200) * 1.02 + 3


def test_nothing_is_kept_of_the_exits_of_positions_that_are_gone():
    def there() -> set[int]:
        gc.collect()
        return {id(each) for each in gc.get_objects() if type(each).__name__ == "Exits"}

    before = there()  # of other tests
    sim = simulation(Reenters(), 100, MINUTE)
    sim.run()
    assert len(sim.exchange.fills) == 199
    assert len(there() - before) == 1
