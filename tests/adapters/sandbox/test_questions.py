"""What is said at a trigger: what is new, of the open orders nothing to a program that does not look at them, in few calls."""

import json
import marshal
import sys

import pytest

from adapters import synthetic_klines
from adapters.sandbox.frame import HEADER_BYTES
from adapters.sandbox.questions import Answers, Questions
from engine import BacktestConfig, HistoricalDataProvider, MarketHistory, Order, Simulation, TriggerEvent
from engine.account import AccountState, MarginRules
from engine.contract import AccountEvent, OpenOrders, RegimeInfo
from engine.kernel import Fill
from engine.program import ViewedRun, view_at, what_is_asked
from processes import ExecutorFor, start_standard_processes
from tests.support.runs import START
from tests.support.sandboxes import HEAD, jailed, run_code

PROVIDER, RULES = HistoricalDataProvider(MarketHistory(())), MarginRules()
STATE = AccountState(100.0, {})
SCHEDULED = {"trigger_type": "scheduled"}
OTHER = {
    "trigger_type": "signal",
    "symbol": "X",
    "pool_id": 5,
    "pool_name": "dips",
    "pool_logic": "AND",
    "triggered_signals": ({"signal_name": "low"},),
    "market_regime": RegimeInfo("trend"),
}


def orders(*numbers):
    return tuple(Order(n, "X", "Sell", "Close Long", "stop_loss", 1.0, 9.0, 9.0, True, 5) for n in numbers)


def view(at, pending=(), **trigger):
    event = TriggerEvent(at, **{**SCHEDULED, **trigger})
    return view_at(ViewedRun(PROVIDER, [], RULES), at, event, STATE, pending)


class Told:
    """Both sides of a channel: a program's questions come out as what it gets; messages are kept."""

    def __init__(self):
        self.questions, self.messages, self.asked = Questions(), [], 0
        self.answers = Answers(PROVIDER, RULES, self.ask_orders)

    def ask_orders(self, take):
        self.asked += 1
        take(marshal.loads(marshal.dumps(self.questions.orders(what_is_asked(self.data)))))

    def tell(self, data):
        self.data = data
        message = self.questions.framed(what_is_asked(data))[HEADER_BYTES:]
        self.messages.append(int.from_bytes(message, "little") if len(message) == 8 else marshal.loads(message))
        return self.answers.data(self.messages[-1])


def test_a_field_of_a_trigger_that_is_another_is_told():
    assert set(OTHER) == set(TriggerEvent.NAMES) - {"timestamp"}
    for name, value in OTHER.items():
        told = Told()
        told.tell(view(1))
        got = told.tell(view(2, **{name: value}))
        assert got._trigger == TriggerEvent(2, **{**SCHEDULED, name: value})
        told.tell(view(3))
        assert told.messages[2] == 3


def test_orders_are_told_from_the_first_time_that_a_program_looks_at_them():
    told = Told()
    told.tell(view(1))
    told.tell(view(2, OpenOrders(lambda: pytest.fail("nobody has asked for them"))))
    told.answers.keep_seen()
    assert told.messages[1:] == [2]
    assert told.tell(view(3, orders(1, 2))).open_orders == [*orders(1, 2)]
    assert told.messages[2:] == [3]
    told.answers.keep_seen()
    assert told.tell(view(4, orders(2, 3))).open_orders == [*orders(2, 3)]
    assert told.messages[3][-3:] == ([1, tuple(*orders(3))], [], None)
    assert told.tell(view(5)).open_orders == []
    assert told.tell(view(6)).open_orders == []
    assert told.messages[5:] == [6]
    assert told.asked == 1


def test_a_view_that_was_kept_shows_the_orders_of_its_own_instant_whenever_it_is_read():
    told = Told()
    told.tell(view(1, orders(7)))
    told.answers.keep_seen()
    assert told.asked == 0
    told.tell(view(2))
    kept = told.tell(view(3, orders(1)))
    told.answers.keep_seen()
    later = told.tell(view(4, orders(2, 1)))
    told.answers.keep_seen()
    assert told.asked == 1
    assert (kept.open_orders, later.open_orders) == ([*orders(1)], [*orders(2, 1)])


