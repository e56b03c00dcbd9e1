"""A result as pandas frames. Imported when one is asked for: a run needs no pandas, and it takes long to load.

Times are `datetime64[ms, UTC]`, money is in USD, `..._percent` in percent; every column has its type in a frame without
rows too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas

from ..account import BacktestTradeRecord
from ..contract import ExitReason
from ..kernel import Fill
from ..market.series import TimeColumn
from ..triggers import TriggerLog
from .columns import BREAKDOWN
from .equity_curve import EquityCurve
from .figures import Unit
from .plain_curve import month_returns
from .statistics import daily_returns

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR = "Year"

#: What a column holds; where a row has no value that is NaT, NaN, <NA>, or the text "".
_MOMENT, _SPAN, _NUMBER, _COUNT, _ID, _FLAG, _TEXT = (
    "datetime64[ms]",
    "timedelta64[ms]",
    "float64",
    "int64",
    "Int64",
    "bool",
    "str",
)

_TRADES = {
    each.name: _MOMENT if each.name.endswith("timestamp") else _NUMBER if "float" in str(each.type) else _TEXT
    for each in fields(BacktestTradeRecord)
}
_FILLS = {
    "timestamp": _MOMENT,
    "symbol": _TEXT,
    "side": _TEXT,
    "size": _NUMBER,
    "price": _NUMBER,
    "notional": _NUMBER,
    "fee": _NUMBER,
    "liquidity": _TEXT,
    "reason": _TEXT,
    "order_id": _COUNT,
    "tag": _TEXT,
    "margin": _NUMBER,
    "risk": _NUMBER,
    "pnl": _NUMBER,
    "decided_at": _MOMENT,
    "operation": _TEXT,
    "decision_reason": _TEXT,
    "trigger_type": _TEXT,
    "pool_name": _TEXT,
}
_TRIGGERS = {
    "timestamp": _MOMENT,
    "trigger_type": _TEXT,
    "symbol": _TEXT,
    "pool_name": _TEXT,
    "signals": _TEXT,
    "operation": _TEXT,
    "decided_symbol": _TEXT,
    "reason": _TEXT,
    "decisions": _COUNT,
    "order_id": _ID,
    "order_status": _TEXT,
    "order_reason": _TEXT,
    "fills": _COUNT,
    "equity_before": _NUMBER,
    "equity_after": _NUMBER,
    "logs": _TEXT,
    "error": _TEXT,
    "is_quiet": _FLAG,
}


def trades_frame(trades: Iterable[BacktestTradeRecord]) -> pandas.DataFrame:
    """Return the records of closed trades, one a row, and how long each was held."""
    return _frame([_trade_row(each) for each in trades], {**_TRADES, "holding": _SPAN})


def _trade_row(trade: BacktestTradeRecord) -> dict[str, Any]:
    return {**trade.to_dict(), "triggered_signals": "; ".join(trade.triggered_signals), "holding": trade.holding_ms}


def fills_frame(fills: Sequence[Fill], trades: Iterable[BacktestTradeRecord]) -> pandas.DataFrame:
    """Return the fills, one a row; each that is no entry has closed a trade, in this order."""
    closed = iter(trades)
    rows = [_fill_row(each, None if each.purpose == "entry" else next(closed).pnl) for each in fills]
    return _frame(rows, _FILLS)


def _fill_row(fill: Fill, pnl: float | None) -> dict[str, Any]:
    origin = fill.origin
    trigger = None if origin is None else origin.trigger
    purpose = fill.purpose
    return {
        "timestamp": fill.timestamp,
        "symbol": fill.symbol,
        "side": fill.side,
        "size": fill.size,
        "price": fill.price,
        "notional": fill.size * fill.price,
        "fee": fill.fee,
        "liquidity": "maker" if fill.is_maker else "taker",
        "reason": purpose.value if isinstance(purpose, ExitReason) else purpose,
        "order_id": fill.order_id,
        "tag": fill.tag,
        "margin": fill.margin if purpose == "entry" else None,
        "risk": fill.risk,
        "pnl": pnl,
        "decided_at": None if origin is None else origin.decided_at,
        "operation": "" if origin is None else origin.operation,
        "decision_reason": "" if origin is None else origin.reason,
        "trigger_type": "" if trigger is None else trigger.trigger_type,
        "pool_name": "" if trigger is None else trigger.pool_name,
    }


def triggers_frame(log: TriggerLog) -> pandas.DataFrame:
    """Return all triggers that the log has, one a row, under their indices. Of several decisions the row tells the
    first; signals and log lines are one text each. What was asked stands in the log alone.
    """
    entries = [*log.unasked()]
    frame = _frame([_trigger_row(each) for each in entries], _TRIGGERS)
    frame.index = pandas.Index([each["index"] for each in entries], dtype="int64", name="index")
    return frame


def _trigger_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    decision, order = entry["decision"] or {}, entry.get("order") or {}
    further = entry.get("decisions") or []
    fills = [fill for each in (entry, *further[1:]) for fill in (each.get("order") or {}).get("fills", ())]
    return {
        **{name: entry[name] for name in ("timestamp", "trigger_type", "symbol", "pool_name")},
        "signals": "; ".join(str(signal.get("signal_name", "")) for signal in entry["triggered_signals"]),
        "operation": decision.get("operation", ""),
        "decided_symbol": decision.get("symbol", ""),
        "reason": decision.get("reason", ""),
        "decisions": len(further) or int(bool(decision)),
        "order_id": order.get("order_id"),
        "order_status": order.get("status", ""),
        "order_reason": order.get("reason", ""),
        "fills": len(fills),
        "equity_before": entry["equity_before"],
        "equity_after": entry["equity_after"],
        "logs": "\n".join(entry["logs"]),
        "error": entry["error"] or "",
        "is_quiet": not (order or further or entry.get("warm_up") or entry["logs"] or entry["error"]),
    }


def equity_frame(curve: EquityCurve) -> pandas.DataFrame:
    """Return the curve at start, every whole UTC minute and end: equity, balance and unrealised PnL, the fall below the
    peak so far in USD and in percent of it, and the notional of all positions.
    """
    equity, balance = curve.equity, curve.balance
    peak = np.maximum.accumulate(equity)
    percent = np.divide(100.0 * (peak - equity), peak, out=np.zeros(len(peak)), where=peak > 0.0)
    columns = {
        "equity": equity,
        "balance": balance,
        "unrealized_pnl": equity - balance,
        "drawdown": peak - equity,
        "drawdown_percent": percent,
        "notional": curve.notional,
    }
    return pandas.DataFrame(columns, _moments(curve.timestamp_ms, "timestamp"))


def monthly_returns(curve: EquityCurve) -> pandas.DataFrame:
    """Return the change of equity in each UTC month, in percent, a row for each year: from the start or the end of the
    month before to its own end or that of the run; NaN where there was no run, or after its ruin. The last column has
    the year's, which is compounded.
    """
    rows = month_returns(*curve.daily())
    values = [[np.nan if each is None else each for each in (*row.months, row.total)] for row in rows]
    return pandas.DataFrame(values, pandas.Index([row.year for row in rows], name="year"), [*_MONTHS, _YEAR])


def dated_returns(curve: EquityCurve, name: str) -> pandas.Series[float]:
    """Return the daily returns, fractions, each under the date (without a zone, as tear sheets want it) of the UTC day
    in which it was earned.
    """
    times, marks = curve.daily()
    returns = daily_returns(marks)
    dates = times[: len(returns)].astype("datetime64[ms]").astype("datetime64[D]").astype("datetime64[ns]")
    return pandas.Series(returns, pandas.DatetimeIndex(dates, name="date"), name=name)


def breakdown_frame(rows: Iterable[Mapping[str, Any]], by: str) -> pandas.DataFrame:
    """Return what the trades of each part brought, a row for each, under its name."""
    kinds = {
        column.key: _COUNT if column.unit is Unit.COUNT else _SPAN if column.unit is Unit.DURATION else _NUMBER
        for column in BREAKDOWN[2:]
    }
    parts = list(rows)
    frame = _frame(parts, kinds)
    frame.index = pandas.Index(pandas.Series([each["part"] for each in parts], dtype="str"), name=by)
    return frame


def _frame(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> pandas.DataFrame:
    """Return rows as columns of their kinds."""
    columns = {name: _column([row[name] for row in rows], kind) for name, kind in kinds.items()}
    return pandas.DataFrame(columns, pandas.RangeIndex(len(rows)))


def _column(values: Sequence[Any], kind: str) -> Any:
    if kind in (_MOMENT, _SPAN):
        numbers = np.array(["NaT" if each is None else each for each in values], object).astype(kind)
        return pandas.DatetimeIndex(numbers, tz="UTC") if kind == _MOMENT else pandas.TimedeltaIndex(numbers)
    if kind == _NUMBER:
        return np.array([np.nan if each is None else each for each in values], np.float64)
    return pandas.Series(values, dtype=kind).array


def _moments(times: TimeColumn, name: str) -> pandas.DatetimeIndex:
    return pandas.DatetimeIndex(times.astype("datetime64[ms]"), tz="UTC", name=name)


def records_frame(series: Mapping[str, Any]) -> pandas.DataFrame:
    """Return series as columns, a row for each instant at which any was recorded; NaN where one has no value."""
    columns = {
        name: pandas.Series(each.value, _moments(each.timestamp_ms, "timestamp")) for name, each in series.items()
    }
    return pandas.DataFrame(columns, None if columns else _moments(np.empty(0, np.int64), "timestamp"))
