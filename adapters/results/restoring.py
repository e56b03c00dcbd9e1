"""A stored result as the object that was stored: everything but what no row has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC
from typing import Any, overload

import numpy as np
from sqlalchemy import select

from engine import BacktestResult, BacktestTradeRecord, DataError, EquityCurve
from engine.contract import ActionType, ExitReason
from engine.market.series import FloatColumn, TimeColumn, read_only
from engine.periods import DAY_MS, MINUTE_MS, SECOND_MS
from engine.result import FIGURES, CurvePart, Falls, OwnSeries, TriggerLog, Unit

from ..database import Database, backtest_results, backtest_trigger_logs, stored_json
from .stored_results import read_result

_TRADE_FIELDS = tuple(field.name for field in fields(BacktestTradeRecord))
_REASONS = {each.value: each for each in ExitReason}
#: The columns that a trigger of the log is made of.
_LOG_COLUMNS = tuple(
    backtest_trigger_logs.c[name]
    for name in (
        "trigger_index trigger_type trigger_time symbol equity_before equity_after decision_action decision_input "
        "decision_output data_queries execution_logs execution_error"
    ).split()
)


def restored_result(database: Database, run_id: int) -> BacktestResult:
    """Return a stored result as an object: its figures, trades, configuration, equity curve and trigger log as they
    are stored. The curve has at most 2,000 points, its extremes among them; so has each series of the program's own.

    Raises `DataError` for an unknown id, and for a run that came to no figures: one that is running or was lost.
    """
    found = read_result(database, run_id)
    if not found.figures:
        why = f": {found.error}" if found.error else ""
        raise DataError(f"{database.name}: result {run_id} has no figures, its status is {found.status}{why}")
    figures: dict[str, Any] = {
        name: found.figures.get(name) for name, figure in FIGURES.items() if figure.unit is not Unit.RECORDS
    }
    return BacktestResult(
        **figures,
        trades=[_trade(entry) for entry in found.trades],
        equity=StoredCurve(_points(database, run_id), found.figures),
        trigger_log=StoredLog(_log_entries(database, run_id)),
        config=found.config,
        records={name: _series(columns) for name, columns in found.records.items()},
    )


def _trade(entry: Mapping[str, Any]) -> BacktestTradeRecord:
    """Return the record of a trade; what a version did not store of it has its default."""
    values = {name: entry[name] for name in _TRADE_FIELDS if name in entry}
    values |= {"exit_reason": _REASONS[entry["exit_reason"]], "triggered_signals": tuple(entry["triggered_signals"])}
    return BacktestTradeRecord(**{"entry_timestamp": entry["timestamp"], **values})


def _series(columns: Mapping[str, Sequence[float]]) -> OwnSeries:
    times, values = np.array(columns["timestamp"], np.int64), np.array(columns["value"], np.float64)
    return OwnSeries(read_only(times, np.int64), read_only(values, np.float64))


def _points(database: Database, run_id: int) -> list[dict[str, Any]]:
    with database.reading() as connection:
        stored = connection.execute(
            select(backtest_results.c.equity_curve).where(backtest_results.c.id == run_id)
        ).scalar()
    points: list[dict[str, Any]] = stored_json(stored) or []
    return points


class StoredCurve(EquityCurve):
    """An equity curve of the points that are stored of it; what is read off the whole one comes from the figures."""

    def __init__(self, points: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]) -> None:
        self.timestamp_ms = _column(points, "timestamp", np.int64)
        self.equity = _column(points, "equity", np.float64)
        self.balance = _column(points, "balance", np.float64)
        self._drawdown: FloatColumn = _column(points, "drawdown", np.float64)
        self.falls = Falls(
            figures["max_drawdown"],
            figures["max_drawdown_percent"],
            figures["longest_drawdown_ms"],
            figures["recovery_ms"],
        )
        self.final, self.ruined_at = figures["final_equity"], figures["ruined_at"]
        self.worst_intrabar = figures["worst_intrabar_equity"]
        self.breach = None
        minutes = (figures["end_time"] - figures["start_time"]) // MINUTE_MS
        self.minutes_open = round(minutes * (figures["exposure_percent"] or 0.0) / 100.0)
        by_symbol = figures["exposure_by_symbol_percent"] or {}
        self.minutes_in = {symbol: round(minutes * percent / 100.0) for symbol, percent in by_symbol.items()}

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))  # its columns are not made again

    @property
    def drawdown(self) -> FloatColumn:
        """Peak so far - equity, in USD, at each point: the peak need not be one of them."""
        return self._drawdown

    def parts(self, rows: int = 1 << 14) -> Iterator[CurvePart]:
        """Yield its columns in parts of so many rows."""
        drawdown = self.drawdown
        for part in (slice(begin, begin + rows) for begin in range(0, len(self), rows)):
            yield CurvePart(self.timestamp_ms[part], self.equity[part], self.balance[part], drawdown[part])

    def daily(self) -> tuple[TimeColumn, FloatColumn]:
        """Return start, every 00:00 UTC between and end, and the equity at the last point that is stored before each;
        of a ruined account up to its ruin.
        """
        times = self.timestamp_ms
        first, last = int(times[0]), int(times[-1]) if self.ruined_at is None else self.ruined_at
        days = np.arange((first // DAY_MS + 1) * DAY_MS, last, DAY_MS, dtype=np.int64)
        instants = np.concatenate(([first], days, [last])).astype(np.int64)
        return instants, self.equity[np.searchsorted(times, instants, side="right") - 1]


def _column(points: Sequence[Mapping[str, Any]], name: str, kind: type[Any]) -> Any:
    return read_only(np.array([point[name] for point in points], kind), kind)


def _log_entries(database: Database, run_id: int) -> list[Mapping[str, Any]]:
    log = backtest_trigger_logs.c
    statement = select(*_LOG_COLUMNS).where(log.backtest_id == run_id).order_by(log.trigger_index)
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


class StoredLog(TriggerLog):
    """The triggers that are stored of a run, as plain values that are made when they are looked at."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        found = self._rows[index]
        return _log_entry(found) if isinstance(found, Mapping) else [_log_entry(row) for row in found]

    def eventful(self) -> Iterator[dict[str, Any]]:
        """Yield the triggers of which something came, in order."""
        for row in self._rows:
            entry = _log_entry(row)
            if row["decision_action"] != ActionType.HOLD or entry["error"] is not None or entry["logs"]:
                yield entry

    def empty(self) -> TriggerLog:
        """Return a log without triggers."""
        return StoredLog(())


def _log_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored row as `TriggerRecord.to_dict` has the trigger; the id of its pool is not stored."""
    seen, answer = stored_json(row["decision_input"]) or {}, stored_json(row["decision_output"]) or {}
    further = {name: answer[name] for name in ("order", "warm_up", "decisions") if answer.get(name) is not None}
    return {
        "index": row["trigger_index"],
        "timestamp": round(row["trigger_time"].replace(tzinfo=UTC).timestamp() * SECOND_MS),
        "trigger_type": row["trigger_type"],
        "symbol": row["symbol"],
        "pool_id": None,
        "pool_name": seen.get("signal_pool_name", ""),
        "triggered_signals": seen.get("triggered_signals", []),
        "decision": answer.get("decision"),
        "equity_before": row["equity_before"],
        "equity_after": row["equity_after"],
        "logs": stored_json(row["execution_logs"]) or [],
        "queries": stored_json(row["data_queries"]) or [],
        "error": row["execution_error"],
        **further,
    }
