"""The times of a file's rows: epoch seconds to nanoseconds or ISO 8601 text, told apart by looking at them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .table_file import TableFile

#: Epoch units by their length in nanoseconds; the ranges of plausible times (1973 to 5138) do not overlap.
_UNITS = {"seconds": 1_000_000_000, "milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}
_FIRST_S, _LAST_S = 10**8, 10**11
_MS_NS = 1_000_000
_OFFSET = r"(?:Z|[+-]\d\d:?(?:\d\d)?)$"


class FileTimes(NamedTuple):
    """Times in epoch milliseconds, and in words what the file holds."""

    ms: npt.NDArray[np.int64]
    unit: str


def read_times(table: TableFile, field: str) -> FileTimes:
    """Return the times of a table's rows. Raises `FileFormatError` for what is no time, for units that change in
    the middle, and for fractions of a millisecond.
    """
    column = table.values[field]
    table.require(column.notna().to_numpy(), field, lambda place: "the time is missing")
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return FileTimes(_from_datetimes(table, field, column), "timestamps")
    if column.dtype.kind in "iuf":
        return _from_epoch(table, field, column.to_numpy())
    return _from_text(table, field, column)


def _from_epoch(table: TableFile, field: str, times: npt.NDArray[Any]) -> FileTimes:
    units = [_unit(times, name) for name in _UNITS]
    table.require(np.any(units, axis=0), field, lambda place: f"{times[place]} is no epoch time")
    first = next(name for name, holds in zip(_UNITS, units, strict=True) if holds[0])
    holds_first = units[list(_UNITS).index(first)]
    table.require(holds_first, field, lambda place: f"{times[place]} is not in {first} as in row 1")
    length = _UNITS[first]
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


def _unit(times: npt.NDArray[Any], name: str) -> npt.NDArray[np.bool_]:
    per_second = _UNITS["seconds"] // _UNITS[name]
    return (times >= _FIRST_S * per_second) & (times < _LAST_S * per_second)


def _from_text(table: TableFile, field: str, column: pd.Series[Any]) -> FileTimes:
    text = column.astype(str).str.strip().str.replace(r"\s*UTC$", "Z", regex=True)
    parsed = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
    table.require(parsed.notna().to_numpy(), field, lambda place: f"{column.iloc[place]!r} is no ISO 8601 time")
    aware = text.str.contains(_OFFSET, regex=True).to_numpy(dtype=bool) & text.str.contains(":").to_numpy(dtype=bool)
    same = "with" if aware[0] else "without"
    table.require(aware == aware[0], field, lambda place: f"{column.iloc[place]!r} is not {same} an offset as in row 1")
    unit = "ISO 8601 times" if aware[0] else "ISO 8601 times without an offset, taken as UTC"
    return FileTimes(_from_datetimes(table, field, parsed), unit)


def _from_datetimes(table: TableFile, field: str, column: pd.Series[Any]) -> npt.NDArray[np.int64]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    times = column.to_numpy()
    ms = times.astype("datetime64[ms]")
    table.require(ms == times, field, lambda place: f"{times[place]} is not a whole millisecond")
    return np.asarray(ms.astype(np.int64))
