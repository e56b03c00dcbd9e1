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
    exit fee) and includes `funding` (received +) and `shortfall_covered`, what an isolated position lost beyond its
    margin; `pnl_percent` is `pnl` in percent of the entry notional. The
    opening decision's trigger stands in `trigger_type` and on, the closing decision's in `exit_...`.

    Times in epoch ms: `timestamp` is that of the opening decision, `entry_timestamp` that of its first fill. `risk` is
    what would have been lost, before fees, between the entries and their first stops; `r_multiple` is `pnl` in units of
    it; both are None when an entry had no stop. `mae` and `mfe`, the maximum adverse and favourable excursion, are the
    worst (0 or below) and the best (0 or above) unrealised PnL on the way, in USD and in percent of the entry notional;
    they are worked out when the run is over, and None before.
    """

    timestamp: int
    entry_timestamp: int
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
    risk: float | None = None
    r_multiple: float | None = None
    mae: float | None = None
    mae_percent: float | None = None
    mfe: float | None = None
    mfe_percent: float | None = None
    shortfall_covered: float = 0.0

    @property
    def holding_ms(self) -> int:
        """How long it was held, from its first fill to its exit."""
        return self.exit_timestamp - self.entry_timestamp

    def note_excursions(self, mae: float, mae_percent: float, mfe: float, mfe_percent: float) -> None:
        """Set what is known only when the run is over, once and past the lock: a copy of each record would take ten
        times as long, and its memory again.
        """
        noted = {"mae": mae, "mae_percent": mae_percent, "mfe": mfe, "mfe_percent": mfe_percent}
        for name, value in noted.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, held: Holding, fill: Fill, gross: float, covered: float, equity_after: float) -> BacktestTradeRecord:
        """Return the record of a fill that closes a position, or a part of it: `gross` is its price PnL,
        `covered` what an isolated position does not have to bear of its loss (USD).
        """
        assert fill.purpose != "entry"
        share = held.share(fill.size)
        notional = fill.size * held.entry_price
        fee = held.entry_fees * share + fill.fee
        funding = held.funding * share
        pnl = gross - fee + funding + covered
        risk = held.risk * share if held.risk else None
        opened = held.origin.trigger
        closed = fill.origin.trigger if fill.origin is not None else None
        return cls(
            timestamp=held.origin.decided_at,
            entry_timestamp=held.opened_at,
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
            gross_pnl=gross + 0.0,  # no minus before a zero
            pnl_percent=100.0 * pnl / notional if notional > 0.0 else 0.0,
            fee=fee,
            funding=funding + 0.0,
            equity_after=equity_after,
            reason=held.origin.reason,
            pool_name=opened.pool_name if opened is not None else "",
            triggered_signals=() if opened is None else opened.signal_names(),
            exit_trigger_type=closed.trigger_type if closed is not None else "",
            exit_pool_name=closed.pool_name if closed is not None else "",
            exit_decision_reason=fill.origin.reason if fill.origin is not None else "",
            risk=risk,
            r_multiple=None if risk is None else pnl / risk,
            shortfall_covered=covered,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, times in epoch ms."""
        entry = asdict(self)
        entry["exit_reason"] = self.exit_reason.value
        entry["triggered_signals"] = list(self.triggered_signals)
        return entry
