"""What a program is told of one symbol where rows are lost on the way to it, or come twice."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..faults import FaultPlan, Span
from ..market import SymbolHistory
from ..market.flow import BookRows, LatestValue, TimedValues, TradeRows
from ..market.series import KlineColumns, TimeColumn
from .market_shocks import without_overlap

Chosen = npt.NDArray[np.bool_]
Rows = TypeVar("Rows", KlineColumns, TimedValues, TradeRows, BookRows)
#: Returns rows with something done to the chosen ones.
Work = Callable[[Any, Chosen], Any]
_TABLES = ("trades", "book", "mark_price", "oracle_price", "open_interest")


def dropped(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history without so many rows of the span, by chance, and how many klines are missing."""
    return _worked(history, plan, span, lambda rows, chosen: _taken(rows, np.flatnonzero(~chosen)))


def delisted(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history without any row of the span."""
    return _worked(history, plan, span, lambda rows, chosen: _taken(rows, np.flatnonzero(~chosen)), percent=100.0)


def duplicated(history: SymbolHistory, plan: FaultPlan, span: Span) -> tuple[SymbolHistory, int]:
    """Return a history in which so many rows of the span, by chance, say what the row before them says."""
    return _worked(history, plan, span, _repeated)


def _worked(
    history: SymbolHistory, plan: FaultPlan, span: Span, work: Work, percent: float | None = None
) -> tuple[SymbolHistory, int]:
    percent = plan.amount if percent is None else percent

    def changed(rows: Any, name: str, known_ms: TimeColumn) -> tuple[Any, int]:
        seed = Random(f"{plan.seed}/{span.start_ms}/{history.symbol}/{name}").getrandbits(64)
        chosen = (known_ms >= span.start_ms) & (known_ms < span.end_ms)  # whatever was loaded before draws nothing
        chosen[chosen] = np.random.default_rng(seed).random(int(chosen.sum())) * 100.0 < percent
        return (work(rows, chosen) if chosen.any() else rows), int(chosen.sum())

    base, count = changed(*_klines(history.base.columns, "base"))
    marks = history.mark_klines
    parts = {
        "base": base,
        "mark_klines": None if marks is None else changed(*_klines(marks, "marks"))[0],
        "stored": without_overlap(history, Span(span.start_ms - 1, span.end_ms)),
        "flow": history.flow.replaced(**{name: changed(*each)[0] for name, each in _tables(history)}),
    }
    return history.replaced(**parts), count


def _klines(columns: KlineColumns, name: str) -> tuple[KlineColumns, str, TimeColumn]:
    return columns, name, columns.open_ms + columns.period_ms


def _tables(history: SymbolHistory) -> list[tuple[str, tuple[Any, str, TimeColumn]]]:
    found: list[tuple[str, tuple[Any, str, TimeColumn]]] = []
    for name in _TABLES:
        each = getattr(history.flow, name)
        rows = each.rows if isinstance(each, LatestValue) else each
        if rows is not None:
            found.append((name, (rows, name, rows.timestamp_ms)))
    return found


def _names(rows: Any) -> list[str]:
    return [name for name in rows.__dataclass_fields__ if name != "period_ms"]


def _taken(rows: Rows, places: TimeColumn) -> Rows:
    """Return the rows at some places."""
    columns = {name: getattr(rows, name)[places] for name in _names(rows)}
    return _remade(rows, columns)


def _repeated(rows: Rows, chosen: Chosen) -> Rows:
    """Return rows of which the chosen ones have the values of the row before."""
    places = np.arange(len(chosen))
    places[1:] -= chosen[1:]
    time = _names(rows)[0]
    columns = {name: getattr(rows, name)[places] for name in _names(rows) if name != time}
    return _remade(rows, {time: getattr(rows, time), **columns})


def _remade(rows: Rows, columns: dict[str, Any]) -> Rows:
    period: dict[str, Any] = {"period_ms": rows.period_ms} if isinstance(rows, KlineColumns) else {}
    return type(rows)(**period, **columns)
