"""Reading stored results: the list, one of them, and what sets two of them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import func, select

from engine import DataError
from engine.result import FIGURES, Place, Unit

from ..database import Database, backtest_details, backtest_results, backtest_trades, backtest_trigger_logs, stored_json
from .result_store import RECORDS, RunStatus

Trade = Mapping[str, Any]

#: The figures in lists of results.
LISTED = tuple(name for name, figure in FIGURES.items() if Place.LISTED in figure.places)
_LISTED = ("id", "status", "exchange", "start_time", "end_time", "created_at", "config", *LISTED)


class UnknownResult(DataError, KeyError):
    """There is no such result; its text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class StoredResult:
    """One stored result. `figures` are those of `BacktestResult`, empty for a run that never completed; `records` are
    the program's own series, each thinned to its extremes.
    """

    run_id: int
    status: str
    error: str | None
    config: dict[str, Any]
    figures: dict[str, Any]
    trades: list[dict[str, Any]]
    triggers_saved: int
    records: dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Comparison:
    """What differs between two results: name -> (first, second); and the first trade that is not the same."""

    config: dict[str, tuple[Any, Any]]
    figures: dict[str, tuple[Any, Any]]
    first_trade: int | None
    trade: dict[str, tuple[Any, Any]]


def require_results(database: Database) -> None:
    """Raise `DataError` where no run can have been saved, because there are no tables for it."""
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        database.require_table(connection, backtest_trigger_logs)


def list_results(database: Database, most: int = 50) -> list[dict[str, Any]]:
    """Return the newest results, newest first, as plain values."""
    columns = [backtest_results.c[name] for name in _LISTED]
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        rows = connection.execute(select(*columns).order_by(backtest_results.c.id.desc()).limit(most)).mappings().all()
    return [{**row, "symbols": (stored_json(row["config"]) or {}).get("symbols", [])} for row in rows]


def read_result(database: Database, run_id: int) -> StoredResult:
    """Return a stored result; `UnknownResult` for an unknown id."""
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        row = connection.execute(select(backtest_results).where(backtest_results.c.id == run_id)).mappings().first()
        if row is None:
            known = connection.execute(select(func.min(backtest_results.c.id), func.max(backtest_results.c.id))).one()
            there = "there is none yet" if known[0] is None else f"stored: {known[0]} to {known[1]}"
            raise UnknownResult(f"{database.name} has no result {run_id}; {there}")
        figures = _figures(database, connection, run_id)
        trades = _trades(database, connection, run_id)
        logs = backtest_trigger_logs.c.backtest_id == run_id
        saved = connection.execute(select(func.count()).select_from(backtest_trigger_logs).where(logs)).scalar_one()
    records = figures.pop(RECORDS, {})
    status = str(row["status"])
    error = None if status == RunStatus.RUNNING else row["error_message"]
    return StoredResult(run_id, status, error, stored_json(row["config"]) or {}, figures, trades, saved, records)


def _figures(database: Database, connection: Any, run_id: int) -> dict[str, Any]:
    """Return the stored figures; one that the version that stored them did not have is as good as none."""
    if not database.has_table(connection, backtest_details):
        return {}
    found = select(backtest_details.c.result).where(backtest_details.c.backtest_id == run_id)
    stored = stored_json(connection.execute(found).scalar())
    absent = {name: figure.absent for name, figure in FIGURES.items() if figure.unit is not Unit.RECORDS}
    return {**absent, **stored} if stored else {}


def _trades(database: Database, connection: Any, run_id: int) -> list[dict[str, Any]]:
    if not database.has_table(connection, backtest_trades):
        return []
    found = select(backtest_trades.c.trade).where(backtest_trades.c.backtest_id == run_id)
    return [stored_json(text) for text in connection.execute(found.order_by(backtest_trades.c.trade_index)).scalars()]


def compare_results(first: StoredResult, second: StoredResult) -> Comparison:
    """Return the differences of two results in configuration, figures and trades; what a version did not store of a
    trade does not differ.
    """
    trades = (_differing(*pair) for pair in zip_longest(first.trades, second.trades))
    place, trade = next(((index, each) for index, each in enumerate(trades) if each), (None, {}))
    figures = _differences(_amounts(first), _amounts(second))
    return Comparison(_differences(first.config, second.config), figures, place, trade)


def _amounts(result: StoredResult) -> dict[str, Any]:
    """Return the figures of a run that do not depend on the machine, each as one value."""
    return {
        name: figure.amount(result.figures.get(name))
        for name, figure in FIGURES.items()
        if figure.unit not in (Unit.RECORDS, Unit.PERCENTS, Unit.TEXTS, Unit.MILLISECONDS)
    }


def _differing(first: Trade | None, second: Trade | None) -> dict[str, tuple[Any, Any]]:
    if first is None or second is None:
        return _differences(first or {}, second or {})
    return {name: (first[name], second[name]) for name in first if name in second and first[name] != second[name]}


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}
