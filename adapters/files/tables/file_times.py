"""The times of a file's rows: epoch seconds to nanoseconds, timestamps or texts, told apart by looking at them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.instants import EPOCH_UNITS, FIRST_EPOCH_S, LAST_EPOCH_S
from engine.plain_values import shown

from .read_options import zone_of
from .table_file import TableFile
from .time_texts import numbers_in, written_times

_MS_NS = 1_000_000
_US_NS = 1_000
_S_MS = 1_000
#: Dates that are written as numbers, by how many digits they have.
_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class FileTimes(NamedTuple):
    """Times in epoch milliseconds, and in words what the file holds; `is_known` says that their time zone is known,
    not only taken to be UTC.
    """

    ms: npt.NDArray[np.int64]
    unit: str
    is_known: bool = True


def times_of(table: TableFile, field: str, *, of_events: bool = False) -> FileTimes:
    """Return the times of a table's rows. Raises `FileFormatError` for what is no time, and unless they are `of_events`
    for fractions of a millisecond: an event is known at the end of its millisecond, never before it happened.
    """
    times = _times(table, field, of_events)
    possible = (times.ms >= FIRST_EPOCH_S * _S_MS) & (times.ms < LAST_EPOCH_S * _S_MS)
    table.require(possible, field, lambda row: f"{shown(table.values[field].iloc[row])} is not between 1973 and 5138")
    return times


def _times(table: TableFile, field: str, round_up: bool) -> FileTimes:
    column = table.values[field]
    table.require(column.notna().to_numpy(), field, lambda place: "the time is missing")
    if column.dtype.kind == "M":
        is_known = isinstance(column.dtype, pd.DatetimeTZDtype)
        unit = "timestamps" if is_known else "timestamps without a time zone"
        return _from_datetimes(table, field, column, is_known, unit, round_up)
    if table.options.time_format is None:
        numbers = column.to_numpy() if column.dtype.kind in "iuf" else numbers_in(table, field)
        dates = None if numbers is None else _dates_in_digits(numbers)
        if dates is not None:
            return _from_datetimes(table, field, dates[0], False, f"dates written {dates[1]}", round_up)
        if numbers is not None:
            return _from_epoch(table, field, numbers, round_up)
    written = written_times(table, field)
    return _from_datetimes(table, field, written.times, written.is_known, written.unit, round_up)


def _dates_in_digits(numbers: npt.NDArray[Any]) -> tuple[pd.Series[Any], str] | None:
    """Return the dates of numbers such as 202401010930, and how these are written, where all are such ones."""
    if numbers.dtype.kind not in "iu" or not len(numbers):
        return None
    form = _DIGITS.get(len(str(numbers[0])))
    if form is None or not (20 <= int(str(numbers[0])[:2]) < 21 and len(str(numbers.min())) == len(str(numbers.max()))):
        return None
    dates = pd.to_datetime(pd.Series(numbers.astype(str)), format=form, errors="coerce")
    return (dates, form) if dates.notna().all() else None


def _from_epoch(table: TableFile, field: str, times: npt.NDArray[Any], round_up: bool) -> FileTimes:
    """Return epoch times, each in the unit that its size tells."""
    options = table.options
    if options.time_zone is not None:
        table.fail(field, "these are epoch times, which count from 1970 in UTC: --time-zone is for texts")
    per_second = {name: EPOCH_UNITS["seconds"] // length for name, length in EPOCH_UNITS.items()}
    units = {name: (times >= FIRST_EPOCH_S * n) & (times < LAST_EPOCH_S * n) for name, n in per_second.items()}
    table.require(
        np.any([*units.values()], axis=0),
        field,
        lambda place: f"{times[place]} is no epoch time",
        table.number_hint(field),
    )
    found = {name: is_it for name, is_it in units.items() if is_it.any()}
    if len(found) == 1:
        (name,) = found
        ms, good = _to_ms(times, EPOCH_UNITS[name], round_up)
        said = f"epoch {name}"
    else:
        ms, good = np.zeros(len(times), np.int64), np.ones(len(times), bool)
        for name, is_it in found.items():
            ms[is_it], good[is_it] = _to_ms(times[is_it], EPOCH_UNITS[name], round_up)
        said = "epoch " + " and ".join(f"{name} ({is_it.sum():,} rows)" for name, is_it in found.items())
    table.require(good, field, lambda place: f"{times[place]} is not a whole millisecond")
    return FileTimes(ms, said)


def _to_ms(times: npt.NDArray[Any], length: int, round_up: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return times of one unit in milliseconds, and where these are the same."""
    exact = times.astype(np.int64) if times.dtype.kind != "f" else np.rint(times * (length / _US_NS)).astype(np.int64)
    length = length if times.dtype.kind != "f" else _US_NS  # doubles tell no more than microseconds apart
    ms, rest = np.divmod(exact * max(length // _MS_NS, 1), max(_MS_NS // length, 1))
    return (ms + (rest > 0)).astype(np.int64), (rest == 0) | round_up


def _from_datetimes(
    table: TableFile, field: str, column: pd.Series[Any], is_known: bool, unit: str, round_up: bool
) -> FileTimes:
    """Return times of a calendar, those without a time zone in the one that the user names, or else in UTC."""
    zone = table.options.time_zone
    if not is_known and zone is not None:
        column, unit = _in_zone(table, field, column, zone), f"{unit}, in {zone}"
    elif not is_known:
        unit = f"{unit}, taken as UTC"
    elif zone is not None:
        table.fail(field, f"these times tell their time zone; --time-zone {zone} is for times that do not")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    times = column.to_numpy()
    ms = times.astype("datetime64[ms]")
    if not round_up:
        table.require(ms == times, field, lambda place: f"{times[place]} is not a whole millisecond")
    return FileTimes(np.asarray(ms.astype(np.int64) + (ms < times)), unit, is_known or zone is not None)


def _in_zone(table: TableFile, field: str, column: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Return local times as instants. Of an hour that is there twice, as clocks are set back, the first one comes
    first. Raises `FileFormatError` for times that a clock there never shows, and where it is not there twice.
    """
    zone = zone_of(name)
    shown_by_clocks = column.dt.tz_localize(zone, ambiguous=np.ones(len(column), bool), nonexistent="NaT").notna()
    table.require(
        shown_by_clocks.to_numpy(), field, lambda row: f"{column.iloc[row]} is skipped as clocks of {name} go forward"
    )
    steps = np.diff(column.to_numpy()).astype(np.int64)
    newest_first = (steps < 0).sum() > (steps > 0).sum()
    in_order = column.iloc[::-1] if newest_first else column
    try:
        instants: pd.Series[Any] = in_order.dt.tz_localize(zone, ambiguous="infer")
    except ValueError as error:
        problem = (
            f"the hour in which the clocks of {name} are set back cannot be told from the one before it: it does not "
            "stand there twice, in order; only times with an offset tell"
        )
        table.fail(field, f"{problem} ({error})")
    return instants.iloc[::-1] if newest_first else instants
