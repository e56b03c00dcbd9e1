"""What the drills of tests/extensions have in common: the same program in the sandbox, beside what is one's own."""

from __future__ import annotations

from typing import Any

import pytest

from adapters import Sandbox
from engine import BacktestResult, MarketHistory
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.runs import config
from tests.support.sandboxes import NO_JAIL, TIGHT, figures

BUY_ONCE = """
class BuyOnce:
    def should_trade(self, data):
        if data.positions or data.recent_trades:
            return None
        return Decision("buy", "X", target_portion_of_balance=0.5, leverage=1)
"""


def jailed(history: MarketHistory, code: str, minutes: float, **given: Any) -> BacktestResult:
    """Run source text in the sandbox, with what is given to the engine or to the run, and assert that the result
    and its journal are those of a trusted run to the last character; skip where this machine has no sandbox.
    """
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    prepare, fields = given.pop("prepare", None), given.pop("fields", {})
    results = []
    with Sandbox(TIGHT) as sandbox:
        for executor_for in (trusted_executor, sandbox.executor):
            engine = ProgramBacktestEngine(history, executor_for=executor_for, **given)
            settings = config(code, minutes, tuple(history.symbols), **fields)
            results.append(engine.run(settings, prepare=prepare, record_journal=True))
    trusted, result = results
    assert figures(result) == figures(trusted)
    assert [*(result.journal or ())] == [*(trusted.journal or ())]
    return result
