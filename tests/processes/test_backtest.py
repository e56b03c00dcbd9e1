"""What acts: ticks, signals, the strategy agent, and how runs begin and end."""

import pytest

from engine import (
    BacktestConfig,
    ConfigurationError,
    Decision,
    IndicatorCondition,
    OrderSubmitted,
    Phase,
    Simulation,
    SimulationError,
    StrategyError,
    StrategyFailed,
    TriggerEvent,
    calculate_indicators,
)
from engine.market.indicators import warm_up
from processes import IndicatorSignal, ProgramBacktestEngine, TriggerTimes
from tests.support.runs import (
    HOUR,
    MINUTE,
    START,
    Hold,
    Script,
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

FLAT = market(X=klines(*[100.0] * 60), Y=klines(*[50.0] * 60))


def times(*minutes):
    return [START + round(minute * MINUTE) for minute in minutes]


def triggers(minutes, signals=(), symbols=("X",), history=FLAT, **fields):
    """Run a strategy that holds and return (minute, type, symbol, pool) of each trigger."""
    script = Script({})
    settings = config(script, minutes, symbols, **fields)
    sim = wired(history, settings, signals)
    heard = []
    sim.bus.listen(TriggerEvent, heard.append)
    sim.run()
    assert [each.timestamp for each in heard] == [record.trigger.timestamp for record in sim.trigger_log]
    return [((each.timestamp - START) / MINUTE, each.trigger_type, each.symbol, each.pool_name) for each in heard]


def when(found):
    return [(minute, kind) for minute, kind, *_ in found]


# --- scheduled ticks


@pytest.mark.parametrize(
    ("interval", "minutes", "expected"),
    [
        ("5m", 12, [5, 10]),
        ("5m", 15, [5, 10, 15]),  # the end belongs to the run
        ("5m", 4.99, []),
        (90, 5, [1.5, 3, 4.5]),
        ("1h", 60, [60]),
    ],
)
def test_ticks_come_at_start_plus_k_intervals_up_to_and_including_the_end(interval, minutes, expected):
    assert when(triggers(minutes, scheduled_interval=interval)) == [(minute, "scheduled") for minute in expected]


def test_the_grid_is_anchored_at_the_start_not_at_the_calendar():
    found = triggers(3, start_time=START + 17_000, scheduled_interval=60)
    assert [minute * 60 % 60 for minute, *_ in found] == [pytest.approx(17)] * 2


@pytest.mark.parametrize(
    ("signals", "end", "expected"),
    [
        ([], 15, [(5, "scheduled"), (10, "scheduled"), (15, "scheduled")]),
        ([3], 15, [(3, "signal"), (8, "scheduled"), (13, "scheduled")]),
        ([3, 8, 12], 23, [(3, "signal"), (8, "signal"), (12, "signal"), (17, "scheduled"), (22, "scheduled")]),
        ([5], 12, [(5, "signal"), (10, "scheduled")]),  # the tick due at 5 is dropped
        ([0], 6, [(0, "signal"), (5, "scheduled")]),
        ([10], 10, [(5, "scheduled"), (10, "signal")]),
        ([4, 4], 9, [(4, "signal"), (9, "scheduled")]),
    ],
)
def test_after_a_trigger_the_next_tick_is_an_interval_away_and_one_that_coincides_is_dropped(signals, end, expected):
    source = TriggerTimes("X", times(*signals))
    found = triggers(end, [source], scheduled_interval="5m", schedule_mode="after_trigger")
    assert when(found) == expected


def test_on_the_grid_a_tick_that_coincides_with_a_signal_is_kept_and_comes_after_it():
    found = triggers(10, [TriggerTimes("X", times(5))], scheduled_interval="5m")
    assert when(found) == [(5, "signal"), (5, "scheduled"), (10, "scheduled")]


# --- signals


def test_signals_of_one_instant_come_in_order_of_source_then_symbol_of_the_configuration():
    sources = [
        TriggerTimes("X", times(4, 2), "late name"),
        TriggerTimes("Y", times(2), "early name"),
        TriggerTimes("X", times(2), "another"),
    ]
    for symbols in (("X", "Y"), ("Y", "X")):
        found = triggers(5, sources, symbols, scheduled_interval=None)
        assert [(minute, symbol, pool) for minute, _, symbol, pool in found] == [
            (2, "X", "late name"),
            (2, "Y", "early name"),
            (2, "X", "another"),
            (4, "X", "late name"),
        ]
    always = IndicatorSignal(IndicatorCondition("indicator:MA2", ">", 0, "1m"), "both")
    for symbols in (("X", "Y"), ("Y", "X")):
        found = triggers(5, [always], symbols, scheduled_interval=None)
        assert [(minute, symbol) for minute, _, symbol, _ in found] == [(2, symbols[0]), (2, symbols[1])]


def test_trigger_times_outside_of_the_run_are_left_out_and_doubles_are_one():
    source = TriggerTimes("X", times(-1, 0, 3, 3, 5, 5.001))
    assert when(triggers(5, [source], scheduled_interval=None)) == [(0, "signal"), (3, "signal"), (5, "signal")]


class Foreign:
    name = "foreign"

    def triggers(self, market, symbols, start_ms, end_ms):
        return [TriggerEvent(start_ms + MINUTE, "signal", "Z", pool_name="mine")]


@pytest.mark.parametrize(
    ("source", "says"), [(TriggerTimes("Z", times(1), "mine"), "mine fires for Z"), (Foreign(), "mine fires for 'Z'")]
)
def test_a_source_for_a_symbol_that_is_not_configured_is_a_configuration_error(source, says):
    with pytest.raises(ConfigurationError, match=says):
        ProgramBacktestEngine(FLAT, [source]).run(config(Hold, 5))


@pytest.mark.parametrize("holes", [0.0, 0.4])
@pytest.mark.parametrize(
    ("metric", "operator", "threshold", "window"),
    [
        ("RSI14", "<", 40.0, "5m"),
        ("RSI14", ">=", 60.0, "1m"),
        ("MA5", "greater_than", 85.2, "15m"),
        ("MACD", "gt", 0.0, "5m"),
        ("OBV", "abs_lt", 3.0, "1m"),
    ],
)
def test_the_edges_of_an_indicator_signal_are_those_of_a_slow_loop(metric, operator, threshold, window, holes):
    history = market(X=walk(1_500, seed=7, holes=holes))
    begin, end = 300, 1_400
    condition = IndicatorCondition(f"indicator:{metric}", operator, threshold, window)
    found = triggers(
        end, [IndicatorSignal(condition)], history=history, scheduled_interval=None, start_time=START + begin * MINUTE
    )

    compare = {
        "<": lambda v: v < threshold,
        ">=": lambda v: v >= threshold,
        "greater_than": lambda v: v > threshold,
        "gt": lambda v: v > threshold,
        "abs_lt": lambda v: abs(v) < threshold,
    }[operator]
    series = history.symbols["X"].series(window)
    columns, state, expected = series.columns, False, []
    for place in range(len(columns)):
        minute = (int(columns.open_ms[place]) + series.period_ms - START) / MINUTE
        first = max(0, place - 499)
        if not begin <= minute <= end or place + 1 - first < warm_up(metric):
            continue
        part = columns.slice(first, place + 1)
        answer = calculate_indicators([*_rows(part)], [metric])[metric]
        value = answer["macd"] if metric == "MACD" else answer["value"]
        if compare(value) and not state:
            expected.append(minute)
        state = bool(compare(value))
    assert [minute for minute, *_ in found] == expected
    assert expected


def _rows(columns):
    from engine.market.series import KlineWindow

    return KlineWindow(columns, 0, len(columns))


def test_a_signal_tells_the_strategy_what_fired_and_with_which_value():
    history = market(X=klines(*[100.0] * 3, 110.0, 120.0, 120.0))
    condition = IndicatorCondition("indicator:MA2", ">", 108.0, "1m")
    script, _, _ = run_script(history, {}, 6, [IndicatorSignal(condition, "rising")], scheduled_interval=None)
    assert list(script.seen) == [5]
    data = script.seen[5]
    assert (data.trigger_type, data.signal_pool_name, data.pool_logic) == ("signal", "rising", "OR")
    (fact,) = data.triggered_signals
    expected = {
        "signal_name": "rising", "metric": "indicator:MA2", "operator": ">", "threshold": 108.0, "current_value": 115.0,
        "value": 115.0, "condition_met": True, "time_window": "1m",
    }  # fmt: skip
    assert {name: fact[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"metric": "indicator:RSY14"}, "no indicator 'RSY14'"),
        ({"metric": "RSI14"}, "RSI14"),
        ({"operator": "=>"}, "operator"),
        ({"threshold": float("nan")}, "threshold"),
        ({"threshold": "30"}, "threshold"),
        ({"time_window": "7m"}, "time_window"),
    ],
)
def test_a_malformed_condition_is_a_configuration_error_that_names_it(fields, says):
    values = {"metric": "indicator:RSI14", "operator": "<", "threshold": 30.0, "time_window": "1h", **fields}
    with pytest.raises(ConfigurationError, match=says):
        IndicatorCondition(**values)


