"""The result of a back-test, with everything that a user needs to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ..account import BacktestTradeRecord
from .equity_curve import EquityCurve


@dataclass(frozen=True, kw_only=True, eq=False)
class BacktestResult:
    """Figures, trades and logs of one run. Money in USD, times in epoch ms, names ending in percent in percent.

    `total_pnl` is net: final equity - initial balance = `price_pnl` - `fees_paid` + `funding_received`, with the
    unrealised part of open positions in `price_pnl`. A figure that is not defined is None. `equity` is the full
    curve; `to_dict` samples it. `execution_time_ms` is the only value that depends on the machine.
    """

    success: bool
    error: str | None
    interrupted: bool
    start_time: int
    end_time: int
    initial_balance: float
    final_equity: float
    total_pnl: float
    total_pnl_percent: float
    price_pnl: float
    unrealized_pnl: float
    fees_paid: float
    funding_received: float
    max_drawdown: float
    max_drawdown_percent: float
    worst_intrabar_equity: float
    sharpe_ratio: float | None
    sortino_ratio: float | None
    calmar_ratio: float | None
    annual_return_percent: float | None
    annual_volatility_percent: float | None
    return_count: int
    return_grid: str
    annualization_factor: int
    total_trades: int
    winning_trades: int
    losing_trades: int
    win_rate: float
    profit_factor: float | None
    avg_win: float
    avg_loss: float
    largest_win: float
    largest_loss: float
    exposure_percent: float
    turnover_usd: float
    turnover_ratio: float
    buy_and_hold_percent: dict[str, float | None]
    signal_triggers: int
    scheduled_triggers: int
    total_triggers: int
    decisions: dict[str, int]
    orders_submitted: int
    fills: int
    rejections: dict[str, int]
    ambiguous_klines: int
    liquidations: list[dict[str, Any]]
    liquidation_shortfall: float
    funding_payments: int
    risk_limit_hits: list[dict[str, Any]]
    strategy_errors: int
    open_positions: list[dict[str, Any]]
    unanswered_queries: list[dict[str, Any]]
    data_coverage: list[dict[str, Any]]
    warnings: list[str]
    trades: Sequence[BacktestTradeRecord]
    equity: EquityCurve
    trigger_log: Sequence[dict[str, Any]]
    config: dict[str, Any]
    execution_time_ms: float | None = field(default=None)

    @property
    def equity_curve(self) -> list[dict[str, Any]]:
        """At most 2,000 points {timestamp, equity, balance, drawdown} that keep every extreme of the full curve."""
        return self.equity.points()

    def to_dict(self, timing: bool = True) -> dict[str, Any]:
        """Return everything as plain values for JSON; without `timing` the same run gives the same bytes."""
        entry: dict[str, Any] = {}
        for each in fields(self):
            if each.name == "equity":
                entry["equity_curve"] = self.equity_curve
            elif each.name == "trades":
                entry["trades"] = [trade.to_dict() for trade in self.trades]
            elif each.name == "trigger_log":
                entry["trigger_log"] = list(self.trigger_log)
            elif each.name != "execution_time_ms":
                entry[each.name] = getattr(self, each.name)
        if timing:
            entry["execution_time_ms"] = self.execution_time_ms
        return entry
