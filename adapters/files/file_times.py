"""The times of a file's rows: epoch seconds to nanoseconds or ISO 8601 text, told apart by looking at them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine import utc_text
from engine.periods import SECOND_MS

from .table_file import TableFile

#: What the column of the times is called.
TIME_TITLES = (
    "timestamp_ms",
    "open_time_ms",
    "open_time",
    "open_timestamp",
    "timestamp",
    "time",
    "datetime",
    "date_time",
    "date",
    "datetime_str",
    "unix",
    "ts",
    "t",
)

#: Epoch units by their length in nanoseconds; the ranges of plausible times (1973 to 5138) do not overlap.
_UNITS = {"seconds": 1_000_000_000, "milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}
_FIRST_S, _LAST_S = 10**8, 10**11
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
    _require_order(table, field, times.ms, repeats=of_events)
    return times


def _times(table: TableFile, field: str, round_up: bool) -> FileTimes:
    column = table.values[field]
    table.require(column.notna().to_numpy(), field, lambda place: "the time is missing")
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return FileTimes(_from_datetimes(table, field, column, round_up), "timestamps")
    if column.dtype.kind in "iuf":
        return _from_epoch(table, field, column.to_numpy(), round_up)
    return _from_text(table, field, column, round_up)


def _require_order(table: TableFile, field: str, times_ms: npt.NDArray[np.int64], repeats: bool) -> None:
    """Raise `FileFormatError` about the first row that is not later than the row before it, or, where several rows
    may have one time (`repeats`), about the first that is earlier.
    """
    steps = np.diff(times_ms, prepend=times_ms[0] - 1)
    table.require(
        (steps != 0) | repeats,
        field,
        lambda row: (
            f"{_instant(times_ms[row])} is there twice; rows of one of several series are chosen by a column (--where)"
        ),
    )
    table.require(
        steps >= 0,
        field,
        lambda row: (
            f"{_instant(times_ms[row])} comes after {_instant(times_ms[row - 1])}; rows must be in order of time"
        ),
    )


def _instant(time_ms: np.int64) -> str:
    fraction = f" and {time_ms % SECOND_MS} ms" if time_ms % SECOND_MS else ""
    return f"{utc_text(int(time_ms))}{fraction}"


def _from_epoch(table: TableFile, field: str, times: npt.NDArray[Any], round_up: bool) -> FileTimes:
    units = [_unit(times, name) for name in _UNITS]
    table.require(np.any(units, axis=0), field, lambda place: f"{times[place]} is no epoch time")
    first = next(name for name, holds in zip(_UNITS, units, strict=True) if holds[0])
    holds_first = units[list(_UNITS).index(first)]
    table.require(holds_first, field, lambda place: f"{times[place]} is not in {first} as in row 1")
    length = _UNITS[first]
    if round_up:
        return FileTimes(_rounded_up(times, length), f"epoch {first}")
    if length >= _MS_NS:
        factor = length // _MS_NS
        ms = times * factor
    else:
        ms = times / (_MS_NS // length) if times.dtype.kind == "f" else times // (_MS_NS // length)
        whole = ms * (_MS_NS // length) == times
        table.require(whole, field, lambda place: f"{times[place]} is not a whole millisecond")
    whole_ms = ms.astype(np.int64)
    table.require(whole_ms == ms, field, lambda place: f"{times[place]} is not a whole millisecond")
    return FileTimes(whole_ms, f"epoch {first}")


def _rounded_up(times: npt.NDArray[Any], length_ns: int) -> npt.NDArray[np.int64]:
    """Return epoch times in whole milliseconds, not before them. Doubles tell no more than microseconds apart."""
    if times.dtype.kind == "f":
        times, length_ns = np.rint(times * (length_ns / _US_NS)).astype(np.int64), _US_NS
    if length_ns >= _MS_NS:
        return np.asarray(times * (length_ns // _MS_NS), np.int64)
    return np.asarray(-(-times.astype(np.int64) // (_MS_NS // length_ns)), np.int64)


def _unit(times: npt.NDArray[Any], name: str) -> npt.NDArray[np.bool_]:
    per_second = _UNITS["seconds"] // _UNITS[name]
    return (times >= _FIRST_S * per_second) & (times < _LAST_S * per_second)


def _from_text(table: TableFile, field: str, column: pd.Series[Any], round_up: bool) -> FileTimes:
    text = column.astype(str).str.strip().str.replace(r"\s*UTC$", "Z", regex=True)
    parsed = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
    table.require(parsed.notna().to_numpy(), field, lambda place: f"{column.iloc[place]!r} is no ISO 8601 time")
    aware = text.str.contains(_OFFSET, regex=True).to_numpy(dtype=bool) & text.str.contains(":").to_numpy(dtype=bool)
    same = "with" if aware[0] else "without"
    table.require(aware == aware[0], field, lambda place: f"{column.iloc[place]!r} is not {same} an offset as in row 1")
    unit = "ISO 8601 times" if aware[0] else "ISO 8601 times without an offset, taken as UTC"
    return FileTimes(_from_datetimes(table, field, parsed, round_up), unit)


def _from_datetimes(table: TableFile, field: str, column: pd.Series[Any], round_up: bool) -> npt.NDArray[np.int64]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    times = column.to_numpy()
    ms = times.astype("datetime64[ms]")
    if round_up:
        return np.asarray(ms.astype(np.int64) + (ms < times))
    table.require(ms == times, field, lambda place: f"{times[place]} is not a whole millisecond")
    return np.asarray(ms.astype(np.int64))
