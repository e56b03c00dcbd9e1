"""Reading stored results: the list, one of them, and what sets two of them apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, func, select

from engine import DataError
from engine.result import FIGURES, Unit, program_name

from ..database import (
    Database,
    backtest_details,
    backtest_labels,
    backtest_results,
    backtest_trades,
    backtest_trigger_logs,
    stored_json,
)
from .platform_rows import completed_figures, figures_of_row, is_stored, platform_programs
from .result_changes import kept_results
from .result_store import CERTIFICATE, DAILY_EQUITY, RECORD_COUNTS, RECORDS, RunStatus

Trade = Mapping[str, Any]


class UnknownResult(DataError, KeyError):
    """There is no such result; its text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class StoredResult:
    """One stored result. `figures` are those of `BacktestResult`, empty for a run that never came to any; `records` are
    the program's own series, each thinned to its extremes, and `record_counts` how many values each had. `curve` is the
    equity curve, `daily_equity` what its daily returns are of where the points of the curve do not tell it,
    `triggers_saved` the number of triggers that have a row, `program` what its program is called; `certificate` is what
    was proved of it, {} where nothing was. Its trades are as they are stored until they are asked for.
    """

    run_id: int
    status: str
    error: str | None
    config: dict[str, Any]
    figures: dict[str, Any]
    trade_texts: Sequence[Any]
    triggers_saved: int
    records: dict[str, dict[str, list[float]]]
    record_counts: dict[str, int]
    curve: list[dict[str, Any]]
    daily_equity: list[float] | None
    label: str | None
    program: str | None
    certificate: dict[str, Any]

    @cached_property
    def trades(self) -> list[dict[str, Any]]:
        """Its closed trades in order, each as plain values."""
        return [stored_json(text) for text in self.trade_texts]

    @property
    def has_trades(self) -> bool:
        """Whether its trades are stored: of a run of the platform none are."""
        return bool(self.trade_texts) or not self.figures.get("total_trades")


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


def newest_result(database: Database) -> int:
    """Return the id of the result that was stored last; `UnknownResult` where there is none."""
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        kept = kept_results(database, connection)
        newest: int | None = connection.execute(select(func.max(backtest_results.c.id)).where(kept)).scalar()
    if newest is None:
        raise UnknownResult(f"{database.name} has no result yet: perpsim run --save stores one")
    return newest


def read_result(database: Database, run_id: int) -> StoredResult:
    """Return a stored result; `UnknownResult` for an unknown id."""
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        wanted = select(backtest_results).where(backtest_results.c.id == run_id, kept_results(database, connection))
        row = connection.execute(wanted).mappings().first()
        if row is None:
            known = connection.execute(select(func.min(backtest_results.c.id), func.max(backtest_results.c.id))).one()
            there = "there is none yet" if known[0] is None else f"stored: {known[0]} to {known[1]}"
            raise UnknownResult(f"{database.name} has no result {run_id}; {there}")
        figures = _figures(database, connection, row)
        label = _label(database, connection, run_id)
        programs = platform_programs(connection)
        trades = _trades(database, connection, run_id)
        logs = backtest_trigger_logs.c.backtest_id == run_id
        saved = connection.execute(select(func.count()).select_from(backtest_trigger_logs).where(logs)).scalar_one()
    records, counts = figures.pop(RECORDS, {}), figures.pop(RECORD_COUNTS, {})
    daily, certificate = figures.pop(DAILY_EQUITY, None), figures.pop(CERTIFICATE, {})
    status = str(row["status"])
    error = None if status == RunStatus.RUNNING else row["error_message"]
    config, curve = stored_json(row["config"]) or {}, stored_curve(row["equity_curve"])
    program = program_name(config) or programs.get(run_id)
    return StoredResult(
        run_id,
        status,
        error,
        config,
        figures,
        trades,
        saved,
        records,
        counts,
        curve,
        daily,
        label,
        program,
        certificate,
    )


def _figures(database: Database, connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the stored figures, or those of the row where nothing else is stored."""
    if not database.has_table(connection, backtest_details):
        return figures_of_row(row)
    found = select(backtest_details.c.result).where(backtest_details.c.backtest_id == row["id"])
    stored = stored_json(connection.execute(found).scalar())
    return completed_figures(stored) if stored else figures_of_row(row)


def _label(database: Database, connection: Connection, run_id: int) -> str | None:
    if not database.has_table(connection, backtest_labels):
        return None
    found = select(backtest_labels.c.label).where(backtest_labels.c.backtest_id == run_id)
    label: str | None = connection.execute(found).scalar()
    return label


def stored_curve(stored: Any) -> list[dict[str, Any]]:
    """Return the points of a stored equity curve; the drawdown of one that has none, as the platform's, is worked out
    from the points before it.
    """
    peak, points = -math.inf, []
    for point in stored_json(stored) or []:
        peak = max(peak, point["equity"])
        points.append({"drawdown": peak - point["equity"], **point})
    return points


def _trades(database: Database, connection: Connection, run_id: int) -> Sequence[Any]:
    if not database.has_table(connection, backtest_trades):
        return []
    found = select(backtest_trades.c.trade).where(backtest_trades.c.backtest_id == run_id)
    return connection.execute(found.order_by(backtest_trades.c.trade_index)).scalars().all()


def compare_results(first: StoredResult, second: StoredResult) -> Comparison:
    """Return the differences of two results in configuration, figures and trades; what is not stored of a result or a
    trade does not differ.
    """
    have_trades = first.has_trades and second.has_trades
    trades = (_differing(*pair) for pair in zip_longest(first.trades, second.trades) if have_trades)
    place, trade = next(((index, each) for index, each in enumerate(trades) if each), (None, {}))
    stored = [name for name in FIGURES if is_stored(name, first.figures) and is_stored(name, second.figures)]
    figures = _differences(_amounts(first, stored), _amounts(second, stored))
    return Comparison(_differences(first.config, second.config), figures, place, trade)


def _amounts(result: StoredResult, names: Sequence[str]) -> dict[str, Any]:
    """Return those of some figures that do not depend on the machine, each as one value."""
    return {
        name: FIGURES[name].amount(result.figures.get(name))
        for name in names
        if FIGURES[name].unit not in (Unit.RECORDS, Unit.PERCENTS, Unit.TEXTS, Unit.MILLISECONDS)
    }


def _differing(first: Trade | None, second: Trade | None) -> dict[str, tuple[Any, Any]]:
    if first is None or second is None:
        return _differences(first or {}, second or {})
    return {name: (first[name], second[name]) for name in first if name in second and first[name] != second[name]}


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}
