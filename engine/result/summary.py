"""From a finished run to its result: the curve and the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..account import AccountState
from ..contract import decision_dict
from ..market import DataCoverage, symbol_coverage
from ..periods import DAY_MS
from ..program import NOT_ENOUGH
from .equity_curve import EquityCurve, MinuteGrid, mark_to_market
from .result import BacktestResult
from .run_facts import RunFacts
from .statistics import (
    DAYS_PER_YEAR,
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
from .warnings import warnings_of

#: What a trigger counts as in `decisions` at which the program decided nothing.
NO_DECISION = "none"


def summarize(run: RunFacts) -> BacktestResult:
    """Return the result of a run from its start to `until_ms`."""
    curve, coverage = _curve(run), _coverage(run)
    error = run.error or _strict_error(run)
    return BacktestResult(
        success=error is None and not run.interrupted,
        error=error,
        interrupted=run.interrupted,
        start_time=run.config.start_ms,
        end_time=run.until_ms,
        **_money(run, curve.final),
        **_risk(curve),
        **trade_statistics([trade.pnl for trade in run.account.trades]),
        **_activity(run, curve),
        **_venue(run),
        open_positions=_open_positions(run),
        buy_and_hold_percent={symbol: _buy_and_hold(run, symbol) for symbol in run.config.symbols},
        data_coverage=[each.to_dict() for each in coverage],
        warnings=warnings_of(run, curve, coverage),
        trades=tuple(run.account.trades),
        equity=curve,
        trigger_log=TriggerLog(run.trigger_log, run.exchange.price_at),
        config=run.config.to_dict(),
    )


def _curve(run: RunFacts) -> EquityCurve:
    config = run.config
    return mark_to_market(
        run.market,
        run.account.changes,
        AccountState(config.initial_balance, {}),
        MinuteGrid(config.start_ms, run.until_ms),
        config.mark_stale_ms,
        run.exchange.margins,
    )


def _coverage(run: RunFacts) -> list[DataCoverage]:
    start, end = run.config.start_ms, run.until_ms
    return [each for name in run.config.symbols for each in symbol_coverage(run.market.symbols[name], start, end)]


def _money(run: RunFacts, final: float) -> dict[str, Any]:
    initial, ledger = run.config.initial_balance, run.account.ledger
    unrealized = final - run.account.state.cash
    return {
        "initial_balance": initial,
        "final_equity": final,
        "total_pnl": final - initial,
        "total_pnl_percent": 100.0 * (final - initial) / initial,
        "price_pnl": ledger.total("pnl") + unrealized,
        "unrealized_pnl": unrealized,
        "fees_paid": -ledger.total("fee"),
        "funding_received": ledger.total("funding"),
    }


def _risk(curve: EquityCurve) -> dict[str, Any]:
    days, equity = curve.daily()
    returns = daily_returns(equity)
    fall_usd, fall_percent = max_drawdown(curve.compact)
    years = float(days[-1] - days[0]) / (DAYS_PER_YEAR * DAY_MS)
    growth = annual_return(float(equity[0]), float(equity[-1]), years)
    volatility = annual_volatility(returns)
    return {
        "max_drawdown": fall_usd,
        "max_drawdown_percent": fall_percent,
        "worst_intrabar_equity": curve.worst_intrabar,
        "sharpe_ratio": sharpe_ratio(returns),
        "sortino_ratio": sortino_ratio(returns),
        "return_count": len(returns),
        "return_grid": "00:00 UTC, part-days at both ends",
        "annualization_factor": int(DAYS_PER_YEAR),
        "calmar_ratio": calmar_ratio(growth, fall_percent),
        "annual_return_percent": None if growth is None else 100.0 * growth,
        "annual_volatility_percent": None if volatility is None else 100.0 * volatility,
    }


def _activity(run: RunFacts, curve: EquityCurve) -> dict[str, Any]:
    turnover = sum(fill.size * fill.price for fill in run.exchange.fills)
    triggers = Counter(record.trigger.trigger_type for record in run.trigger_log)
    return {
        "exposure_percent": 100.0 * curve.minutes_open / (len(curve) - 1),
        "turnover_usd": turnover,
        "turnover_ratio": turnover / run.config.initial_balance,
        "total_triggers": len(run.trigger_log),
        "signal_triggers": triggers["signal"],
        "scheduled_triggers": triggers["scheduled"],
        "decisions": _decision_counts(run.trigger_log),
        "orders_submitted": run.exchange.orders_submitted,
        "fills": len(run.exchange.fills),
        "rejections": dict(sorted(run.exchange.rejections.items())),
        "ambiguous_klines": len(run.exchange.brackets.ambiguous),
        "strategy_errors": run.strategy_errors,
        "unanswered_queries": run.provider.unanswered.to_list(),
    }


def _venue(run: RunFacts) -> dict[str, Any]:
    return {
        "liquidations": [asdict(each) for each in run.exchange.venue.liquidations],
        "liquidation_shortfall": run.exchange.venue.shortfall,
        "funding_payments": sum(posting.kind == "funding" for posting in run.account.ledger.postings),
        "risk_limit_hits": [asdict(each) for each in run.exchange.risk.hits],
    }


def _buy_and_hold(run: RunFacts, symbol: str) -> float | None:
    """Return the percent change of the price over the run: from the start, or from the first open after it."""
    base = run.market.symbols[symbol].base
    before, after = run.exchange.price_at(symbol, run.config.start_ms), run.exchange.price_at(symbol, run.until_ms)
    first = base.first_opening(run.config.start_ms)
    if not before and first < len(base.columns):
        before = base.columns.open.item(first)
    return 100.0 * (after - before) / before if before and after else None


def _decision_counts(log: Sequence[TriggerRecord]) -> dict[str, int]:
    names = (NO_DECISION if each.decision is None else decision_dict(each.decision)["operation"] for each in log)
    return dict(sorted(Counter(names).items()))


def _open_positions(run: RunFacts) -> list[dict[str, Any]]:
    positions = []
    for held in run.account.state.holdings.values():
        price = run.exchange.price_at(held.symbol, run.until_ms) or held.entry_price
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


def _strict_error(run: RunFacts) -> str | None:
    """Return why a run with `strict_data` cannot be trusted: a query came before there was history enough."""
    if not run.config.strict_data:
        return None
    short = [each["query"] for each in run.provider.unanswered.to_list() if each["why"] == NOT_ENOUGH]
    return f"strict_data: not enough history before the start for {', '.join(short)}" if short else None
