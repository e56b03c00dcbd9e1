"""perpsim inside somebody else's simulation: their SimPy environment, their processes, one clock."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest
from simpy import Environment, Event

from engine import (
    BacktestConfig,
    ConfigurationError,
    Decision,
    Fill,
    KlineColumns,
    MarketData,
    MarketHistory,
    Simulation,
    SimulationError,
)
from processes import ProgramBacktestEngine, make_executor, start_standard_processes

MINUTE = 60_000
START = 1_704_067_200_000


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


def config(**changes: object) -> BacktestConfig:
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
    sim = Simulation(rising_market(), config(), env)
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
    assert timeline == [
        (-7, "host"),
        (3, "host"),
        (5, "buy 43.860 at 114.0"),
        (13, "host"),
        (23, "host"),
    ]
    assert env.now == sim.end_ms
    result = sim.result()
    assert result.total_triggers == 6
    assert result.total_pnl == pytest.approx(5000.0 / 114.0 * 25.0)


def test_the_result_is_that_of_the_engine_on_its_own() -> None:
    market = rising_market()
    env = Environment(initial_time=START)
    sim = Simulation(market, config(), env)
    start_standard_processes(sim, make_executor(sim.config))
    sim.start()
    env.run(until=sim.done)
    alone = ProgramBacktestEngine(market).run(config())
    assert sim.result().to_dict(timing=False) == alone.to_dict(timing=False)


def test_the_users_process_can_stop_the_run() -> None:
    sim = Simulation(rising_market(), config())
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
    simulations = [Simulation(rising_market(), config(scheduled_interval=60 * n), env, f"sim{n}") for n in (1, 7)]
    for sim in simulations:
        start_standard_processes(sim, make_executor(sim.config))
        sim.start()
    env.run(until=simulations[0].done & simulations[1].done)
    assert [sim.result().total_triggers for sim in simulations] == [30, 4]
    assert [sim.result().trigger_log[0]["timestamp"] - START for sim in simulations] == [MINUTE, 7 * MINUTE]


def test_an_environment_with_another_clock_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="integer milliseconds"):
        Simulation(rising_market(), config(), Environment(initial_time=0.0))
    with pytest.raises(ConfigurationError, match="after start_time"):
        Simulation(rising_market(), config(), Environment(initial_time=START + 1))


def test_a_host_process_that_makes_time_a_fraction_is_found_out() -> None:
    env = Environment(initial_time=START)
    sim = Simulation(rising_market(), config(), env)
    start_standard_processes(sim, make_executor(sim.config))

    def sloppy(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.env.timeout(0.5)

    sim.process(sloppy)
    sim.start()
    with pytest.raises(SimulationError, match="sloppy"):
        env.run(until=sim.done)


def test_an_interrupt_takes_effect_between_two_events() -> None:
    sim = Simulation(rising_market(), config())
    start_standard_processes(sim, make_executor(sim.config))

    def press(sim: Simulation) -> Generator[Event, object, None]:
        yield sim.at(START + 12 * MINUTE)
        sim.interrupt()
        assert not sim.is_over

    sim.process(press)
    result = sim.run()
    assert (result.success, result.interrupted, result.error) == (False, True, None)
    assert (result.end_time, result.total_triggers) == (START + 12 * MINUTE, 2)
