"""The strategy agent: triggers one after another, what a strategy does wrong, and how long it lives."""

import pytest

from engine import Decision, OrderSubmitted, Phase, SimulationError, StrategyError, StrategyFailed, TriggerEvent
from processes import ProgramBacktestEngine, TriggerTimes
from tests.support.runs import MINUTE, START, Hold, Script, buy, close, config, run, wired
from tests.support.triggers import FLAT, times


def test_triggers_of_one_instant_are_handled_one_after_another_on_the_changed_account():
    seen = []

    class Twice:
        def should_trade(self, data):
            seen.append((data.trigger_type, data.trigger_symbol, sorted(data.positions), round(data.available_balance)))
            return buy(data.trigger_symbol or "X", 0.5)

    sources = [TriggerTimes("Y", times(2)), TriggerTimes("X", times(2), "other")]
    settings = config(Twice, 2, ("X", "Y"), scheduled_interval=120)
    result = ProgramBacktestEngine(FLAT, sources).run(settings)
    assert seen == [("signal", "Y", [], 10_000), ("signal", "X", ["Y"], 5_000), ("scheduled", "", ["X", "Y"], 2_500)]
    assert [(entry["index"], entry["trigger_type"], entry["symbol"]) for entry in result.trigger_log] == [
        (0, "signal", "Y"),
        (1, "signal", "X"),
        (2, "scheduled", ""),
    ]
    assert (result.signal_triggers, result.scheduled_triggers, result.total_triggers) == (2, 1, 3)


def test_decision_order_and_fill_of_the_first_trigger_come_before_the_second_decision():
    told = []

    class Talker:
        def should_trade(self, data):
            told.append("decision")
            return buy(portion=0.1)

    sim = wired(FLAT, config(Talker, 1), [TriggerTimes("X", times(1))])
    sim.bus.listen(OrderSubmitted, lambda _: told.append("order"))
    sim.run()
    assert told == ["decision", "order", "decision", "order"]


