"""What a finished run leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..account import VirtualAccount
from ..config import BacktestConfig
from ..exchange import ExecutionSimulator
from ..market import MarketHistory
from ..program import UnansweredQueries
from .trigger_record import TriggerRecord


@dataclass(frozen=True, kw_only=True, eq=False)
class RunFacts:
    """What a run left behind: its result is worked out from this alone."""

    config: BacktestConfig
    market: MarketHistory
    account: VirtualAccount
    exchange: ExecutionSimulator
    trigger_log: Sequence[TriggerRecord]
    warnings: Sequence[str]
    unanswered: UnansweredQueries
    until_ms: int
    error: str | None
    interrupted: bool
    strategy_errors: int
