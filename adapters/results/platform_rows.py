"""Rows of stored results that the live platform has made, and what is told of them from their own row alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, column, inspect, select, text

from engine.result import FIGURES, Unit

from ..database import backtest_results
from .trigger_log_rows import epoch_ms

#: What stands in the place of a figure that is not in the row.
NOT_STORED = "not stored"

#: The figures that are columns of backtest_results, under the same names.
FIGURE_COLUMNS = tuple(
    name for name, figure in FIGURES.items() if figure.unit.is_number and name in backtest_results.columns
)

#: Of the platform's own table: which of its bindings a run was of.
_BINDING = "binding_id"
#: Where the platform keeps its bindings and their programs.
_PROGRAMS = ("account_program_bindings", "trading_programs")
_PROGRAMS_OF_RUNS = text(
    "select runs.id, programs.name from backtest_results runs join account_program_bindings bindings "
    "on bindings.id = runs.binding_id join trading_programs programs on programs.id = bindings.program_id"
)


def is_of_platform(config: Mapping[str, Any]) -> bool:
    """Tell whether it is the platform that has stored the run of a configuration: its own names few settings."""
    return "initial_balance" not in config


def has_binding(connection: Connection, run_id: int) -> bool:
    """Tell whether a run is one of a platform's bindings, whose pages count its log rows from 0 without a gap."""
    if not _has_bindings(connection):
        return False
    found: Select[Any] = select(column(_BINDING)).select_from(backtest_results).where(backtest_results.c.id == run_id)
    return connection.execute(found).scalar() is not None


def platform_programs(connection: Connection) -> dict[int, str]:
    """Return what the programs of the platform's bindings are called, by the ids of their runs."""
    if not (_has_bindings(connection) and all(inspect(connection).has_table(name) for name in _PROGRAMS)):
        return {}
    return {row.id: row.name for row in connection.execute(_PROGRAMS_OF_RUNS)}


def _has_bindings(connection: Connection) -> bool:
    return any(each["name"] == _BINDING for each in inspect(connection).get_columns(backtest_results.name))


def figures_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a run of which only its row is there: what that does not have is not stored. Empty where
    the run never came to figures.
    """
    if row["total_pnl"] is None:
        return {}
    known = {
        **{name: row[name] for name in FIGURE_COLUMNS},
        "success": row["status"] == "completed",
        "error": row["error_message"],
        "interrupted": False,
        "start_time": epoch_ms(row["start_time"]),
        "end_time": epoch_ms(row["end_time"]),
    }
    return completed_figures(known)


#: What says something of other figures.
_OF_FIGURES = frozenset(("undefined", "remarks"))


def completed_figures(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures of a stored result with those that are not among them, for a version did not have them, or a row
    does not: their values are those of figures that are absent, and why is that they are not stored.
    """
    absent = {name: figure.absent for name, figure in FIGURES.items() if figure.unit is not Unit.RECORDS}
    lacking = {name: NOT_STORED for name in absent if name not in known and name not in _OF_FIGURES}
    return {**absent, **known, "undefined": {**(known.get("undefined") or {}), **lacking}}


def is_stored(name: str, figures: Mapping[str, Any]) -> bool:
    """Tell whether a figure of a stored result is there, be it undefined."""
    return (figures.get("undefined") or {}).get(name) != NOT_STORED
