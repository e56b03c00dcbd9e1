"""Running programs in the sandbox from tests, and telling what became of them and of their processes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest

from adapters import Sandbox, SandboxLimits
from adapters.sandbox import jail_problem
from engine import BacktestResult, MarketHistory, ProgramError
from engine.errors import ProgramLost
from processes import HASH_SEED_WARNING, ExecutorFor, ProgramBacktestEngine, TriggerSource, trusted_executor
from tests.support.process_facts import children
from tests.support.runs import config, klines, market

MEBIBYTE = 1 << 20

#: Small enough that an attack on time or memory ends soon.
TIGHT = SandboxLimits(call_s=0.6, grace_s=0.4, total_s=8.0, memory_bytes=192 * MEBIBYTE)

NO_JAIL = jail_problem()
jailed = pytest.mark.skipif(NO_JAIL is not None, reason=str(NO_JAIL))

TRADER = """
class Trader:
    def init(self, params):
        self.n = params.get("n", 0)
    def should_trade(self, data):
        self.n += 1
        log("n", self.n)
        if data.positions:
            return Decision("close", "X", str(self.n))
        return Decision("buy", "X", str(self.n), target_portion_of_balance=0.5, leverage=2)
"""
#: Turns round at every trigger, and asks for an indicator that is too short at every other one.
ASKER = """
class Asker:
    n = 0
    def should_trade(self, data):
        self.n += 1
        if self.n % 2:
            data.get_indicator("X", "MACD", "1m"), data.get_indicator("X", "RSI14", "5m")
        return Decision("buy" if self.n % 4 < 2 else "sell", "X", target_portion_of_balance=0.3, leverage=2)
"""
#: A program up to the lines of its decision.
HEAD = "class A:\n    def should_trade(self, data):\n"


def wave(minutes: int = 90) -> MarketHistory:
    """A market that goes up and down."""
    return market(X=klines(*[100 + 5 * math.sin(k / 3) for k in range(minutes)]))


def run_code(
    code: str,
    executor_for: ExecutorFor = trusted_executor,
    history: MarketHistory | None = None,
    minutes: float = 3,
    signals: Sequence[TriggerSource] = (),
    record_queries: bool = False,
    **fields: Any,
) -> BacktestResult:
    """Back-test source text."""
    history = wave() if history is None else history
    engine = ProgramBacktestEngine(history, signals, executor_for=executor_for)
    return engine.run(config(code, minutes, tuple(history.symbols), **fields), record_queries=record_queries)


def outcome(code: str, sandbox: Sandbox, **given: Any) -> tuple[str, str]:
    """Return in one word what becomes of a program in the sandbox, and everything that it said; `given` is for
    `run_code`.
    """
    try:
        result = run_code(code, sandbox.executor, **given)
    except ProgramError as error:
        return "refused", str(error)
    except ProgramLost as error:  # before its first line was run
        return "killed", str(error)
    return word_for(result), "\n".join([str(result.error), *logged(result)])


def logged(result: BacktestResult) -> list[str]:
    """Every line that a program has logged."""
    return [line for entry in result.trigger_log for line in entry["logs"]]


def word_for(result: BacktestResult) -> str:
    """Return in one word what became of a program."""
    error = result.error or ""
    if "TimeLimit" in error:
        return "timed out"
    if "the program was stopped" in error:
        return "killed"
    if "MemoryError" in error:
        return "out of memory"
    if error:
        return "stopped"
    return "rejected" if result.rejections else "harmless"


def figures(result: BacktestResult) -> str:
    """Everything that a result says of the run, as text; of its configuration nothing."""
    entry = result.to_dict(timing=False, all_triggers=True)
    entry["warnings"] = [text for text in entry["warnings"] if text != HASH_SEED_WARNING]  # of the process that ran it
    del entry["config"]
    return json.dumps(entry)


def workers(made: Sandbox) -> list[int]:
    """The processes that a sandbox's zygote has at work."""
    return children(made._living_zygote()._process.pid)