# --- the agent


def test_triggers_of_one_instant_are_handled_one_after_another_on_the_changed_account():
    seen = []

    class Twice:
        def should_trade(self, data):
            seen.append((data.trigger_type, data.trigger_symbol, sorted(data.positions), round(data.available_balance)))
            return buy(data.trigger_symbol, 0.5)

    sources = [TriggerTimes("Y", times(2)), TriggerTimes("X", times(2), "other")]
    settings = config(Twice, 2, ("X", "Y"), scheduled_interval=120)
    result = ProgramBacktestEngine(FLAT, sources).run(settings)
    assert seen == [
        ("signal", "Y", [], 10_000),
        ("signal", "X", ["Y"], 5_000),
        ("scheduled", "X", ["X", "Y"], 2_500),
    ]
    assert [(entry["index"], entry["trigger_type"], entry["symbol"]) for entry in result.trigger_log] == [
        (0, "signal", "Y"),
        (1, "signal", "X"),
        (2, "scheduled", "X"),
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
        assert result.error.startswith("the strategy failed at 2024-01-01 00:02:00 UTC (scheduled trigger 2): ")
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


# --- how runs begin and end


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


def test_stop_in_a_process_ends_the_run_there():
    script = Script({1: buy(), 8: close()})
    sim = wired(FLAT, config(script, 10))

    def stopper(sim):
        yield sim.at(START + 5 * MINUTE + 1)
        sim.stop()

    sim.process(stopper)
    result = sim.run()
    assert (result.success, result.interrupted, result.end_time) == (True, False, START + 5 * MINUTE + 1)
    assert max(script.seen) == 5
    assert [position["symbol"] for position in result.open_positions] == ["X"]


def test_stop_with_an_error_makes_a_failed_run_and_the_first_error_counts():
    sim = wired(FLAT, config(Hold, 10))

    def stopper(sim):
        yield sim.at(START + MINUTE)
        sim.stop("margin call")
        sim.stop("second thoughts")

    sim.process(stopper)
    result = sim.run()
    assert (result.success, result.error) == (False, "margin call")


def test_an_interrupt_ends_the_run_before_the_next_event_and_changes_nothing_by_itself():
    script = Script({2: buy(), 3: lambda data: sim.interrupt()})
    sim = wired(FLAT, config(script, 10))
    result = sim.run()
    assert result.interrupted
    assert max(script.seen) == 3
    assert result.fills == 1


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


def test_a_simulation_runs_once_and_has_no_result_before_its_end():
    sim = wired(FLAT, config(Hold, 2))
    sim.start()
    with pytest.raises(SimulationError, match="still running"):
        sim.result()
    with pytest.raises(SimulationError, match="started already"):
        sim.start()
    first = sim.run()
    assert sim.run().to_dict(timing=False) == first.to_dict(timing=False)


def test_the_price_of_a_simulation_is_that_of_now_and_zero_where_there_is_none():
    history = market(X=klines(100.0, 110.0, 120.0), Y=klines(None, None, 50.0))
    sim = wired(history, config(Hold, 2))
    prices = []

    def watcher(sim):
        for minute in (0, 1, 2):
            yield sim.at(START + minute * MINUTE)
            prices.append([sim.price(symbol) for symbol in ("X", "Y", "Z")])

    sim.process(watcher)
    sim.run()
    assert prices == [[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [110.0, 0.0, 0.0]]
    assert sim.price_at("Y", START + 3 * MINUTE) == 50.0


@pytest.mark.parametrize(
    "base",
    [klines((100, 110, 90, 105), period_ms=HOUR), klines((100, 110, 90, 105), (106, 111, 95, 99), period_ms=HOUR)],
)
def test_a_run_that_begins_in_the_middle_of_a_kline_has_a_result(base):
    result = Simulation(
        market(X=base),
        BacktestConfig(
            strategy=Hold, symbols=["X"], start_time=START + HOUR // 2, end_time=START + HOUR, base_period="1h"
        ),
    ).run()
    expected = None if len(base) == 1 else 100 * (105 - 106) / 106
    assert result.buy_and_hold_percent == {"X": expected}


def test_long_and_short_of_two_symbols_on_one_clock():
    script, _, result = run_script(FLAT, {1: buy("X", 0.2), 2: sell("Y", 0.2), 5: close("X"), 6: close("Y")}, 8)
    assert [(trade.symbol, trade.side) for trade in result.trades] == [("X", "long"), ("Y", "short")]
    assert sorted(script.seen[4].positions) == ["X", "Y"]
