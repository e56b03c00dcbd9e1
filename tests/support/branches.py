"""Runs that branch, copied and made again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from adapters.trials import Ground, Job
from engine import MarketHistory
from processes import TriggerSource
from tests.support.runs import config, market, walk

T = TypeVar("T")

MINUTES = 60.0
#: Turns round at every tenth minute of the run, and remembers how often it was asked.
TURNS = """
class Turns:
    def init(self, params):
        self.asked = 0
    def should_trade(self, data):
        self.asked += 1
        if self.asked % 10:
            return None
        side = "buy" if self.asked % 20 else "sell"
        return Decision(side, "X", reason=str(self.asked), target_portion_of_balance=0.5, leverage=2)
"""


def job(
    program: Any = TURNS,
    history: MarketHistory | None = None,
    minutes: float = MINUTES,
    trust: bool = True,
    signals: tuple[TriggerSource, ...] = (),
    **fields: Any,
) -> Job:
    """A run of an hour on a random walk, with fees, unless told otherwise."""
    history = history or market(X=walk(int(minutes), seed=3))
    own = {name: fields.pop(name) for name in ("models", "prepare") if name in fields}
    settings = config(program, minutes, tuple(history.symbols), **{"fee_rate": 0.05, **fields})
    return Job(settings, {"": Ground(history, signals)}, trust, **own)


def not_copied(call: Callable[[], T]) -> T:
    """Make a call in another thread: from there no process is copied."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(call).result()
