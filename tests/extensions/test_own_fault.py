"""A fault of one's own: an exchange that takes no order above a size while it is under load.

Touches 1 file: this one, with the process. It needs nothing but `sim.exchange.checks` and what a fault is called with.
"""

import pytest

from engine import ConfigurationError, Simulation, SimulationError
from processes import faults, make_executor, start_standard_processes
from tests.support.drills import jailed
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, wired

HISTORY = market(X=klines(*[100.0] * 60))
CODE = """
class Adds:
    def should_trade(self, data):
        size = 1.0 if (data.timestamp // 60_000) % 2 else 9.0
        return Decision("buy", "X", size=size, leverage=1)
"""


def overload(sim, fault):
    """Refuse every order of more than `most` coins while it is on."""

    def check(decision, now_ms):
        if not fault.concerns(decision.symbol) or (decision.size or 0.0) <= fault["most"]:
            return None
        fault.act(decision.symbol, "orders refused")
        return "exchange overloaded"

    with fault.puts(sim.exchange.checks, check):
        yield fault.over()


def overloads(**given):
    return [faults.own(overload, "overload", start=START + 5 * MINUTE, duration="10m", most=5.0, **given)]


def test_it_refuses_large_orders_while_it_is_on():
    decisions = {minute: buy(portion=0.0, size=1.0 if minute % 2 else 9.0) for minute in range(1, 10)}
    sim = wired(HISTORY, config(Script(decisions), 30, faults=overloads()))
    result = sim.run()
    assert result.rejections == {"exchange overloaded": 2}
    assert "fault overload: once, 10m in all; orders refused: 2" in result.warnings
    assert wired(HISTORY, config(Script(decisions), 30, faults=overloads(intensity=0))).run().rejections == {}


def test_it_is_the_same_for_a_jailed_program():
    result = jailed(HISTORY, CODE, 20, fields={"faults": overloads(), "initial_balance": 1e6})
    assert result.rejections["exchange overloaded"] == 5


def test_one_that_lacks_a_value_is_told_with_its_name():
    fault = faults.own(overload, "overload", duration="10m")
    settings = config(Script({1: buy(portion=0.0, size=1.0)}), 10, faults=[fault])
    sim = Simulation(HISTORY, settings)
    start_standard_processes(sim, make_executor(settings))
    missing = r"fault overload failed at 2024-01-01 00:01:00 UTC \(test_own_fault.py, line \d+\): .* no value 'most'"
    with pytest.raises(SimulationError, match=missing):
        sim.run()
    with pytest.raises(ConfigurationError, match="no process"):
        config(Script({}), 10, faults=[faults.own("overload")])
