"""How runs begin and end."""

import gc
from datetime import datetime
from weakref import ref

import pytest

from engine import ConfigurationError, IndicatorCondition, Phase, Simulation, SimulationError, TriggerEvent
from engine.errors import ProcessFailed
from processes import IndicatorSignal, ProgramBacktestEngine, TriggerTimes, make_executor, start_standard_processes
from tests.support.runs import (
    MINUTE,
    START,
    Hold,
    buy,
    close,
    config,
    klines,
    market,
    run,
    run_script,
    sell,
    walk,
    wired,
)
from tests.support.triggers import FLAT


def test_a_run_without_any_trigger_fails_and_says_what_was_looked_at():
    never = IndicatorSignal(IndicatorCondition("indicator:RSI14", ">", 101, "1m"), "never")
    result = ProgramBacktestEngine(FLAT, [never, TriggerTimes("X", [], "empty")]).run(
        config(Hold, 5, scheduled_interval="1h")
    )
    assert not result.success
    assert "signal sources: never, empty" in result.error
    assert "every 1h" in result.error
    assert (
        ProgramBacktestEngine(FLAT)
        .run(config(Hold, 5, scheduled_interval=None))
        .error.endswith("(signal sources: none; schedule: none)")
    )


def interrupted_at(minute, error=KeyboardInterrupt):
    class Interrupted:
        def should_trade(self, data):
            if data.timestamp == START + minute * MINUTE:
                raise error
            return buy(portion=0.1)

    return Interrupted


def test_ctrl_c_in_a_strategy_gives_an_interrupted_result_up_to_then():
    result = run(FLAT, interrupted_at(4), 30)
    assert (result.interrupted, result.success, result.error) == (True, False, None)
    assert (result.end_time, result.total_triggers) == (START + 4 * MINUTE, 3)
    assert result.equity.timestamp_ms[-1] == START + 4 * MINUTE
    assert result.to_dict()["interrupted"] is True


def test_ctrl_c_before_any_trigger_is_no_failure_to_trigger():
    result = run(FLAT, interrupted_at(1), 30)
    assert (result.interrupted, result.error, result.total_triggers) == (True, None, 0)


def test_ctrl_c_in_a_report_gives_an_interrupted_result():
    def report(sim):
        raise KeyboardInterrupt

    result = ProgramBacktestEngine(market(X=walk(2_000))).run(config(Hold, 1_900), report)
    assert result.interrupted
    assert START < result.end_time < START + 1_900 * MINUTE


def test_a_report_sees_time_go_forward():
    seen = []
    ProgramBacktestEngine(market(X=walk(3_000))).run(config(Hold, 2_900), lambda sim: seen.append(sim.now))
    assert len(seen) > 3
    assert seen == sorted(seen)


def test_an_error_of_a_process_is_told_with_its_name_and_time_and_chained():
    def broken(sim):
        yield sim.at(START + MINUTE)
        raise LookupError("my own")

    with pytest.raises(ProcessFailed) as caught:
        ProgramBacktestEngine(FLAT).run(config(Hold, 5), prepare=lambda sim: sim.process(broken))
    line = broken.__code__.co_firstlineno + 2
    assert str(caught.value) == (
        f"process 'main/broken' failed at 2024-01-01 00:01:00 UTC (test_backtest.py, line {line}): LookupError: my own"
    )
    assert repr(caught.value.__cause__) == "LookupError('my own')"
    assert caught.value.__cause__.__cause__ is None, "chained once"


def own(sim):
    yield sim.done


HELD_WRONG = {
    "a market that is none": (lambda: ProgramBacktestEngine(config(Hold, 5)), "market: a BacktestConfig is no MarketH"),
    "a configuration that is none": (
        lambda: ProgramBacktestEngine(FLAT).run(FLAT),
        "config: a MarketHistory is no BacktestConfig: Simulation\\(market, config\\)",
    ),
    "one source": (
        lambda: ProgramBacktestEngine(FLAT, TriggerTimes("X", [])),
        "is one source: give a list, \\[source\\]",
    ),
    "no source": (lambda: ProgramBacktestEngine(FLAT, [Hold()]), "signals: <.*Hold object> is no trigger source"),
    "no sources": (lambda: ProgramBacktestEngine(FLAT, "bursts"), "signals: 'bursts' is no list of trigger sources"),
    "a preparation that is no function": (
        lambda: ProgramBacktestEngine(FLAT).run(config(Hold, 5), prepare="own"),
        "prepare: 'own' is no function",
    ),
    "a process that is not announced": (
        lambda: ProgramBacktestEngine(FLAT).run(config(Hold, 5), prepare=own),
        "prepare gave process 'own', which nobody runs: .* prepare=lambda sim: sim.process\\(own, ...\\)",
    ),
    "a report that is no function": (
        lambda: ProgramBacktestEngine(FLAT).run(config(Hold, 5), report=5),
        "report: 5 is no function",
    ),
    "times without a zone": (lambda: TriggerTimes("X", [datetime(2024, 1, 1)]), "has no time zone"),
    "times in the place of the symbol": (lambda: TriggerTimes([START], "X"), "signals: 'X' are no times"),
    "a configuration for a simulation": (
        lambda: start_standard_processes(config(Hold, 5), make_executor(config(Hold, 5))),
        "simulation: a BacktestConfig is no Simulation",
    ),
    "a function for an executor": (
        lambda: start_standard_processes(Simulation(FLAT, config(Hold, 5)), make_executor),
        "executor: a function asks no program: give make_executor\\(config\\)",
    ),
    "standard processes twice": (
        lambda: start_standard_processes(wired(FLAT, config(Hold, 5)), make_executor(config(Hold, 5))),
        "the standard processes of simulation 'main' were announced already",
    ),
}


@pytest.mark.parametrize(("call", "says"), HELD_WRONG.values(), ids=HELD_WRONG)
def test_what_is_held_wrong_is_told_with_what_to_write(call, says):
    with pytest.raises((ConfigurationError, SimulationError), match=says):
        call()


def test_a_process_of_ones_own_is_a_handful_of_lines():
    told = []

    def reporter(sim, every):
        inbox = sim.subscribe(TriggerEvent, Phase.BOOKKEEPING)
        while True:
            for trigger in (yield inbox.batch()):
                if (trigger.timestamp - START) % every == 0:
                    told.append(((sim.now - START) // MINUTE, sim.account.equity()))

    ProgramBacktestEngine(FLAT).run(config(Hold, 6), prepare=lambda sim: sim.process(reporter, 2 * MINUTE))
    assert told == [(2, 10_000.0), (4, 10_000.0), (6, 10_000.0)]


def test_long_and_short_of_two_symbols_on_one_clock():
    script, _, result = run_script(FLAT, {1: buy("X", 0.2), 2: sell("Y", 0.2), 5: close("X"), 6: close("Y")}, 8)
    assert [(trade.symbol, trade.side) for trade in result.trades] == [("X", "long"), ("Y", "short")]
    assert sorted(script.seen[4].positions) == ["X", "Y"]


def test_a_simulation_whose_run_is_over_is_garbage_that_a_look_at_the_youngest_objects_finds():
    class InAndOut:
        def should_trade(self, data):
            return close() if data.positions else buy()

    made = []
    engine = ProgramBacktestEngine(market(X=klines(*[100.0] * 300)))
    gc.collect()
    result = engine.run(config(InAndOut, 300), prepare=lambda sim: made.append(ref(sim)))
    assert len(result.trades) > 100
    gc.collect(0)
    assert made[0]() is None
