"""What asking a jailed program costs this process, counted in calls of Python functions, beside those of the run."""

import sys

import pytest

from adapters import synthetic_klines
from engine import BacktestConfig, MarketHistory, Simulation
from processes import ExecutorFor, start_standard_processes
from tests.support.runs import START
from tests.support.sandboxes import jailed

pytestmark = jailed

HOUR = 3_600_000
KLINES = {"BTC": synthetic_klines("BTC", START, 60 * 24 * 40, 7)}
FEW, MANY = 100, 800
HEAD = "class A:\n    def should_trade(self, data):\n"
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
    sim = Simulation(MarketHistory.from_klines(KLINES), config)
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


@pytest.mark.parametrize(("code", "most"), COSTS.values(), ids=COSTS)
def test_a_question_to_a_jailed_program_takes_few_calls(code, most, sandbox):
    few, many = (calls(code, triggers, sandbox.executor) for triggers in (FEW, MANY))
    assert (many - few) / (MANY - FEW) <= most
