"""The times of a file's rows: epoch seconds to nanoseconds or ISO 8601 text, told apart by looking at them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine import utc_text
from engine.instants import EPOCH_UNITS, FIRST_EPOCH_S, LAST_EPOCH_S
from engine.periods import SECOND_MS
from engine.plain_values import shown

from .table_file import TableFile

_MS_NS = 1_000_000
_US_NS = 1_000
_OFFSET = r"(?:Z|[+-]\d\d:?(?:\d\d)?)$"


class FileTimes(NamedTuple):
    """Times in epoch milliseconds, and in words what the file holds."""

    ms: npt.NDArray[np.int64]
    unit: str


def read_times(table: TableFile, field: str, *, of_events: bool = False) -> FileTimes:
    """Return the times of a table's rows. Raises `FileFormatError` for what is no time, for units that change in
    the middle, for rows that are not in order of time, and unless they are `of_events`, for two of one time and for
    fractions of a millisecond: an event is known at the end of its millisecond, never before it happened.
    """
    times = _times(table, field, round_up=of_events)
    possible = (times.ms >= FIRST_EPOCH_S * SECOND_MS) & (times.ms < LAST_EPOCH_S * SECOND_MS)
    table.require(possible, field, lambda row: f"{shown(table.values[field].iloc[row])} is not between 1973 and 5138")
    steps = np.diff(times.ms, prepend=times.ms[0] - 1)
    twice = "is there twice; rows of one of several series are chosen by a column (--where)"
    table.require((steps != 0) | of_events, field, lambda row: f"{_instant(times.ms[row])} {twice}")
    late = "comes after {}; rows must be in order of time"
    table.require(
        steps >= 0, field, lambda row: f"{_instant(times.ms[row])} {late.format(_instant(times.ms[row - 1]))}"
    )
    return times


def _times(table: TableFile, field: str, round_up: bool) -> FileTimes:
    column = table.values[field]
    table.require(column.notna().to_numpy(), field, lambda place: "the time is missing")
    if column.dtype.kind == "M":
        return FileTimes(_from_datetimes(table, field, column, round_up), "timestamps")
    if column.dtype.kind in "iuf":
        return _from_epoch(table, field, column.to_numpy(), round_up)
    return _from_text(table, field, column, round_up)


def _instant(time_ms: np.int64) -> str:
    fraction = f" and {time_ms % SECOND_MS} ms" if time_ms % SECOND_MS else ""
    return f"{utc_text(int(time_ms))}{fraction}"


def _from_epoch(table: TableFile, field: str, times: npt.NDArray[Any], round_up: bool) -> FileTimes:
    per_second = {name: EPOCH_UNITS["seconds"] // length for name, length in EPOCH_UNITS.items()}
    units = {name: (times >= FIRST_EPOCH_S * n) & (times < LAST_EPOCH_S * n) for name, n in per_second.items()}
    table.require(np.any([*units.values()], axis=0), field, lambda place: f"{times[place]} is no epoch time")
    first = next(name for name, holds in units.items() if holds[0])
    table.require(units[first], field, lambda place: f"{times[place]} is not in {first} as in row 1")
    exact, length = times if times.dtype.kind == "f" else times.astype(np.int64), EPOCH_UNITS[first]
    if round_up and times.dtype.kind == "f":  # doubles tell no more than microseconds apart
        exact, length = np.rint(times * (length / _US_NS)).astype(np.int64), _US_NS
    ms, rest = np.divmod(exact * max(length // _MS_NS, 1), max(_MS_NS // length, 1))
    if not round_up:
        table.require(rest == 0, field, lambda place: f"{times[place]} is not a whole millisecond")
    return FileTimes((ms + (rest > 0)).astype(np.int64), f"epoch {first}")


def _from_text(table: TableFile, field: str, column: pd.Series[Any], round_up: bool) -> FileTimes:
    text = column.astype(str).str.strip().str.replace(r"\s*UTC$", "Z", regex=True)
    parsed = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
    if pd.isna(parsed.iloc[0]) and pd.notna((numbers := pd.to_numeric(text, errors="coerce")).iloc[0]):
        table.require(
            numbers.notna().to_numpy(), field, lambda row: f"{shown(column.iloc[row])} is no number as in row 1"
        )
        return _from_epoch(table, field, numbers.to_numpy(), round_up)
    table.require(parsed.notna().to_numpy(), field, lambda place: f"{shown(column.iloc[place])} is no ISO 8601 time")
    aware = text.str.contains(_OFFSET, regex=True).to_numpy(dtype=bool) & text.str.contains(":").to_numpy(dtype=bool)
    same = "with" if aware[0] else "without"
    table.require(
        aware == aware[0], field, lambda place: f"{shown(column.iloc[place])} is not {same} an offset as in row 1"
    )
    unit = "ISO 8601 times" if aware[0] else "ISO 8601 times without an offset, taken as UTC"
    return FileTimes(_from_datetimes(table, field, parsed, round_up), unit)


def _from_datetimes(table: TableFile, field: str, column: pd.Series[Any], round_up: bool) -> npt.NDArray[np.int64]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    times = column.to_numpy()
    ms = times.astype("datetime64[ms]")
    if round_up:
        return np.asarray(ms.astype(np.int64) + (ms < times))
    table.require(ms == times, field, lambda place: f"{times[place]} is not a whole millisecond")
    return np.asarray(ms.astype(np.int64))
