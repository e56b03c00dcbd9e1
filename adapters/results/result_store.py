"""Storing results: a row for the run as soon as it starts, its trigger log while it runs, its figures at the end."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert, select, update

from engine import BacktestConfig, BacktestResult, DataError, Simulation
from engine.result import FIGURES, Unit

from ..database import (
    RESULT_TABLES,
    Database,
    backtest_details,
    backtest_journals,
    backtest_labels,
    backtest_orders,
    backtest_results,
    backtest_series,
    backtest_trades,
    backtest_trigger_logs,
    stored_json,
)
from ..orders import order_columns, packed_orders, write_order_rows
from ..runs import let_go, long_step, unseen
from ..series import PackedPart, packed_series, write_series_rows
from .kept_journals import write_journal_rows
from .needed_tables import add_tables
from .platform_rows import FIGURE_COLUMNS, has_binding
from .run_owner import Runner
from .trigger_log_rows import trigger_row, utc_time

logger = logging.getLogger("perpsim.results")

CHUNK = 1_000
#: So many triggers are written at once where a database was away for long: that is worth a bar.
_SHOWN_FROM = 5 * CHUNK

#: Under this name the program's own series stand beside the figures; of each so many values, as of the curve.
RECORDS, MOST_RECORDED = "records", 2_000
#: How many values each of them had.
RECORD_COUNTS = "record_counts"
#: Likewise the equity that daily returns are of, where the stored points of the curve do not tell it.
DAILY_EQUITY = "daily_equity"
#: And what was proved of it, where anything was.
CERTIFICATE = "certificate"

#: How long a finished run waits for a database that has gone away to come back, and how often it looks.
PATIENCE_S = 5.0
_LOOK_S = 0.5

#: What a run that did not come to its end is stored with as its error.
INTERRUPTED, CANCELLED = "interrupted", "cancelled"
LOST = "the run was lost: its process ended before it was finished; run it again"
SERVER_GONE = "the server ended during the run"


class RunStatus(StrEnum):
    """The status of a stored run; one that failed, was interrupted or was lost is an error."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "error"


class OutcomeParts(NamedTuple):
    """What a result is stored with beside its figures, packed: its journal, its minutes, what became of its orders."""

    journal: Sequence[bytes]
    series: Sequence[PackedPart]
    orders: Sequence[bytes]


