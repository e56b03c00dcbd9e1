"""Speed of the sandbox: W1 as source text in the jail against the same class plain, and what starting it costs.

The goal is at most 1.15 times the plain run and 0.4 s of start-up; a worker of a zygote that runs is to start in 50 ms.
"""

import time

import pytest

from adapters import Sandbox, synthetic_klines
from adapters.sandbox import jail_problem
from engine import BacktestConfig, MarketHistory
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.runs import config
from tests.support.sandboxes import wave

START = 1_704_067_200_000
MINUTES = 366 * 1440
W1 = """
class ReversionOnRsi:
    def should_trade(self, data):
        if "BTC" in data.positions:
            return None
        rsi = data.get_indicator("BTC", "RSI14", "1h").get("value", 50.0)
        if rsi < 30.0:
            return self._order("buy", data.get_price("BTC"))
        if rsi > 70.0:
            return self._order("sell", data.get_price("BTC"))
        return None

    def _order(self, operation, price):
        sign = 1 if operation == "buy" else -1
        return Decision(operation, "BTC", target_portion_of_balance=0.5, leverage=2,
                        take_profit_price=price * (1 + sign * 0.02), stop_loss_price=price * (1 - sign * 0.01))
"""

pytestmark = pytest.mark.skipif(jail_problem() is not None, reason=str(jail_problem()))


@pytest.fixture(scope="module")
def klines():
    return synthetic_klines("BTC", START, MINUTES, 7)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def measure(benchmark, klines, executor_for, interval="1h", rounds=7):
    settings = BacktestConfig(
        code=W1, symbols=["BTC"], start_time=START, end_time=START + MINUTES * 60_000, scheduled_interval=interval
    )

    def setup():
        market = MarketHistory.from_klines({"BTC": klines})
        return (ProgramBacktestEngine(market, executor_for=executor_for), settings), {}

    result = benchmark.pedantic(lambda engine, settings: engine.run(settings), setup=setup, rounds=rounds)
    assert result.success
    seconds = min(benchmark.stats.stats.data) if benchmark.stats else 0.0
    print(
        f"\n{benchmark.name}: best {seconds:.4f} s, {result.total_triggers:,} triggers, "
        f"{1e6 * seconds / result.total_triggers:.1f} us a trigger"
    )


def test_w1_in_this_process(benchmark, klines):
    measure(benchmark, klines, trusted_executor)


def test_w1_in_the_jail(benchmark, klines, sandbox):
    measure(benchmark, klines, sandbox.executor)


def test_a_trigger_every_minute_in_this_process(benchmark, klines):
    measure(benchmark, klines, trusted_executor, "1m", 1)


def test_a_trigger_every_minute_in_the_jail(benchmark, klines, sandbox):
    measure(benchmark, klines, sandbox.executor, "1m", 1)


def test_a_short_run_of_a_zygote_that_runs(benchmark, sandbox):
    engine = ProgramBacktestEngine(wave(), executor_for=sandbox.executor)
    settings = config("class A:\n    def should_trade(self, data):\n        return None", 3)
    benchmark.pedantic(lambda: engine.run(settings), rounds=30, warmup_rounds=3)
    print(f"\n{benchmark.name}: median {1e3 * benchmark.stats.stats.median:.1f} ms")


def test_a_sandbox_from_nothing(benchmark):
    settings = config("class A:\n    def should_trade(self, data):\n        return None", 3)

    def run():
        began = time.perf_counter()
        with Sandbox() as made:
            ProgramBacktestEngine(wave(), executor_for=made.executor).run(settings)
            return time.perf_counter() - began

    benchmark.pedantic(run, rounds=5)
    print(f"\n{benchmark.name}: median {1e3 * benchmark.stats.stats.median:.0f} ms")
