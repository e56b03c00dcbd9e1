"""Rows in order of time, each time once: turned round, sorted, and without rows that are there twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine import utc_text
from engine.periods import HOUR_MS, SECOND_MS

from .bad_rows import BadRows
from .column_layout import PERIODS, SERIES
from .file_times import FileTimes, times_of
from .table_file import TableFile
from .table_source import listed

#: Places whose clocks change at other hours or on other days than those of the others.
_ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York"),
    *("Australia/Sydney", "Pacific/Auckland", "America/Santiago"),
)
_MOST_CHANGES = 1_000
_TAKE_ONE = "--keep first or --keep last takes one, --where COLUMN=VALUE those of one of several series"


def timed_rows(table: TableFile, field: str, *, of_events: bool = False) -> tuple[TableFile, FileTimes]:
    """Return the rows of a table in order of time, with remarks on what was done for it, and their times.

    Rows that stand newest first are turned round, others sorted; those of one time keep their order in time. Unless
    they are `of_events`, each time is there once: rows that are the same are taken once, of others the one that the
    user keeps. Raises `FileFormatError` for what is no time, for rows of one time that differ, and for local times
    whose clocks change.
    """
    _require_one_series(table)
    times = times_of(table, field, of_events=of_events)
    order, said = _order(times.ms)
    if not times.is_known:
        _refuse_changing_clocks(table, field, times.ms if order is None else times.ms[order[0]], of_events)
    if order is not None:
        places = order[1]
        table, times = table.taken(places).noting(said), times._replace(ms=times.ms[places])
    same = np.diff(times.ms) == 0
    if of_events or not same.any():
        return table, times
    good, remarks = _once(table, field, times.ms, same)
    return table.kept(good).noting(*remarks), times._replace(ms=times.ms[good])


def _require_one_series(table: TableFile) -> None:
    """Raise `FileFormatError` for rows of several series, which may even be alike."""
    for field in filter(table.__contains__, (SERIES, PERIODS)):
        found = sorted(map(str, table.values[field].dropna().unique()))
        if len(found) > 1:
            way_out = f"--where {table.titles[field]}={found[0]}"
            problem = f"there are {listed(found)}; rows of one of several series are chosen by a column: {way_out}"
            table.fail(field, problem)


def _order(ms: npt.NDArray[np.int64]) -> tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None, str]:
    """Return the places of rows in the direction of time, and in its order, and what is said of it; None where they are
    in order.
    """
    steps = np.diff(ms)
    backward = int((steps < 0).sum())
    if not backward:
        return None, ""
    direction = np.arange(len(ms), dtype=np.int64)
    said = "the rows are not in order of time; they are sorted"
    if backward > (steps > 0).sum():
        direction = direction[::-1]
        if not (steps > 0).any():
            return (direction, direction), "the rows stand newest first; they are turned round"
    return (direction, direction[np.argsort(ms[direction], kind="stable")]), said


def _refuse_changing_clocks(table: TableFile, field: str, ms: npt.NDArray[np.int64], of_events: bool) -> None:
    """Raise `FileFormatError` where times without an offset repeat the hour, or leave out the hour, in which clocks
    somewhere change: they are local times, and not UTC.
    """
    if len(ms) < 2:
        return
    steps = np.diff(ms)
    again = ms[1:][steps < 0 if of_events else steps <= 0][:_MOST_CHANGES]
    usual = int(np.median(steps))
    jumps = np.empty(0, np.int64) if of_events else (ms[:-1] + usual)[steps == usual + HOUR_MS][:_MOST_CHANGES]
    for zone in _ZONES:
        for instants, what in ((again, "there twice"), (jumps, "left out")):
            found = _changes(instants, zone, back=instants is again)
            if len(found):
                problem = (
                    f"{utc_text(int(found[0])).removesuffix(' UTC')} is {what}, as clocks of {zone} change then: these "
                    f"seem to be local times; say --time-zone {zone}, or --time-zone UTC if they are none"
                )
                table.fail(field, problem)


def _changes(ms: npt.NDArray[np.int64], zone: str, back: bool) -> npt.NDArray[np.int64]:
    """Return the times that clocks of a zone show twice, or never."""
    times = pd.DatetimeIndex(ms.astype("datetime64[ms]"))
    if back:
        local = times.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    else:
        local = times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="NaT")
    return ms[local.isna()]


def _once(
    table: TableFile, field: str, ms: npt.NDArray[np.int64], same: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Return which rows are taken so that each time is there once, and remarks; `same`: as the one before."""
    good = np.ones(len(ms), bool)
    second = np.flatnonzero(same) + 1
    differ = _differ(table, field, second - 1, second)
    good[second[~differ]] = False
    remarks = [f"rows that are there twice, taken once: {(~differ).sum():,}"] if not differ.all() else []
    if not differ.any():
        return good, remarks
    groups = np.concatenate(([0], np.cumsum(~same)))
    contested = np.isin(groups, groups[second[differ]])
    if table.options.keep is None:
        raise _contradiction(table, field, ms, second[differ])
    good[contested] = False
    rows = np.arange(len(ms)) if table.rows is None else table.rows
    kept = pd.Series(rows[contested]).groupby(groups[contested])
    taken = (kept.idxmin() if table.options.keep == "first" else kept.idxmax()).to_numpy()
    good[np.flatnonzero(contested)[taken]] = True
    remarks.append(f"times of rows that differ, of which the {table.options.keep} one is taken: {len(taken):,}")
    return good, remarks


def _contradiction(table: TableFile, field: str, ms: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> BadRows:
    """Return the error about rows of one time that differ: the later one in the file comes before the other."""
    rows = np.arange(len(ms)) if table.rows is None else table.rows
    pairs = [sorted((place - 1, place), key=lambda each: -rows[each]) for place in second.tolist()]
    places = list(dict.fromkeys(place for pair in pairs for place in pair))
    pair_of = {place: pair for pair in reversed(pairs) for place in pair}

    def reason(number: int) -> str:
        later, earlier = pair_of[places[number]]
        return (
            f"{_instant(ms[later])} is there twice: {_shown_row(table, field, earlier)}; "
            f"{_shown_row(table, field, later)}"
        )

    return BadRows(table.path, table.titles[field], rows[places], reason, _TAKE_ONE)


def _shown_row(table: TableFile, field: str, place: int) -> str:
    cells = (f"{table.titles[name]} {column.iloc[place]}" for name, column in table.values.items() if name != field)
    return f"row {table.row_number(place)} has {', '.join(cells)}"


def _differ(
    table: TableFile, field: str, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return which pairs of rows differ in a wanted column."""
    differ = np.zeros(len(before), bool)
    for name, column in table.values.items():
        if name != field:
            one, other = column.iloc[before], column.iloc[after]
            differ |= [not _alike(*pair) for pair in zip(one, other, strict=True)]
    return differ


def _alike(one: Any, other: Any) -> bool:
    """Whether two cells say the same; a number may be written in several ways."""
    if one is other or one == other or (pd.isna(one) and pd.isna(other)):
        return True
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return False


def _instant(time_ms: np.int64) -> str:
    fraction = f" and {time_ms % SECOND_MS} ms" if time_ms % SECOND_MS else ""
    return f"{utc_text(int(time_ms))}{fraction}"
