"""How runs begin and end."""

import pytest

from engine import IndicatorCondition, Phase, TriggerEvent
from processes import IndicatorSignal, ProgramBacktestEngine, TriggerTimes
from tests.support.runs import MINUTE, START, Hold, buy, close, config, market, run, run_script, sell, walk
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


def test_an_error_of_a_process_is_raised_as_it_is():
    def broken(sim):
        yield sim.at(START + MINUTE)
        raise LookupError("my own")

    with pytest.raises(LookupError, match="my own"):
        ProgramBacktestEngine(FLAT).run(config(Hold, 5), prepare=lambda sim: sim.process(broken))


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
