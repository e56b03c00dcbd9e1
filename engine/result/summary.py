"""From a finished run to its result: the curve, the figures, the warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..account import AccountState, VirtualAccount
from ..config import BacktestConfig
from ..contract import decision_dict
from ..exchange import ExecutionSimulator
from ..instants import utc_text
from ..market import DataCoverage, MarketHistory, symbol_coverage
from ..periods import DAY_MS
from ..program import NOT_ENOUGH, UnansweredQueries
from .equity_curve import EquityCurve, MinuteGrid, mark_to_market
from .result import BacktestResult
from .statistics import (
    DAYS_PER_YEAR,
    TradeStatistics,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    max_drawdown,
    sharpe_ratio,
    sortino_ratio,
    trade_statistics,
)
from .trigger_record import TriggerLog, TriggerRecord


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

    def price_at(self, symbol: str, time_ms: int) -> float:
        """Return the last price that was known at an instant, 0.0 when there was none."""
        return self.market.symbols[symbol].price(time_ms, self.config.mark_stale_ms) or 0.0


def summarize(run: RunFacts) -> BacktestResult:
    """Return the result of a run from its start to `until_ms`."""
    config, account = run.config, run.account
    initial = config.initial_balance
    curve = mark_to_market(
        run.market,
        account.changes,
        AccountState(initial, {}),
        MinuteGrid(config.start_ms, run.until_ms),
        config.mark_stale_ms,
        run.exchange.margins,
    )
    final = curve.final
    fees, funding = -account.ledger.total("fee"), account.ledger.total("funding")
    unrealized = final - account.state.cash
    coverage = [
        each
        for symbol in config.symbols
        for each in symbol_coverage(run.market.symbols[symbol], config.start_ms, run.until_ms)
    ]
    triggers = Counter(record.trigger.trigger_type for record in run.trigger_log)
    error = run.error or _strict_error(run)
    turnover = sum(fill.size * fill.price for fill in run.exchange.fills)
    return BacktestResult(
        success=error is None and not run.interrupted,
        error=error,
        interrupted=run.interrupted,
        start_time=config.start_ms,
        end_time=run.until_ms,
        initial_balance=initial,
        final_equity=final,
        total_pnl=final - initial,
        total_pnl_percent=100.0 * (final - initial) / initial,
        price_pnl=account.ledger.total("pnl") + unrealized,
        unrealized_pnl=unrealized,
        fees_paid=fees,
        funding_received=funding,
        **_curve_figures(curve),
        **_trade_figures(trade_statistics([trade.pnl for trade in account.trades])),
        exposure_percent=100.0 * curve.minutes_open / (len(curve) - 1),
        turnover_usd=turnover,
        turnover_ratio=turnover / initial,
        buy_and_hold_percent={symbol: _buy_and_hold(run, symbol) for symbol in config.symbols},
        signal_triggers=triggers["signal"],
        scheduled_triggers=triggers["scheduled"],
        total_triggers=len(run.trigger_log),
        decisions=_decision_counts(run.trigger_log),
        orders_submitted=run.exchange.orders_submitted,
        fills=len(run.exchange.fills),
        rejections=dict(sorted(run.exchange.rejections.items())),
        ambiguous_klines=run.exchange.ambiguous_klines,
        liquidations=[asdict(each) for each in run.exchange.liquidations],
        liquidation_shortfall=run.exchange.shortfall,
        funding_payments=sum(posting.kind == "funding" for posting in account.ledger.postings),
        risk_limit_hits=[asdict(each) for each in run.exchange.risk_hits],
        strategy_errors=run.strategy_errors,
        open_positions=_open_positions(run),
        unanswered_queries=run.unanswered.to_list(),
        data_coverage=[each.to_dict() for each in coverage],
        warnings=_warnings(run, curve, coverage),
        trades=tuple(account.trades),
        equity=curve,
        trigger_log=TriggerLog(run.trigger_log, run.price_at),
        config=config.to_dict(),
    )


def _curve_figures(curve: EquityCurve) -> dict[str, Any]:
    days, equity = curve.daily()
    returns = daily_returns(days, equity)
    fall = max_drawdown(curve.compact)
    years = float(days[-1] - days[0]) / (DAYS_PER_YEAR * DAY_MS)
    growth = annual_return(float(equity[0]), float(equity[-1]), years)
    volatility = annual_volatility(returns)
    return {
        "max_drawdown": fall.usd,
        "max_drawdown_percent": fall.percent,
        "worst_intrabar_equity": curve.worst_intrabar,
        "sharpe_ratio": sharpe_ratio(returns),
        "sortino_ratio": sortino_ratio(returns),
        "calmar_ratio": calmar_ratio(growth, fall.percent),
        "annual_return_percent": None if growth is None else 100.0 * growth,
        "annual_volatility_percent": None if volatility is None else 100.0 * volatility,
        "return_count": len(returns),
        "return_grid": "00:00 UTC, part-days at both ends",
        "annualization_factor": int(DAYS_PER_YEAR),
    }


def _trade_figures(trades: TradeStatistics) -> dict[str, Any]:
    return {
        "total_trades": trades.total,
        "winning_trades": trades.winning,
        "losing_trades": trades.losing,
        "win_rate": trades.win_rate,
        "profit_factor": trades.profit_factor,
        "avg_win": trades.avg_win,
        "avg_loss": trades.avg_loss,
        "largest_win": trades.largest_win,
        "largest_loss": trades.largest_loss,
    }


def _buy_and_hold(run: RunFacts, symbol: str) -> float | None:
    """Return the percent change of the price over the run: from the start, or from the first open after it."""
    base = run.market.symbols[symbol].base
    before, after = run.price_at(symbol, run.config.start_ms), run.price_at(symbol, run.until_ms)
    first = base.first_opening(run.config.start_ms)
    if not before and first < len(base.columns):
        before = base.columns.open.item(first)
    return 100.0 * (after - before) / before if before and after else None


def _decision_counts(log: Sequence[TriggerRecord]) -> dict[str, int]:
    counts = Counter(decision_dict(each.decision)["operation"] for each in log if each.decision is not None)
    counts["none"] = sum(each.decision is None for each in log)
    counts += Counter()
    return dict(sorted(counts.items()))


def _open_positions(run: RunFacts) -> list[dict[str, Any]]:
    positions = []
    for held in run.account.state.holdings.values():
        price = run.price_at(held.symbol, run.until_ms) or held.entry_price
        positions.append(
            {
                "symbol": held.symbol,
                "side": held.side,
                "size": held.size,
                "entry_price": held.entry_price,
                "mark_price": price,
                "unrealized_pnl": held.unrealized(price),
                "margin": held.margin,
                "leverage": held.leverage,
                "entry_fees": held.entry_fees,
                "funding": held.funding,
                "opened_at": held.opened_at,
            }
        )
    return positions


def _warnings(run: RunFacts, curve: EquityCurve, coverage: Sequence[DataCoverage]) -> list[str]:
    warnings = [*run.warnings, *filter(None, (each.warning() for each in coverage))]
    warnings.extend(_liquidation_warnings(run))
    if curve.breach is not None and not run.config.liquidation:
        at, equity, margin = curve.breach.timestamp_ms, curve.breach.equity, curve.breach.maintenance_margin
        warnings.append(
            f"equity fell to {equity:,.2f} USD at {utc_text(at)}, at or below the maintenance margin of {margin:,.2f}: "
            "a venue would have liquidated; liquidation is off"
        )
    warnings.extend(_funding_warnings(run))
    warnings.extend(_query_warnings(run.unanswered.to_list()))
    if run.exchange.ambiguous_klines:
        mode: Mapping[str, str] = {
            "pessimistic": "the stop was taken first",
            "optimistic": "the take-profit was taken first",
            "nearest_open": "the trigger nearer to the open was taken first",
        }
        warnings.append(
            f"{run.exchange.ambiguous_klines:,} klines touched take-profit and stop-loss both: "
            f"{mode[run.config.intrabar]}"
        )
    return warnings


def _liquidation_warnings(run: RunFacts) -> list[str]:
    events = run.exchange.liquidations
    if not events:
        return []
    first = events[0]
    warnings = [
        f"{len(events):,} liquidations, the first at {utc_text(first.timestamp)}: {first.side} {first.symbol} at "
        f"{first.price:,.6g}"
    ]
    if run.exchange.shortfall > 0.0:
        warnings.append(
            f"the market jumped over a liquidation price: equity stood {run.exchange.shortfall:,.2f} USD below zero"
        )
    return warnings


def _funding_warnings(run: RunFacts) -> list[str]:
    traded = sorted({fill.symbol for fill in run.exchange.fills})
    if not run.config.funding:
        return ["funding is off: none was paid"] if traded else []
    without = [symbol for symbol in traded if run.market.symbols[symbol].flow.funding_rate is None]
    return [f"{', '.join(without)}: no funding rates are recorded: no funding was paid"] if without else []


def _strict_error(run: RunFacts) -> str | None:
    """Return why a run with `strict_data` cannot be trusted: a query came before there was history enough."""
    if not run.config.strict_data:
        return None
    short = [each["query"] for each in run.unanswered.to_list() if each["why"] == NOT_ENOUGH]
    return f"strict_data: not enough history before the start for {', '.join(short)}" if short else None


def _query_warnings(queries: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{each['query']} had no answer {each['count']:,} times: {each['why']}" for each in queries]
