"""The list of stored results: which of them are wanted, in which order, and what is told of each."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import eq, ge, gt, le, lt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, String, and_, cast, false, null, or_, select, true

from engine.contract import Labelled
from engine.plain_values import shown
from engine.result import FIGURES, Place, program_name

from ..database import Database, backtest_labels, backtest_results, stored_json
from .platform_rows import FIGURE_COLUMNS, platform_programs
from .result_changes import kept_results

#: The figures in lists of results.
LISTED = tuple(name for name, figure in FIGURES.items() if Place.LISTED in figure.places)
#: What a list can be sorted by.
SORTS = ("id", "created", "start", "end", "label", "program", "status", "exchange", *FIGURE_COLUMNS)
_COLUMNS = {"created": "created_at", "start": "start_time", "end": "end_time"}
_TOLD = ("id", "status", "exchange", "start_time", "end_time", "created_at", *FIGURE_COLUMNS)

_COMPARED = re.compile(r"\s*([^<>=]+?)\s*(<=|>=|<|>|=)\s*(\S+)\s*")
_OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
_TICK = timedelta(microseconds=1)


class PnlSign(Labelled):
    """Whether a run has won."""

    PLUS = "plus", "won"
    MINUS = "minus", "lost"
    ZERO = "zero", "neither"


@dataclass(frozen=True, kw_only=True)
class ResultFilter:
    """Which stored results are wanted; None is any. Of `program`, `label` and `text` (in the configuration, or the id)
    a part is enough, whatever its case; `since_ms` and `until_ms` are of the time when it was begun, both inclusive;
    `where` holds `figure_condition`s.
    """

    program: str | None = None
    symbol: str | None = None
    label: str | None = None
    exchange: str | None = None
    status: str | None = None
    text: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    pnl: PnlSign | None = None
    where: tuple[ColumnElement[bool], ...] = ()

    def condition(self) -> ColumnElement[bool]:
        """Return what rows of backtest_results must meet; the program and the label are not among it."""
        c, config = backtest_results.c, cast(backtest_results.c.config, String)
        parts: list[ColumnElement[bool]] = [true(), *self.where]
        if self.status is not None:
            parts.append(c.status == self.status)
        if self.exchange is not None:
            parts.append(c.exchange == self.exchange.lower())
        if self.symbol is not None:
            parts.append(config.contains(f'"symbols": [%{json.dumps(self.symbol)}%]', autoescape=False))
        if self.text:
            written = {json.dumps(self.text, ensure_ascii=ascii)[1:-1] for ascii in (True, False)}  # jsonb escapes none
            found = [config.icontains(each, autoescape=True) for each in sorted(written)]
            parts.append(or_(*found, cast(c.id, String) == self.text))
        if self.since_ms is not None:  # a text of SQLite without a fraction is less than one with
            parts.append(c.created_at > _utc(self.since_ms) - _TICK)
        if self.until_ms is not None:
            parts.append(c.created_at <= _utc(self.until_ms))
        if self.pnl is not None:
            signs = {PnlSign.PLUS: c.total_pnl > 0, PnlSign.MINUS: c.total_pnl < 0, PnlSign.ZERO: c.total_pnl == 0}
            parts.append(signs[self.pnl])
        return and_(*parts)

    def accepts(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row of the list is wanted, as far as its symbols and names tell; SQLite would not know the
        capitals of letters but those from a to z.
        """
        parts = ((self.program, row["program"]), (self.label, row["label"]))
        return (self.symbol is None or self.symbol in row["symbols"]) and all(
            part is None or part.casefold() in (text or "").casefold() for part, text in parts
        )


def list_results(
    database: Database,
    most: int | None = 50,
    wanted: ResultFilter | None = None,
    sort: str = "id",
    ascending: bool = False,
) -> list[dict[str, Any]]:
    """Return at most so many stored results as plain values, sorted by one of `SORTS`, the greatest first unless
    `ascending`; those without a value come last, and of equal ones the newest is first.
    """
    wanted = wanted or ResultFilter()
    with database.reading() as connection:
        database.require_table(connection, backtest_results)
        found = _statement(database, connection, wanted, sort, ascending)
        programs = platform_programs(connection)
        told = (_told(row, programs) for row in connection.execute(found).mappings())
        rows = (row for row in told if wanted.accepts(row))
        return [*islice(_by_program(rows, ascending) if sort == "program" else rows, most)]


def _statement(
    database: Database, connection: Connection, wanted: ResultFilter, sort: str, ascending: bool
) -> Select[Any]:
    has_labels = database.has_table(connection, backtest_labels)
    label: ColumnElement[Any] = backtest_labels.c.label if has_labels else null()
    columns = [backtest_results.c[name] for name in (*_TOLD, "config")]
    found = select(*columns, label.label("label")).where(wanted.condition(), kept_results(database, connection))
    if has_labels:
        found = found.outerjoin_from(backtest_results, backtest_labels)
    if wanted.label is not None:
        found = found.where(label.is_not(None) if has_labels else false())
    if sort == "program" or (sort == "label" and not has_labels):
        return found.order_by(backtest_results.c.id.desc())
    by = label if sort == "label" else backtest_results.c[_COLUMNS.get(sort, sort)]
    return found.order_by(by.is_(None), by.asc() if ascending else by.desc(), backtest_results.c.id.desc())


def _by_program(rows: Iterable[dict[str, Any]], ascending: bool) -> list[dict[str, Any]]:
    """Return rows in order of their programs' names; those without one come last."""
    named: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for row in rows:
        (named if row["program"] else others).append(row)
    named.sort(key=lambda row: str(row["program"]).lower(), reverse=not ascending)
    return named + others


class FigureTest(NamedTuple):
    """That a figure compares with a number, as "sharpe_ratio > 1" states it; `holds` takes both of them."""

    name: str
    holds: Callable[[Any, float], Any]
    number: float


def figure_test(text: str, names: Container[str] = FIGURE_COLUMNS) -> FigureTest:
    """Return what a text such as "sharpe_ratio > 1" states of one of some figures. `ValueError` where it states
    nothing.
    """
    found = _COMPARED.fullmatch(text)
    try:
        name, operator, value = found.groups() if found else ("", "", "")
        number = float(value)
        if math.isnan(number) or name not in names:  # a database has an order of its own for it, and no figure is it
            raise ValueError(value)
    except ValueError:
        raise ValueError(
            f"{shown(text)} compares no figure with a number, as total_trades>=30 does; figures: "
            f"{', '.join(FIGURE_COLUMNS)}"
        ) from None
    return FigureTest(name, _OPERATORS[operator], number)


def figure_condition(text: str) -> ColumnElement[bool]:
    """Return the condition that a text such as "sharpe_ratio > 1" states of rows of backtest_results. `ValueError` for
    one that states none.
    """
    test = figure_test(text)
    condition: ColumnElement[bool] = test.holds(backtest_results.c[test.name], test.number)
    return condition


def _told(row: Mapping[Any, Any], programs: Mapping[int, str]) -> dict[str, Any]:
    config = stored_json(row["config"]) or {}
    return {
        **{name: row[name] for name in (*_TOLD, "label")},
        "program": program_name(config) or programs.get(row["id"]),
        "params": config.get("params") or {},
        "symbols": config.get("symbols") or [],
    }


def _utc(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1_000, UTC).replace(tzinfo=None)
