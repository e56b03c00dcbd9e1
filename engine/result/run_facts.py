"""What a finished run leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..account import VirtualAccount
from ..config import BacktestConfig
from ..exchange import ExecutionSimulator
from ..market import MarketHistory
from ..program import HistoricalDataProvider, ParameterReads
from ..triggers import TriggerRecords


class FaultFacts(Protocol):
    """What is known of a fault when the run is over."""

    def summary(self) -> str:
        """Return in one line what it did."""


class RunFacts(Protocol):
    """What a run leaves behind: its result is worked out from this alone. It went on until `until_ms`."""

    config: BacktestConfig
    market: MarketHistory
    account: VirtualAccount
    exchange: ExecutionSimulator
    provider: HistoricalDataProvider
    parameters: ParameterReads | None
    trigger_log: TriggerRecords
    warnings: list[str]
    until_ms: int
    error: str | None
    interrupted: bool
    strategy_errors: int
    late_wakes: int

    @property
    def faults(self) -> Sequence[FaultFacts]:
        """What went wrong on purpose."""
