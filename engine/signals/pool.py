"""Signals and pools as they are defined, and how a pool combines its signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from .check_points import FALSE, TRUE, UNDEFINED, States
from .condition import Condition

LOGICS = ("OR", "AND")


@dataclass(frozen=True)
class SignalDefinition:
    """A `condition` with a `name` and a `description`, defined on the data of `exchange`; `signal_id` is None where it
    is not stored.
    """

    signal_id: int | None
    name: str
    condition: Condition
    description: str = ""
    exchange: str = "hyperliquid"


@dataclass(frozen=True)
class SignalPool:
    """`signals` that fire together, under a `name`: with OR when one is true, with AND when all are.

    `symbols` are the symbols it watches (empty: all). `pool_id` is None for a pool that is not stored. `logic` is
    taken in any case. Raises `ConfigurationError` for another logic and for a pool without a signal.
    """

    pool_id: int | None
    name: str
    signals: tuple[SignalDefinition, ...]
    symbols: tuple[str, ...] = ()
    logic: str = "OR"

    def __post_init__(self) -> None:
        logic = self.logic.strip().upper() if isinstance(self.logic, str) else self.logic
        problems = [] if logic in LOGICS else [f"logic {self.logic!r} is not one of {', '.join(LOGICS)}"]
        if not self.signals:
            problems.append("it has no signal")
        if problems:
            raise ConfigurationError([f"signal pool {self.label}: {problem}" for problem in problems])
        object.__setattr__(self, "logic", logic)

    @classmethod
    def of(cls, condition: Condition) -> SignalPool:
        """Return the pool of one condition, which is not stored."""
        return cls(None, condition.describe(), (SignalDefinition(None, condition.describe(), condition),))

    @property
    def label(self) -> str:
        """What messages call it: its id, where it has one, and its name."""
        return repr(self.name) if self.pool_id is None else f"{self.pool_id} ({self.name!r})"

    @property
    def on_klines(self) -> bool:
        """Whether every signal can change only when a kline closes."""
        return all(signal.condition.on_klines for signal in self.signals)


def combine(states: Sequence[States], logic: str) -> States:
    """Return a pool's state at each check point, by three-valued logic.

    OR is true if one is true and false if all are false; AND is false if one is false and true if all are true.
    """
    table = np.stack(states)
    decides, otherwise = (TRUE, FALSE) if logic == "OR" else (FALSE, TRUE)
    result = np.full(table.shape[1], UNDEFINED, np.int8)
    result[(table == otherwise).all(axis=0)] = otherwise
    result[(table == decides).any(axis=0)] = decides
    return result
