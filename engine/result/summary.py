"""From a finished run to its result: the curve and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..account import AccountState, PostingKind
from ..contract import decision_operation
from ..market import DataCoverage, symbol_coverage
from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS
from ..program import NOT_ENOUGH
from ..triggers import TriggerCounts, TriggerLog, count_triggers
from .adverse_marks import AdverseMarks
from .closed_trades import trade_figures
from .equity_curve import EquityCurve
from .excursions import excursions_of
from .marked_account import MarkedAccount
from .minute_grid import MinuteGrid
from .pnl_range import range_of_one
from .program_series import own_series
from .reasons import is_short, remarks, undefined
from .result import BacktestResult
from .run_facts import RunFacts
from .statistics import (
    DAYS_PER_YEAR,
    against,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    omega_ratio,
    shape,
    sharpe_error,
    sharpe_ratio,
    sortino_ratio,
)
from .warnings import warnings_of


def summarize(run: RunFacts) -> BacktestResult:
    """Return the result of a run from its start to `until_ms`."""
    curve, coverage, triggers = _curve(run), _coverage(run), count_triggers(run.trigger_log)
    amounts = run.account.ledger.amounts()
    trades = run.account.trades
    trades.note_excursions(excursions_of(trades.closings, run.exchange.fills, run.market))
    error = run.error or _strict_error(run)
    figures = {
        "start_time": run.config.start_ms,
        "end_time": run.until_ms,
        **_money(run, curve.final, amounts),
        "highest_equity": curve.highest,
        **_risk(run, curve),
        **trade_figures(trades.closings, (run.until_ms - run.config.start_ms) / DAY_MS),
        **_activity(run, curve, triggers),
        **_venue(run, len(amounts["funding"])),
    }
    has_others = bool(run.exchange.groups.ambiguous or run.exchange.venue.ambiguous)
    figures |= range_of_one(figures, run.config.intrabar, has_others)
    return BacktestResult(
        success=error is None and not run.interrupted,
        error=error,
        interrupted=run.interrupted,
        **figures,
        undefined=undefined(figures),
        remarks=remarks(figures),
        open_positions=_open_positions(run),
        **_holding_figures(run),
        data_coverage=[each.to_dict() for each in coverage],
        warnings=warnings_of(run, curve, coverage, triggers),
        trades=trades,
        equity=curve,
        trigger_log=TriggerLog(run.trigger_log, curve.prices.at),
        fill_records=run.exchange.fills,
        order_notes=run.exchange.notes,
        records=own_series(run.provider.recorded.by_name()),
        config=run.config.to_dict(),
    )


def _curve(run: RunFacts) -> EquityCurve:
    config = run.config
    opening, grid = AccountState(config.initial_balance, {}), MinuteGrid(config.start_ms, run.until_ms)
    spans_of = run.exchange.margin_spans
    account = MarkedAccount(lambda symbol: spans_of(symbol).prices, run.account.changes, opening, grid)
    # a venue that closes in time leaves nothing to find
    return EquityCurve(account, AdverseMarks(account, spans_of), None if config.liquidation else run.exchange.margins)


def _coverage(run: RunFacts) -> list[DataCoverage]:
    start, end = run.config.start_ms, run.until_ms
    return [each for name in run.config.symbols for each in symbol_coverage(run.market.symbols[name], start, end)]


def _money(run: RunFacts, final: float, amounts: Mapping[PostingKind, Sequence[float]]) -> dict[str, Any]:
    initial = run.config.initial_balance
    totals = {kind: sum(each, 0.0) for kind, each in amounts.items()}
    unrealized = final - run.account.state.cash
    return {
        "initial_balance": initial,
        "final_equity": final,
        "total_pnl": final - initial,
        "total_pnl_percent": 100.0 * (final - initial) / initial,
        "price_pnl": totals["pnl"] + unrealized,
        "unrealized_pnl": unrealized,
        "fees_paid": 0.0 - totals["fee"],
        "funding_received": totals["funding"],
        "shortfall_covered": totals["shortfall_covered"],
    }


def _risk(run: RunFacts, curve: EquityCurve) -> dict[str, Any]:
    falls = curve.falls
    times, marks = curve.daily()
    returns = daily_returns(marks)
    return {
        "max_drawdown": falls.usd,
        "max_drawdown_percent": falls.percent,
        "longest_drawdown_ms": falls.longest_ms,
        "max_drawdown_from": falls.from_ms,
        "max_drawdown_at": falls.at_ms,
        "recovery_ms": falls.recovery_ms,
        "drawdown_count": falls.stretches,
        "avg_drawdown_percent": falls.average_percent,
        "avg_drawdown_ms": falls.average_ms,
        "recovery_factor": (curve.final - run.config.initial_balance) / falls.usd if falls.usd > 0.0 else None,
        "ruined_at": curve.ruined_at,
        "worst_intrabar_equity": curve.worst_intrabar,
        **_ratios(returns, is_idle=not run.exchange.fills),
        "return_count": len(returns),
        "return_grid": f"00:00 UTC, part-days at both ends{'' if curve.ruined_at is None else ', up to the ruin'}",
        "annualization_factor": int(DAYS_PER_YEAR),
        **_by_the_year(run, curve, falls.percent),
        **_against_holding(run, times, returns),
    }


def _ratios(returns: FloatColumn, is_idle: bool) -> dict[str, Any]:
    volatility, moments = None if is_idle else annual_volatility(returns), shape(returns)
    return {
        "sharpe_ratio": sharpe_ratio(returns),
        "sharpe_error": sharpe_error(returns),
        "sortino_ratio": sortino_ratio(returns),
        "omega_ratio": omega_ratio(returns),
        "best_day_percent": 100.0 * float(returns.max()) if len(returns) else None,
        "worst_day_percent": 100.0 * float(returns.min()) if len(returns) else None,
        "winning_days": int((returns > 0.0).sum()),
        "losing_days": int((returns < 0.0).sum()),
        "return_skew": None if moments is None else moments[0],
        "return_kurtosis": None if moments is None else moments[1],
        "annual_volatility_percent": None if volatility is None else 100.0 * volatility,
    }


def _by_the_year(run: RunFacts, curve: EquityCurve, fall_percent: float) -> dict[str, Any]:
    start, end = run.config.start_ms, run.until_ms
    last = curve.final if curve.ruined_at is None else 0.0
    years = (end - start) / (DAYS_PER_YEAR * DAY_MS)
    growth = None if is_short(start, end) else annual_return(run.config.initial_balance, last, years)
    return {
        "annual_return_percent": None if growth is None else 100.0 * growth,
        "calmar_ratio": calmar_ratio(growth, fall_percent),
    }


def _against_holding(run: RunFacts, times: TimeColumn, returns: FloatColumn) -> dict[str, Any]:
    worth = _holding(run, times[: len(returns) + 1])
    line = against(returns, worth[1:] / worth[:-1] - 1.0)
    annual = line is not None and not is_short(run.config.start_ms, run.until_ms)
    return {
        "beta": None if line is None else line[1],
        "annual_alpha_percent": 100.0 * DAYS_PER_YEAR * line[0] if line is not None and annual else None,
    }


def _activity(run: RunFacts, curve: EquityCurve, triggers: TriggerCounts) -> dict[str, Any]:
    turnover = sum([fill.size * fill.price for fill in run.exchange.fills])
    return {
        "exposure_percent": 100.0 * curve.minutes_open / (len(curve) - 1),
        "exposure_by_symbol_percent": {
            symbol: 100.0 * curve.minutes_in.get(symbol, 0) / (len(curve) - 1) for symbol in run.config.symbols
        },
        "turnover_usd": turnover,
        "turnover_ratio": turnover / run.config.initial_balance,
        "total_triggers": len(run.trigger_log),
        "signal_triggers": triggers.types["signal"],
        "scheduled_triggers": triggers.types["scheduled"],
        "order_triggers": triggers.types["order"],
        "timer_triggers": triggers.types["timer"],
        "late_wakes": run.late_wakes,
        "quiet_triggers": triggers.quiet,
        "decisions": triggers.decisions,
        "orders_submitted": run.exchange.orders_submitted,
        "fills": len(run.exchange.fills),
        "rejections": dict(sorted(run.exchange.rejections.items())),
        "cancellations": dict(sorted(run.exchange.cancellations.items())),
        "held_decisions": _held_decisions(triggers),
        "ambiguous_klines": len(run.exchange.brackets.ambiguous),
        "drilled_klines": len(run.exchange.brackets.drilled - run.exchange.brackets.ambiguous),
        "double_touches": _double_touches(run),
        "strategy_errors": run.strategy_errors,
        "unanswered_queries": run.provider.unanswered.to_list(),
    }


def _double_touches(run: RunFacts) -> list[dict[str, Any]]:
    rule = f"rule {run.config.intrabar}"
    return [
        {"timestamp": at, "symbol": symbol, "first": why.value, "told_by": "finer rows" if is_drilled else rule}
        for at, symbol, why, is_drilled in run.exchange.brackets.double_touches
    ]


def _venue(run: RunFacts, payments: int) -> dict[str, Any]:
    return {
        "liquidations": [asdict(each) for each in run.exchange.venue.liquidations],
        "liquidation_shortfall": run.exchange.venue.shortfall,
        "margin_prices": {symbol: _margin_prices(run, symbol) for symbol in run.config.symbols},
        "funding_payments": payments,
        "risk_limit_hits": [asdict(each) for each in run.exchange.risk.hits],
    }


def _margin_prices(run: RunFacts, symbol: str) -> str:
    """Return what the margin of a symbol was judged on from start to end, in words."""
    spans = run.exchange.margin_spans(symbol)
    if spans.traded is None:
        return "klines: no marks recorded"
    judged = spans.traded[spans.between(run.config.start_ms, run.until_ms)]
    rows = len(spans.row_times(run.config.start_ms, run.until_ms + 1))
    marked, stale = len(judged) - int(judged.sum()), int(judged.sum())
    parts = (f"{marked:,} mark klines" if marked else "", f"{rows:,} mark rows" if rows else "")
    traded = f"{stale:,} klines without a fresh mark" if stale else ""
    return ", ".join(filter(None, (*parts, traded))) or "the last mark"


def _holding_figures(run: RunFacts) -> dict[str, Any]:
    changes = {symbol: _buy_and_hold(run, symbol) for symbol in run.config.symbols}
    return {
        "buy_and_hold_percent": changes,
        "holding_percent": sum(each or 0.0 for each in changes.values()) / len(changes),
    }


def _buy_and_hold(run: RunFacts, symbol: str) -> float | None:
    """Return the percent change of the price over the run; None when it has no price up to the end."""
    before, after = _first_price(run, symbol), run.exchange.price_at(symbol, run.until_ms)
    return 100.0 * (after - before) / before if before and after else None


def _first_price(run: RunFacts, symbol: str) -> float:
    """Return the price at the start, or the first open after it; 0.0 when there is none."""
    base = run.market.symbols[symbol].base
    first = base.first_opening(run.config.start_ms)
    opened = base.columns.open.item(first) if first < len(base.columns) else 0.0
    return run.exchange.price_at(symbol, run.config.start_ms) or opened


def _holding(run: RunFacts, times: TimeColumn) -> FloatColumn:
    """Return at some instants what 1 USD is worth that was put into all symbols at the start, in equal parts, and left
    there; the part of a symbol that has no price yet, or never, stays in cash.
    """
    return np.asarray(np.mean([_worth(run, symbol, times) for symbol in run.config.symbols], axis=0))


def _worth(run: RunFacts, symbol: str, times: TimeColumn) -> FloatColumn:
    """Return at some instants what 1 USD is worth that was put into a symbol at its first price."""
    bought = _first_price(run, symbol)
    if not bought or not run.exchange.price_at(symbol, run.until_ms):
        return np.ones(len(times))
    prices = run.market.symbols[symbol].prices(times, run.config.mark_stale_ms)
    prices[prices == 0.0] = bought
    return prices / bought


def _held_decisions(triggers: TriggerCounts) -> list[dict[str, Any]]:
    return [
        {
            "timestamp": record.trigger.timestamp,
            "trigger_index": index,
            "operation": decision_operation(each.decision),
            **each.warm_up.to_dict(),
        }
        for index, record in triggers.too_short
        for each in record.answers
        if each.warm_up is not None and each.warm_up.is_held
    ]


def _open_positions(run: RunFacts) -> list[dict[str, Any]]:
    positions = []
    for held in run.account.state.holdings.values():
        price = run.exchange.margin_price(held.symbol, run.until_ms) or held.entry_price
        positions.append(
            {
                "symbol": held.symbol,
                "side": held.side,
                "size": held.size,
                "entry_price": held.entry_price,
                "mark_price": price,
                "unrealized_pnl": held.unrealized(price) + 0.0,  # no minus before a zero
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