def test_a_view_whose_reading_was_interrupted_shows_them_later():
    told, waiting = Told(), []

    def ask_orders(take):
        Told.ask_orders(told, take)
        waiting.append(1)
        raise TimeoutError

    told.answers._ask_orders = ask_orders
    kept = told.tell(view(1, orders(1)))
    with pytest.raises(TimeoutError):
        list(kept.open_orders)
    told.answers.keep_seen()
    assert told.tell(view(2, orders(2, 1))).open_orders == [*orders(2, 1)]
    assert kept.open_orders == [*orders(1)]
    assert (told.asked, waiting) == (1, [1])


KEEPS = """
class Keeps:
    def init(self, params):
        self.kept, self.n = [], 0

    def should_trade(self, data):
        self.n += 1
        if self.n == 5:
            self.kept.append(data)
        if self.n > 40:
            log([[tuple(order) for order in each.open_orders] for each in self.kept[-3:]])
        if self.n in (20, 30):
            self.kept.append(data)
            log(len(data.open_orders))
        return None if data.positions else Decision("buy", "X", target_portion_of_balance=0.2, leverage=2,
            take_profit_price=data.get_price("X") * 1.01, stop_loss_price=data.get_price("X") * 0.99)
"""


@jailed
def test_views_that_a_program_has_kept_show_the_same_orders_jailed_and_trusted(sandbox):
    def logs(*executor):
        result = run_code(KEEPS, *executor, minutes=60)
        return json.dumps([entry["logs"] for entry in result.trigger_log if entry["logs"]])

    assert "Stop Limit" in logs()
    assert logs(sandbox.executor) == logs()


HOUR = 3_600_000
FEW, MANY = 100, 800
READS = (
    '        data.get_price("BTC"), data.get_indicator("BTC", "RSI14", "1h"), data.get_indicator("BTC", "MACD", "1h")\n'
)
ALTERNATES = """
        if data.positions:
            return Decision("close", "BTC", target_portion_of_balance=1.0)
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2)
"""
LOOKS = "        len(data.open_orders)\n"

#: What a program does at each trigger, and how many calls that may take of asking it and of hearing its answer.
COSTS = {
    "nothing": (HEAD + "        return None\n", 9.5),
    "it reads klines of two periods and indicators": (HEAD + READS, 12.5),
    "it trades": (HEAD + ALTERNATES, 24),
    "it trades, and looks at open orders": (HEAD + LOOKS + ALTERNATES, 26),
}


def calls(code: str, triggers: int, executor_for: ExecutorFor) -> int:
    """Count the calls of a run in the rooms of the sandbox and of the past."""
    config = BacktestConfig(
        code=code, symbols=["BTC"], start_time=START, end_time=START + triggers * HOUR, scheduled_interval="1h"
    )
    sim = Simulation(MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 60 * 24 * 40, 7)}), config)
    executor = executor_for(sim)
    start_standard_processes(sim, executor)
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        name = frame.f_code.co_filename
        counted += event == "call" and ("adapters/sandbox" in name or "market/past" in name or "market_data" in name)

    sys.setprofile(count)
    try:
        sim.run()
    finally:
        sys.setprofile(None)
        executor.finish(whole=True)
    assert len(sim.trigger_log) == triggers
    return counted


@jailed
@pytest.mark.parametrize(("code", "most"), COSTS.values(), ids=COSTS)
def test_a_question_to_a_jailed_program_takes_few_calls(code, most, sandbox):
    few, many = (calls(code, triggers, sandbox.executor) for triggers in (FEW, MANY))
    assert (many - few) / (MANY - FEW) <= most


def test_what_has_happened_is_told_at_a_scheduled_trigger_too():
    told, fill = Told(), Fill(2, 7, "X", "buy", 1.0, 5.0, 0.1, "entry", tag="bid")
    event = TriggerEvent(2, "scheduled")
    got = told.tell(view_at(ViewedRun(PROVIDER, [], RULES), 2, event, STATE, (), [fill]))
    assert got.events == [AccountEvent("fill", 2, "X", 7, "bid", "buy", 1.0, 5.0, 0.1, reason="entry")]
    assert told.tell(view(3)).events == []
    assert told.messages[1] == 3