class ResultStore:
    """The stored results of a database. Raises `DataError` when a table of them lacks a column.

    Opening it marks the runs whose process has ended without finishing them as lost; the first run that is begun makes
    the tables that are missing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready: set[str] = set()
        self.mark_lost()

    def begin(
        self,
        config: BacktestConfig,
        known: Callable[[StoredRun], None] = lambda run: None,
        *,
        label: str | None = None,
        all_triggers: bool = False,
        journal: bool = False,
    ) -> StoredRun:
        """Add the row of a run that starts now, with status "running" and a label, and return the run; `known` gets it
        before the row is there for good. Quiet triggers are stored with `all_triggers` only, and the journal that the
        run keeps with `journal`.
        """
        self._make_ready([*RESULT_TABLES, backtest_journals] if journal else RESULT_TABLES)
        self._make_optional(backtest_series, "the minutes of results will not be stored")
        self._make_optional(backtest_orders, "orders will not be stored")
        row = {
            "backtest_type": "program",
            "config": json.dumps(config.to_dict(), sort_keys=True),
            "start_time": utc_time(config.start_ms),
            "end_time": utc_time(config.end_ms),
            "initial_balance": config.initial_balance,
            "status": RunStatus.RUNNING,
            "error_message": Runner.this().to_text(),
            "exchange": config.exchange,
            "created_at": _now(),
        }
        with self._database.writing() as connection:
            key = connection.execute(insert(backtest_results).values(row)).inserted_primary_key
            assert key is not None
            run = StoredRun(self._database, int(key[0]), all_triggers, journal)
            known(run)
            if label is not None:
                connection.execute(insert(backtest_labels).values(backtest_id=run.run_id, label=label))
        return run

    def _make_ready(self, tables: Sequence[Table]) -> None:
        """Make those of some tables that are missing, where that was not looked at before."""
        if not self._ready.issuperset(each.name for each in tables):
            add_tables(self._database, tables)
            self._ready.update(each.name for each in tables)

    def _make_optional(self, table: Table, without: str) -> None:
        """Make a table that a result can do without: its chart then says so."""
        try:
            self._make_ready([table])
        except DataError as error:
            logger.info("%s: %s", without, error)

    @contextmanager
    def saving(
        self, config: BacktestConfig, *, label: str | None = None, all_triggers: bool = False, journal: bool = False
    ) -> Iterator[StoredRun]:
        """Begin a run; an exception that ends the context becomes its error, if the database can still be told."""
        begun: list[StoredRun] = []
        try:
            yield self.begin(config, begun.append, label=label, all_triggers=all_triggers, journal=journal)
        except BaseException as error:
            is_pressed = isinstance(error, KeyboardInterrupt)
            let_go(error)
            for run in begun:  # Ctrl-C may come as soon as its row is there
                run.note_failure(INTERRUPTED if is_pressed else str(error) or type(error).__name__)
            raise

    def mark_lost(self) -> list[int]:
        """Give the runs that say "running" but whose process has ended the status "error"; return their ids."""
        with self._database.reading() as connection:
            if not self._database.has_table(connection, backtest_results):
                return []
            self._database.require_table(connection, backtest_results)
            lost = _lost(connection)
        if lost:
            with self._database.writing() as connection:
                lost = _lost(connection)  # anew: another process may have taken one over or finished it meanwhile
                of_them = backtest_results.c.id.in_(lost)
                connection.execute(
                    update(backtest_results).where(of_them).values(status=RunStatus.FAILED, error_message=LOST)
                )
        return lost


def _lost(connection: Connection) -> list[int]:
    columns = (backtest_results.c.id, backtest_results.c.error_message)
    running = connection.execute(select(*columns).where(backtest_results.c.status == RunStatus.RUNNING)).all()
    runners = {row.id: Runner.parse(row.error_message) for row in running}
    return [run_id for run_id, runner in runners.items() if runner is not None and runner.is_gone()]


class StoredRun:
    """One run that is being stored, by its `run_id`: what the watched simulation leaves, and how it ended.

    A database that goes away meanwhile does not hold the simulation up: what could not be written is kept, and
    `complete` writes it. Quiet triggers take no row, but with `all_triggers` and in a run of a platform's binding; the
    journal of its result, if that has one, is stored with `journal`.
    """

    def __init__(self, database: Database, run_id: int, all_triggers: bool = False, journal: bool = False) -> None:
        self.run_id = run_id
        self._keeps_journal = journal
        self._database = database
        self._is_whole: bool | None = True if all_triggers else None  # None: that is not known yet
        self._saved = 0
        self._is_away = False
        self._simulation: Simulation | None = None

    def take_over(self) -> None:
        """Note that it is the present process that runs it, and not the one that began it."""
        with self._database.writing() as connection:
            self._set(connection, error_message=Runner.this().to_text())

    def watch(self, simulation: Simulation) -> None:
        """Name the simulation whose triggers are stored."""
        self._simulation = simulation

    def save_triggers(self) -> None:
        """Write the triggers that have been handled since the last call, when there is a chunk of them and the database
        has not failed to take one before.
        """
        simulation = self._simulation
        if simulation is None or self._is_away or len(simulation.trigger_log) - self._saved < CHUNK:
            return
        end = len(simulation.trigger_log)
        if self._is_whole is False and next(simulation.trigger_log.eventful(self._saved), None) is None:
            self._saved = end
            return
        self._is_away = True
        try:
            with self._database.writing() as connection:
                self._write_log(connection, simulation, self._saved)
        except DataError as error:
            logger.info("result %d: %s", self.run_id, error)
            return
        self._saved, self._is_away = end, False

    def complete(self, result: BacktestResult, patience_s: float = 0.0, ended_by: str | None = None) -> None:
        """Write the rest of the log, the trades and all figures, and give the run its final status, all at once;
        `ended_by` is what interrupted it, where that is known better than its result does.

        Tries again while it fails, for `patience_s` seconds; then raises `DataError`. May be called again after that;
        what was written already is not written twice.
        """
        deadline = time.monotonic() + patience_s
        journal = result.journal if self._keeps_journal else None
        assert self._simulation is not None
        packed = [] if journal is None else [*journal.packed()]  # before anything is locked for it
        parts = OutcomeParts(
            packed,
            packed_series(result, self._simulation, MOST_RECORDED),
            packed_orders(order_columns(result, self._simulation.exchange.spans)),
        )
        while True:
            try:
                return self._complete(result, parts, ended_by)
            except DataError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_LOOK_S)

    def certify(self, certificate: Mapping[str, Any]) -> None:
        """Keep beside the figures of a run that is complete what was proved of it, as plain values."""
        of_it = backtest_details.c.backtest_id == self.run_id
        with self._database.writing() as connection:
            figures = stored_json(connection.execute(select(backtest_details.c.result).where(of_it)).scalar_one())
            stored = json.dumps({**figures, CERTIFICATE: dict(certificate)})
            connection.execute(update(backtest_details).where(of_it).values(result=stored))

    def fail(self, message: str) -> None:
        """Give the run the status "error" with a message."""
        with self._database.writing() as connection:
            self._set(connection, status=RunStatus.FAILED, error_message=message, completed_at=_now())

    def fail_if_running(self, message: str) -> None:
        """Likewise, where nothing was stored of how it ended. Raises `DataError` where that cannot be told."""
        c = backtest_results.c
        is_running = select(c.id).where(c.id == self.run_id, c.status == RunStatus.RUNNING)
        with self._database.reading() as connection:
            if connection.execute(is_running).first() is None:
                return
        self.fail(message)

    def note_failure(self, message: str) -> None:
        """Give the run the status "error" with a message where that can be done: else it counts as lost later on."""
        try:
            self.fail(message)
        except DataError as error:
            logger.warning("result %d could not be marked as failed (%s): %s", self.run_id, message, error)

    def _complete(self, result: BacktestResult, parts: OutcomeParts, ended_by: str | None) -> None:
        assert self._simulation is not None
        with self._database.writing() as connection:
            if self._has_figures(connection):  # the answer to an earlier attempt was lost, and not the attempt
                return
            self._write_log(connection, self._simulation, self._next_place(connection))
            key = {"backtest_id": self.run_id}
            trades = [
                {**key, "trade_index": index, "trade": json.dumps(trade.to_dict(), sort_keys=True)}
                for index, trade in enumerate(result.trades)
            ]
            if trades:
                connection.execute(insert(backtest_trades), trades)
            stored = {**result.figures(), **result.identity()}
            if result.records:
                stored[RECORDS] = result.records_dict(MOST_RECORDED)
                stored[RECORD_COUNTS] = {name: len(series) for name, series in result.records.items()}
            if len(result.equity) > MOST_RECORDED:
                stored[DAILY_EQUITY] = result.equity.daily()[1].tolist()
            details = {**key, "result": json.dumps(stored, sort_keys=True)}
            connection.execute(insert(backtest_details).values(details))
            write_journal_rows(connection, self.run_id, parts.journal)
            if self._database.has_table(connection, backtest_series):
                write_series_rows(connection, self.run_id, parts.series)
            if self._database.has_table(connection, backtest_orders):
                write_order_rows(connection, self.run_id, parts.orders)
            self._set(connection, **_columns(result, ended_by))

    def _has_figures(self, connection: Connection) -> bool:
        found = select(backtest_details.c.backtest_id).where(backtest_details.c.backtest_id == self.run_id)
        return connection.execute(found).first() is not None

    def _next_place(self, connection: Connection) -> int:
        """Return the place after its last stored trigger: they are written in order, each call all or none."""
        c = backtest_trigger_logs.c
        last = select(c.trigger_index).where(c.backtest_id == self.run_id).order_by(c.id.desc()).limit(1)
        found = connection.execute(last).scalar()
        return 0 if found is None else int(found) + 1

    def _set(self, connection: Connection, **values: object) -> None:
        connection.execute(update(backtest_results).where(backtest_results.c.id == self.run_id).values(**values))

    def _write_log(self, connection: Connection, simulation: Simulation, start: int) -> None:
        """Write the triggers from `start` on that take a row."""
        log, price_at = simulation.trigger_log, simulation.exchange.margin_price
        if self._is_whole is None:
            self._is_whole = has_binding(connection, self.run_id)
        every = ((place, log[place]) for place in range(start, len(log)))
        wanted = every if self._is_whole else log.eventful(start)
        is_long = len(log) - start > _SHOWN_FROM
        with long_step("storing", len(log) - start, "triggers") if is_long else nullcontext(unseen) as advance:
            while rows := [trigger_row(self.run_id, *each, price_at) for each in islice(wanted, CHUNK)]:
                connection.execute(insert(backtest_trigger_logs), rows)
                advance(rows[-1]["trigger_index"] + 1 - start)
                start = rows[-1]["trigger_index"] + 1


def _columns(result: BacktestResult, ended_by: str | None) -> dict[str, object]:
    """Return what the row of a finished run says of its result: also the range that was run, which may be shorter than
    the one that its configuration asks for.
    """
    interrupted = ended_by or result.error or INTERRUPTED
    return {
        "start_time": utc_time(result.start_time),
        "end_time": utc_time(result.end_time),
        **{name: _stored(FIGURES[name].unit, getattr(result, name)) for name in FIGURE_COLUMNS},
        "equity_curve": json.dumps(result.equity_curve),
        "status": RunStatus.COMPLETED if result.success else RunStatus.FAILED,
        "error_message": interrupted if result.interrupted else result.error,
        "completed_at": _now(),
    }


def _stored(unit: Unit, value: float | None) -> float | None:
    return round(value) if unit is Unit.MILLISECONDS and value is not None else value


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
