"""What the drills of tests/extensions have in common: the same jailed, and what is said where that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapters import Sandbox
from engine import BacktestResult, ConfigurationError, MarketHistory, Simulation
from processes import ProgramBacktestEngine
from tests.support.runs import config
from tests.support.sandboxes import NO_JAIL, TIGHT

BUY_ONCE = """
class BuyOnce:
    def should_trade(self, data):
        if data.positions or data.recent_trades:
            return None
        return Decision("buy", "X", target_portion_of_balance=0.5, leverage=1)
"""


def jailed(history: MarketHistory, code: str, minutes: float, **given: Any) -> BacktestResult:
    """Run source text in the sandbox, with what is given to the engine; skip where this machine has none."""
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    prepare: Callable[[Simulation], None] | None = given.pop("prepare", None)
    fields = given.pop("fields", {})
    with Sandbox(TIGHT) as sandbox:
        engine = ProgramBacktestEngine(history, executor_for=sandbox.executor, **given)
        return engine.run(config(code, minutes, tuple(history.symbols), **fields), prepare=prepare)


def refused_in_jail(history: MarketHistory, minutes: float, what: str, **given: Any) -> None:
    """Assert that source text together with this is refused before the run, with a sentence that names it."""
    with pytest.raises(ConfigurationError, match=f"cannot be run together with {what} of your own yet"):
        jailed(history, BUY_ONCE, minutes, **given)
