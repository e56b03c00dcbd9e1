"""A simulation: its one run, its stop and its price, and its life inside somebody else's environment."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np
import pytest
from simpy import Environment, Event

from engine import (
    BacktestConfig,
    ConfigurationError,
    Decision,
    ExecutionModels,
    Fill,
    KlineColumns,
    MarketData,
    MarketHistory,
    Phase,
    Simulation,
    SimulationError,
)
from processes import ProgramBacktestEngine, make_executor, start_standard_processes
from tests.support.runs import HOUR, MINUTE, START, Hold, Script, buy, close, config, klines, market, wired
from tests.support.triggers import FLAT


class BuyOnce:
    """Buys at the first trigger and holds."""

    def should_trade(self, data: MarketData) -> Decision | None:
        if data.positions:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=1)


def rising_market(minutes: int = 60) -> MarketHistory:
    close = 100.0 + np.arange(minutes)
    opened = START - 10 * MINUTE + MINUTE * np.arange(minutes, dtype=np.int64)
    return MarketHistory.from_klines(
        {"BTC": KlineColumns(MINUTE, opened, close, close + 0.5, close - 0.5, close, np.ones(minutes))}
    )


def hosted(**changes: object) -> BacktestConfig:
    fields = {
        "strategy": BuyOnce,
        "symbols": ["BTC"],
        "start_time": START,
        "end_time": START + 30 * MINUTE,
        "scheduled_interval": 300,
        "slippage_percent": 0.0,
        "fee_rate": 0.0,
        **changes,
    }
    return BacktestConfig(**fields)  # type: ignore[arg-type]


def test_a_simulation_runs_on_the_users_environment_beside_the_users_processes() -> None:
    env = Environment(initial_time=START - 7 * MINUTE)
    sim = Simulation(rising_market(), hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))
    timeline: list[tuple[int, str]] = []

    def fills(sim: Simulation) -> Generator[Event, list[Fill], None]:
        inbox = sim.subscribe(Fill)
        while True:
            for fill in (yield inbox.batch()):
                timeline.append(((sim.now - START) // MINUTE, f"{fill.side} {fill.size:.3f} at {fill.price}"))

    def host(env: Environment) -> Generator[Event, object, None]:
        while True:
            timeline.append(((int(env.now) - START) // MINUTE, "host"))
            yield env.timeout(10 * MINUTE)

    sim.process(fills)
    env.process(host(env))
    sim.start()
    env.run(until=sim.done)
    assert timeline == [(-7, "host"), (3, "host"), (5, "buy 43.860 at 114.0"), (13, "host"), (23, "host")]
    assert env.now == sim.end_ms
    result = sim.result()
    assert result.total_triggers == 6
    assert result.total_pnl == pytest.approx(5000.0 / 114.0 * 25.0)


def test_the_result_is_that_of_the_engine_on_its_own() -> None:
    market = rising_market()
    env = Environment(initial_time=START)
    sim = Simulation(market, hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))
    sim.start()
    env.run(until=sim.done)
    alone = ProgramBacktestEngine(market).run(hosted())
    assert sim.result().to_dict(timing=False) == alone.to_dict(timing=False)


def test_the_users_process_can_stop_the_run() -> None:
    sim = Simulation(rising_market(), hosted())
    start_standard_processes(sim, make_executor(sim.config))

    def give_up(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.at(START + 12 * MINUTE)
        sim.stop("enough")

    sim.process(give_up)
    result = sim.run()
    assert (result.success, result.error, result.end_time) == (False, "enough", START + 12 * MINUTE)
    assert result.total_triggers == 2
    assert sim.done.triggered


def test_two_simulations_share_an_environment_and_nothing_else() -> None:
    env = Environment(initial_time=START)
    simulations = [Simulation(rising_market(), hosted(scheduled_interval=60 * n), env, f"sim{n}") for n in (1, 7)]
    for sim in simulations:
        start_standard_processes(sim, make_executor(sim.config))
        sim.start()
    env.run(until=simulations[0].done & simulations[1].done)
    assert [sim.result().total_triggers for sim in simulations] == [30, 4]
    assert [sim.result().trigger_log[0]["timestamp"] - START for sim in simulations] == [MINUTE, 7 * MINUTE]


def test_an_environment_with_another_clock_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="integer milliseconds"):
        Simulation(rising_market(), hosted(), Environment(initial_time=0.0))
    with pytest.raises(ConfigurationError, match="after start_time"):
        Simulation(rising_market(), hosted(), Environment(initial_time=START + 1))


def test_a_host_process_that_makes_time_a_fraction_is_found_out() -> None:
    env = Environment(initial_time=START)
    sim = Simulation(rising_market(), hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))

    def sloppy(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.env.timeout(0.5)

    sim.process(sloppy)
    sim.start()
    with pytest.raises(SimulationError, match="sloppy"):
        env.run(until=sim.done)


def test_an_interrupt_takes_effect_between_two_events() -> None:
    sim = Simulation(rising_market(), hosted())
    start_standard_processes(sim, make_executor(sim.config))

    def press(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.at(START + 12 * MINUTE)
        sim.interrupt()
        assert not sim.is_over

    sim.process(press)
    result = sim.run()
    assert (result.success, result.interrupted, result.error) == (False, True, None)
    assert (result.end_time, result.total_triggers) == (START + 12 * MINUTE, 2)


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


def test_an_interrupt_ends_the_run_at_once_where_the_program_only_holds():
    script = Script({3: lambda data: sim.interrupt()})
    sim = wired(FLAT, config(script, 10))
    assert sim.run().interrupted
    assert max(script.seen) == 3


@pytest.mark.parametrize("alone", [True, False])
def test_a_report_that_is_asked_for_comes_before_the_next_event_and_the_run_goes_on(alone):
    script = Script({3: lambda data: sim.report_soon(), 6: lambda data: sim.report_soon()})
    env = None if alone else Environment(START)
    sim = Simulation(FLAT, config(script, 10), env)
    start_standard_processes(sim, make_executor(sim.config))
    reported = []
    result = sim.run(lambda each: reported.append((each.now - START) / MINUTE))
    assert reported[:2] == [3, 6]
    assert len(reported) == 3
    assert (result.interrupted, result.total_triggers) == (False, 10)


def test_the_program_of_a_hosts_environment_sees_what_it_sees_alone():
    results = []
    for env in (None, Environment(START)):
        sim = Simulation(rising_market(), hosted(scheduled_interval=60), env)
        start_standard_processes(sim, make_executor(sim.config))
        results.append(sim.run())
    assert len({each.digest for each in results}) == 1
    assert results[0].total_triggers == 30


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
    settings = BacktestConfig(
        strategy=Hold,
        symbols=["X"],
        start_time=START + HOUR // 2,
        end_time=START + HOUR,
        base_period="1h",
        scheduled_interval=None,
    )
    result = wired(market(X=base), settings).run()
    expected = None if len(base) == 1 else 100 * (105 - 106) / 106
    assert result.buy_and_hold_percent == {"X": expected}


def test_a_forgotten_set_of_standard_processes_is_told_before_anything_runs() -> None:
    for run in (lambda sim: sim.run(), lambda sim: sim.start()):
        with pytest.raises(SimulationError, match=r"nothing asks the program .* call start_standard_processes\(sim, "):
            run(Simulation(rising_market(), hosted()))


@pytest.mark.parametrize("until", ["done", "nothing"])
def test_a_forgotten_start_is_told_when_the_start_is_over(until: str) -> None:
    def host(env: Environment) -> Generator[Event, object, None]:
        while True:
            yield env.timeout(MINUTE)

    env = Environment(initial_time=START - 3 * MINUTE)
    sim = Simulation(rising_market(), hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))
    env.process(host(env))
    with pytest.raises(SimulationError, match=r"'main' was not started .*, 2024-01-01 00:00:00 UTC: call sim.start"):
        env.run(until=sim.done if until == "done" else None)
    assert env.now == START
    with pytest.raises(SimulationError, match=r"was not started: run it to its end with sim.run\(\), or in"):
        sim.result()


def test_a_host_process_may_start_a_simulation_up_to_the_instant_of_its_start() -> None:
    env = Environment(initial_time=START - 3 * MINUTE)
    sim = Simulation(rising_market(), hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))

    def starter(env: Environment) -> Generator[Event, object, None]:
        yield env.timeout(3 * MINUTE)
        sim.start()

    env.process(starter(env))
    env.run(until=sim.done)
    assert sim.result().total_triggers == 6


def test_a_start_after_the_start_is_told() -> None:
    env = Environment(initial_time=START)
    early = Simulation(rising_market(), hosted(), env)
    start_standard_processes(early, make_executor(early.config))
    early.start()
    late = Simulation(rising_market(), hosted(), env, "late")
    start_standard_processes(late, make_executor(late.config))
    early_first = START + 6 * MINUTE
    with pytest.raises(SimulationError, match="'late' was not started"):
        env.run(until=early_first)
    env.run(until=early_first)
    with pytest.raises(SimulationError, match=r"started at .*, after its start_time 2024-01-01 00:00:00 UTC"):
        late.start()


def test_an_environment_that_stopped_before_the_end_is_told_how_to_go_on() -> None:
    env = Environment(initial_time=START)
    sim = Simulation(rising_market(), hosted(), env)
    start_standard_processes(sim, make_executor(sim.config))
    sim.start()
    env.run(until=sim.end_ms)
    with pytest.raises(SimulationError, match=r"still running at 2024-01-01 00:30:00 UTC: .*env.run\(until=sim.done\)"):
        sim.result()
    env.run(until=sim.done)
    assert sim.result().total_triggers == 6


def test_a_process_announced_after_the_end_is_told() -> None:
    sim = wired(FLAT, config(Hold, 2))
    sim.run()

    def late(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.done

    with pytest.raises(
        SimulationError, match=r"process 'late' cannot be started: simulation 'main' has ended .at 2024"
    ):
        sim.process(late)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Simulation(hosted(), rising_market()), "market: a BacktestConfig is no MarketHistory"),
        (lambda: Simulation(rising_market(), BuyOnce), "config: the class BuyOnce is no BacktestConfig"),
        (lambda: Simulation(rising_market(), hosted(), Environment), "env: the class Environment is no Environment"),
        (lambda: Simulation(rising_market(), hosted(), Environment(0.0)), "Environment.initial_time=config.start_ms"),
        (lambda: Simulation(rising_market(), hosted(), START), "env: a int is no Environment"),
    ],
)
def test_what_a_simulation_cannot_be_made_of_is_told(make: Callable[[], Simulation], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        make()


def test_a_configuration_holds_from_when_it_is_given_and_models_of_ones_own_stay() -> None:
    class Twice:
        def delay_ms(self, decided_at_ms: int) -> int:
            return 2 * MINUTE

    script = Script({1: buy(), 6: close()})
    settings = config(script, 20, fee_rate=0.1)
    sim = wired(market(X=klines(*[100.0] * 20)), settings, models=ExecutionModels(latency=Twice()), record_journal=True)
    later = replace(settings, fee_rate=0.3, order_latency_ms=0)
    sim.clock.at(START + 5 * MINUTE, Phase.MARKET_DATA).callbacks.append(lambda _: sim.configure(later))
    result = sim.run()
    assert [each.timestamp for each in result.fill_records] == [START + 3 * MINUTE, START + 8 * MINUTE]
    shares = [each.fee / (each.size * each.price) for each in result.fill_records]
    assert shares == pytest.approx([0.001, 0.003])
    unchanged = wired(
        market(X=klines(*[100.0] * 20)), settings, models=ExecutionModels(latency=Twice()), record_journal=True
    ).run()
    assert result.journal.lines[0] == unchanged.journal.lines[0]
