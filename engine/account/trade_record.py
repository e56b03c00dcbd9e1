"""The record of one closing fill."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..contract import ExitReason


@dataclass(frozen=True, slots=True)
class BacktestTradeRecord:
    """A closed position or part of one. Money in USD; `pnl` is net of `fee` (its share of the entry fees and the
    exit fee) and includes `funding` (received +); `pnl_percent` is `pnl` in percent of the entry notional. The
    opening decision's trigger stands in `trigger_type` and on, the closing decision's in `exit_...`.
    """

    timestamp: int
    trigger_type: str
    symbol: str
    operation: str
    side: Literal["long", "short"]
    entry_price: float
    size: float
    leverage: float
    exit_price: float
    exit_timestamp: int
    exit_reason: ExitReason
    pnl: float
    gross_pnl: float
    pnl_percent: float
    fee: float
    funding: float
    equity_after: float
    reason: str
    pool_name: str
    triggered_signals: tuple[str, ...]
    exit_trigger_type: str
    exit_pool_name: str
    exit_decision_reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, times in epoch ms."""
        entry = asdict(self)
        entry["triggered_signals"] = list(self.triggered_signals)
        return entry
