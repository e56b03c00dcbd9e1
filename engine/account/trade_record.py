"""A fill that closes a position or a part of it, what comes of it, and the record of that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..contract import ExitReason
from ..kernel import Fill
from .position import Holding

#: Of a trade: its maximum adverse excursion in USD and in percent, and its maximum favourable one.
Excursion = tuple[float, float, float, float]


class Closing:
    """The position `held`, the `fill` that closes a `share` of it, and what comes of that in USD.

    `fee` is its share of the entry fees, and the exit fee; `funding` its share of the funding, received +. `gross` is
    its price PnL, `covered` what it loses beyond its share of margin and funding where it may not lose more
    (`bounds_loss`), `pnl` what is left of all. `equity_after` is noted when the account has changed.
    """

    __slots__ = ("covered", "equity_after", "fee", "fill", "funding", "gross", "held", "pnl", "share")

    def __init__(self, held: Holding, fill: Fill, bounds_loss: bool) -> None:
        self.held, self.fill = held, fill
        self.share = share = held.share(fill.size)
        self.gross = gross = held.sign * fill.size * (fill.price - held.entry_price)
        self.fee, self.funding = held.entry_fees * share + fill.fee, held.funding * share
        lost = fill.fee - gross - (held.margin + held.funding) * share if bounds_loss else 0.0
        self.covered = lost if lost > 0.0 else 0.0
        self.pnl = gross - self.fee + self.funding + self.covered
        self.equity_after = 0.0

    @property
    def risk(self) -> float | None:
        """What would have been lost, before fees, between the entries and their first stops; None without a stop."""
        return self.held.risk * self.share if self.held.risk else None


@dataclass(frozen=True, slots=True)
class BacktestTradeRecord:
    """A closed position or part of one, in `symbol`: `size` coins, `side` "long" or "short", from `entry_price`, the
    mean of its entries, to `exit_price`, with the `leverage` of its entries. `exit_reason` says what closed it.

    Money in USD: `pnl` is `gross_pnl`, what came of the prices, net of `fee` (its share of the entry fees and the exit
    fee), and includes `funding` (received +) and `shortfall_covered`, what an isolated position lost beyond its margin;
    `pnl_percent` is `pnl` in percent of the entry notional, `equity_after` what the account was worth then. `risk` is
    what would have been lost, before fees, between the entries and their first stops; `r_multiple` is `pnl` in units of
    it; both are None when an entry had no stop. `mae` and `mfe`, the maximum adverse and favourable excursion, are the
    worst (0 or below) and the best (0 or above) unrealised PnL on the way, of what was held at each moment, in USD and,
    as `mae_percent` and `mfe_percent`, in percent of the entry notional; they are worked out when the run is over, and
    None before.

    Times in epoch ms: `timestamp` is that of the opening decision, `entry_timestamp` that of its first fill,
    `exit_timestamp` that of the closing one. What the opening decision said is `operation`, `reason` and `tag`; what
    woke it `trigger_type`, `pool_name` and `triggered_signals`. Of the closing decision these are `exit_trigger_type`,
    `exit_pool_name`, `exit_decision_reason` and `exit_tag`; of an exit of a bracket `exit_tag` is that of its entry.
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
    tag: str = ""
    exit_tag: str = ""

    @property
    def holding_ms(self) -> int:
        """How long it was held, from its first fill to its exit."""
        return self.exit_timestamp - self.entry_timestamp

    @classmethod
    def of(cls, closing: Closing, excursion: Excursion | None) -> BacktestTradeRecord:
        """Return the record of a closing fill, with its excursion if that is known."""
        held, fill, pnl, risk = closing.held, closing.fill, closing.pnl, closing.risk
        assert fill.purpose != "entry"
        notional = fill.size * held.entry_price
        opened = held.origin.trigger
        closed = fill.origin.trigger if fill.origin is not None else None
        mae, mae_percent, mfe, mfe_percent = excursion or (None,) * 4
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
            gross_pnl=closing.gross + 0.0,  # no minus before a zero
            pnl_percent=100.0 * pnl / notional if notional > 0.0 else 0.0,
            fee=closing.fee,
            funding=closing.funding + 0.0,
            equity_after=closing.equity_after,
            reason=held.origin.reason,
            pool_name=opened.pool_name if opened is not None else "",
            triggered_signals=() if opened is None else opened.signal_names(),
            exit_trigger_type=closed.trigger_type if closed is not None else "",
            exit_pool_name=closed.pool_name if closed is not None else "",
            exit_decision_reason=fill.origin.reason if fill.origin is not None else "",
            risk=risk,
            r_multiple=None if risk is None else pnl / risk,
            mae=mae,
            mae_percent=mae_percent,
            mfe=mfe,
            mfe_percent=mfe_percent,
            shortfall_covered=closing.covered,
            tag=held.origin.tag,
            exit_tag=fill.tag,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, times in epoch ms."""
        entry = asdict(self)
        entry["exit_reason"] = self.exit_reason.value
        entry["triggered_signals"] = list(self.triggered_signals)
        return entry
