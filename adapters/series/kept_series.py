"""The series of stored results: what a result has at every minute, and the long ones of the program's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, insert, select

from engine import BacktestResult, DataError, Simulation
from engine.market.series import FloatColumn, TimeColumn
from engine.result import CurvePart

from ..database import Database, backtest_series
from ..packing import pack_curve, unpack_curve

#: Equity, cash, and the worth of all positions, in USD, at the start, every whole UTC minute, and the end.
EQUITY, BALANCE, NOTIONAL = MINUTES = ("equity", "balance", "notional")
#: Before the name of a symbol: what it received (+) or paid as funding, in USD. Before that of a recorded series: that.
FUNDING, RECORDED = "funding ", "recorded "

#: So many values are packed together: three weeks of minutes.
_PART = 1 << 15
_NO_LIMIT = 1 << 40


class Series(NamedTuple):
    """Values at times (epoch ms, rising)."""

    timestamp_ms: TimeColumn
    value: FloatColumn


#: A row of the table, but for the run: name, part, packed.
PackedPart = tuple[str, int, bytes]


def packed_series(result: BacktestResult, simulation: Simulation, longer_than: int) -> list[PackedPart]:
    """Return the rows of a result: its minutes, the funding of each symbol, and those series of the program's own that
    have more than so many values. Each value is as fine as a float32 has the largest one of its part.
    """
    return [
        (name, part, pack_curve(times[begin : begin + _PART], values[begin : begin + _PART], _NO_LIMIT))
        for name, (times, values) in (*_minutes(result), *_funding(simulation), *_recorded(result, longer_than))
        for part, begin in enumerate(range(0, len(times), _PART))
    ]


def _minutes(result: BacktestResult) -> Iterator[tuple[str, Series]]:
    curve = result.equity
    parts = list(curve.parts())
    times = np.concatenate([each.timestamp_ms for each in parts])
    yield EQUITY, Series(times, np.concatenate([each.equity for each in parts]))
    yield BALANCE, Series(times, np.concatenate([each.balance for each in parts]))
    yield NOTIONAL, Series(times, curve.notional)


def _funding(simulation: Simulation) -> Iterator[tuple[str, Series]]:
    paid: dict[str, tuple[list[int], list[float]]] = {}
    for each in simulation.account.ledger.postings:
        if each.kind == "funding":
            times, amounts = paid.setdefault(each.symbol, ([], []))
            times.append(each.timestamp)
            amounts.append(each.amount)
    for symbol, (times, amounts) in paid.items():
        yield FUNDING + symbol, Series(np.array(times, np.int64), np.array(amounts, np.float64))


def _recorded(result: BacktestResult, longer_than: int) -> Iterator[tuple[str, Series]]:
    for name, each in result.records.items():
        if len(each) > longer_than:
            yield RECORDED + name, Series(each.timestamp_ms, each.value)


def write_series_rows(connection: Connection, run_id: int, rows: Iterable[PackedPart]) -> None:
    """Write the packed series of a run."""
    values = [{"backtest_id": run_id, "name": name, "part": part, "packed": packed} for name, part, packed in rows]
    if values:
        connection.execute(insert(backtest_series), values)


def stored_series_of(database: Database, run_id: int, names: Iterable[str]) -> dict[str, Series]:
    """Return those of some series of a result that are stored. Raises `DataError` where one cannot be unpacked."""
    c = backtest_series.c
    wanted = select(c.name, c.packed).where(c.backtest_id == run_id, c.name.in_([*names]))
    with database.reading() as connection:
        if not database.has_table(connection, backtest_series):
            return {}
        rows = connection.execute(wanted.order_by(c.name, c.part)).all()
    parts: dict[str, list[Any]] = {}
    for name, packed in rows:
        try:
            parts.setdefault(name, []).append(unpack_curve(bytes(packed)))
        except ValueError as error:
            raise DataError(f"{database.name}: the series {name!r} of result {run_id} is damaged: {error}") from None
    return {name: Series(*map(np.concatenate, zip(*each, strict=True))) for name, each in parts.items()}


def stored_minutes(database: Database, run_id: int) -> CurvePart | None:
    """Return the equity curve of a result minute by minute, None where its minutes are not stored. `DataError` where
    they cannot be unpacked.
    """
    stored = stored_series_of(database, run_id, (EQUITY, BALANCE))
    if EQUITY not in stored:
        return None
    times, equity = stored[EQUITY]
    return CurvePart(times, equity, stored[BALANCE].value, np.maximum.accumulate(equity) - equity)
