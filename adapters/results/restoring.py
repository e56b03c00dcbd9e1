"""A stored result as the object that was stored: everything but what no row has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload

import numpy as np
from sqlalchemy import select

from engine import BacktestResult, DataError, EquityCurve
from engine.market.series import FloatColumn, TimeColumn, read_only
from engine.periods import DAY_MS, MINUTE_MS
from engine.result import FIGURES, IDENTITY, CurvePart, Falls, Unit
from engine.triggers import TriggerLog

from ..database import Database, backtest_trigger_logs
from ..orders import StoredNotes, stored_orders
from .kept_journals import stored_recording
from .stored_files import stored_records, stored_trades
from .stored_results import read_result
from .stored_triggers import log_entry
from .trigger_filter import is_eventful

#: What a row says of itself: something came of it.
_EVENTFUL = "is_eventful"


def restored_result(database: Database, run_id: int) -> BacktestResult:
    """Return a stored result as an object: its figures, trades, configuration, equity curve and trigger log as they
    are stored, and the journal where its run has kept one. The curve has at most 2,000 points, its extremes among them;
    so has each series of the program's own.

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
        trades=stored_trades(found),
        equity=StoredCurve(found.curve, found.figures, found.daily_equity),
        trigger_log=StoredLog(_log_rows(database, run_id)),
        config=found.config,
        records=stored_records(found),
        certificate=found.certificate,
        recording=stored_recording(database, run_id),
        order_notes=StoredNotes(stored_orders(database, run_id)),
        stored_identity={name: found.figures[name] for name in IDENTITY if name in found.figures},
    )


class StoredCurve(EquityCurve):
    """An equity curve of the points that are stored of it; what is read off the whole one comes from the figures."""

    def __init__(
        self,
        points: Sequence[Mapping[str, Any]],
        figures: Mapping[str, Any],
        daily_equity: Sequence[float] | None = None,
    ) -> None:
        self._daily = None if daily_equity is None else read_only(np.array(daily_equity, np.float64), np.float64)
        self.timestamp_ms = _column(points, "timestamp", np.int64)
        self.equity = _column(points, "equity", np.float64)
        self.balance = _column(points, "balance", np.float64)
        self._drawdown: FloatColumn = _column(points, "drawdown", np.float64)
        self.falls = Falls(
            usd=figures["max_drawdown"],
            percent=figures["max_drawdown_percent"],
            longest_ms=figures["longest_drawdown_ms"],
            recovery_ms=figures["recovery_ms"],
            from_ms=figures["max_drawdown_from"],
            at_ms=figures["max_drawdown_at"],
            stretches=figures["drawdown_count"],
            average_percent=figures["avg_drawdown_percent"],
            average_ms=figures["avg_drawdown_ms"],
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

    @property
    def notional(self) -> FloatColumn:
        """NaN at each point: what positions were worth is not stored."""
        return np.full(len(self), np.nan)

    def parts(self, rows: int = 1 << 14) -> Iterator[CurvePart]:
        """Yield its columns in parts of so many rows."""
        drawdown = self.drawdown
        for part in (slice(begin, begin + rows) for begin in range(0, len(self), rows)):
            yield CurvePart(self.timestamp_ms[part], self.equity[part], self.balance[part], drawdown[part])

    def daily(self) -> tuple[TimeColumn, FloatColumn]:
        """Return start, every 00:00 UTC between and end, and the equity at each; of a ruined account up to its ruin.

        It is that of the last point that is stored before each where a version stored the result that kept no other.
        """
        times = self.timestamp_ms
        first, last = int(times[0]), int(times[-1]) if self.ruined_at is None else self.ruined_at
        days = np.arange((first // DAY_MS + 1) * DAY_MS, last, DAY_MS, dtype=np.int64)
        instants = np.concatenate(([first], days, [last])).astype(np.int64)
        if self._daily is not None:
            return instants, self._daily
        return instants, self.equity[np.searchsorted(times, instants, side="right") - 1]


def _column(points: Sequence[Mapping[str, Any]], name: str, kind: type[Any]) -> Any:
    return read_only(np.array([point[name] for point in points], kind), kind)


def _log_rows(database: Database, run_id: int) -> list[Mapping[str, Any]]:
    log = backtest_trigger_logs.c
    statement = (
        select(backtest_trigger_logs, is_eventful().label(_EVENTFUL))
        .where(log.backtest_id == run_id)
        .order_by(log.trigger_index)
    )
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
        return log_entry(found) if isinstance(found, Mapping) else [log_entry(row) for row in found]

    def eventful(self) -> Iterator[dict[str, Any]]:
        """Yield the triggers of which something came, in order."""
        return (log_entry(row) for row in self._rows if row[_EVENTFUL])

    def rows(self, most: int) -> list[dict[str, Any]]:
        """Return the rows of at most `most` triggers in order: of all where they are no more, else of eventful ones."""
        shown = (row for row in self._rows if len(self) <= most or row[_EVENTFUL])
        return [dict(row) for row in islice(shown, most)]

    def unasked(self) -> Iterator[dict[str, Any]]:
        """Yield all triggers that are stored, in order."""
        return iter(self)

    def empty(self) -> TriggerLog:
        """Return a log without triggers."""
        return StoredLog(())