def test_a_view_that_a_program_has_kept_shows_the_orders_and_trades_of_its_instant_when_there_are_others():
    kept = {}

    class Keeps:
        def should_trade(self, data):
            kept[(data.timestamp - START) // MINUTE] = data
            enter, again = buy(take_profit_price=200.0, stop_loss_price=50.0), buy(stop_loss_price=60.0)
            return {1: enter, 3: close(), 4: again}.get(len(kept))

    run(FLAT, Keeps, 6)
    prices = {minute: [order.trigger_price for order in data.open_orders] for minute, data in kept.items()}
    assert prices == {1: [], 2: [200.0, 50.0], 3: [200.0, 50.0], 4: [], 5: [60.0], 6: [60.0]}
    assert {minute: len(data.recent_trades) for minute, data in kept.items()} == {1: 0, 2: 0, 3: 0, 4: 1, 5: 1, 6: 1}


def test_none_is_hold():
    result = run(FLAT, Hold, 3)
    assert result.success
    assert (result.decisions, result.orders_submitted) == ({"none": 3}, 0)


class Failing:
    """Raises, or returns, what its second trigger is given."""

    answer: object = None

    def __init__(self):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        if self.count == 1:
            return buy()
        if self.count == 2:
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self.answer
        return close()


class OddError(BaseException):
    """Not an `Exception`."""


FAULTS = [
    (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    (KeyError("no"), "KeyError: 'no'"),
    (StopIteration(), "StopIteration"),
    (OddError("odd"), "OddError: odd"),
    (GeneratorExit(), "GeneratorExit"),
    (RecursionError("deep"), "RecursionError: deep"),
    (StrategyError("mine"), "mine"),
    ({"operation": "buy", "symbol": "X"}, "should_trade returned dict, not a Decision"),
    ("buy", "should_trade returned str, not a Decision"),
    (False, "should_trade returned bool, not a Decision"),
    (Decision, "should_trade returned type, not a Decision"),
]


@pytest.mark.parametrize(("answer", "says"), FAULTS, ids=[repr(fault[0])[:30] for fault in FAULTS])
@pytest.mark.parametrize("mode", ["stop", "hold"])
def test_what_a_strategy_does_wrong_is_recorded_and_stops_the_run_or_counts_as_hold(answer, says, mode):
    kind = type("Faulty", (Failing,), {"answer": answer})
    sim = wired(FLAT, config(kind, 4, on_strategy_error=mode))
    failed = []
    sim.bus.listen(StrategyFailed, lambda message: failed.append((message.timestamp, says in message.error)))
    result = sim.run()
    assert failed == [(START + 2 * MINUTE, True)]
    assert (result.strategy_errors, result.success) == (1, mode == "hold")
    assert says in result.trigger_log[1]["error"]
    assert result.trigger_log[1]["decision"] is None
    if mode == "stop":
        assert result.error.startswith("the strategy failed at 2024-01-01 00:02:00 UTC (scheduled trigger 1): ")
        assert says in result.error
        assert (result.end_time, result.total_triggers, result.total_trades) == (START + 2 * MINUTE, 2, 0)
    else:
        assert result.error is None
        assert (result.end_time, result.total_triggers, result.total_trades) == (START + 4 * MINUTE, 4, 1)


def test_an_error_stops_the_run_before_the_other_triggers_of_its_instant():
    class Once:
        def should_trade(self, data):
            raise ValueError("first")

    result = ProgramBacktestEngine(FLAT, [TriggerTimes("X", times(1))]).run(config(Once, 3))
    assert (result.total_triggers, result.strategy_errors) == (1, 1)


@pytest.mark.parametrize("where", ["__init__", "init"])
def test_a_strategy_that_cannot_be_started_is_a_failed_run(where):
    def fail(self, *_):
        raise RuntimeError("not today")

    result = run(FLAT, type("Broken", (Hold,), {where: fail}), 3)
    assert not result.success
    assert result.error == "the strategy could not be started: RuntimeError: not today"
    assert result.total_triggers == 0


class Counting:
    made = 0

    def __init__(self):
        Counting.made += 1
        self.calls = 0

    def init(self, params):
        self.step = params["step"]

    def should_trade(self, data):
        self.calls += self.step
        return Decision("hold", "X", reason=str(self.calls))


@pytest.mark.parametrize(
    ("lifetime", "made", "reasons"), [("run", 1, ["2", "4", "6"]), ("trigger", 3, ["2", "2", "2"])]
)
def test_a_strategy_lives_for_the_run_or_for_a_trigger(lifetime, made, reasons):
    Counting.made = 0
    result = run(FLAT, Counting, 3, strategy_lifetime=lifetime, params={"step": 2})
    assert Counting.made == made
    assert [entry["decision"]["reason"] for entry in result.trigger_log] == reasons


def test_a_strategy_object_keeps_its_state_and_cannot_live_for_a_trigger():
    strategy = Script({})
    run(FLAT, strategy, 2)
    assert sorted(strategy.seen) == [1, 2]
    with pytest.raises(StrategyError, match="needs a class"):
        run(FLAT, strategy, 2, strategy_lifetime="trigger")


def test_a_strategy_cannot_change_the_configured_parameters():
    class Greedy(Hold):
        def init(self, params):
            params["step"] = 99

    settings = config(Greedy, 2, params={"step": 1})
    assert ProgramBacktestEngine(FLAT).run(settings).config["params"] == {"step": 1}


@pytest.mark.parametrize(("delay", "symbol"), [(-MINUTE, "X"), (MINUTE, "X"), (0, "Z")])
def test_a_trigger_of_another_instant_or_of_an_unknown_symbol_is_an_error(delay, symbol):
    def herald(sim):
        alarm = sim.alarm(Phase.SIGNALS)
        alarm.set(START + 2 * MINUTE)
        yield alarm.wait()
        sim.bus.publish(TriggerEvent(sim.now + delay, "signal", symbol))

    def add(sim):
        sim.process(herald)

    with pytest.raises(SimulationError, match="at 2024-01-01 00:02:00 UTC a trigger was published that cannot be: "):
        ProgramBacktestEngine(FLAT).run(config(Hold, 3, ("X", "Y")), prepare=add)
