"""The record of one closing fill."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..contract import ExitReason
from ..kernel import Fill
from .position import Holding


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

    @classmethod
    def of(cls, held: Holding, fill: Fill, gross: float, equity_after: float) -> BacktestTradeRecord:
        """Return the record of a fill that closes a position, or a part of it: `gross` is its price PnL in USD."""
        assert fill.purpose != "entry"
        share = held.share(fill.size)
        notional = fill.size * held.entry_price
        fee = held.entry_fees * share + fill.fee
        funding = held.funding * share
        pnl = gross - fee + funding
        opened = held.origin.trigger
        closed = fill.origin.trigger if fill.origin is not None else None
        return cls(
            timestamp=held.origin.decided_at,
            trigger_type=opened.trigger_type if opened is not None else "",
            symbol=held.symbol,
            operation=held.origin.operation,
            side=held.side,
            entry_price=held.entry_price,
            size=fill.size,
            leverage=held.leverage,
            exit_price=fill.price,
            exit_timestamp=fill.timestamp,
            exit_reason=fill.purpose,
            pnl=pnl,
            gross_pnl=gross,
            pnl_percent=100.0 * pnl / notional if notional > 0.0 else 0.0,
            fee=fee,
            funding=funding,
            equity_after=equity_after,
            reason=held.origin.reason,
            pool_name=opened.pool_name if opened is not None else "",
            triggered_signals=() if opened is None else opened.signal_names(),
            exit_trigger_type=closed.trigger_type if closed is not None else "",
            exit_pool_name=closed.pool_name if closed is not None else "",
            exit_decision_reason=fill.origin.reason if fill.origin is not None else "",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, times in epoch ms."""
        entry = asdict(self)
        entry["exit_reason"] = self.exit_reason.value
        entry["triggered_signals"] = list(self.triggered_signals)
        return entry
