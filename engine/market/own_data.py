"""Data of one's own, in Python: tables of any kind, such as pandas frames, become series known from their times on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..instants import instant_ms, utc_text
from ..plain_values import shown
from .flow import TimedValues
from .frame_rows import is_frame, is_series, required_frame
from .frame_times import times_of_frame
from .series import FloatColumn, TimeColumn

#: Stands for every symbol where a feature is not that of one.
ALL_SYMBOLS = "*"
_TIME, _SYMBOL = "time", "symbol"
MOST_NAME_CHARACTERS = 80

FeatureTables = dict[str, dict[str, TimedValues]]


def feature_tables(features: Mapping[str, Any]) -> FeatureTables:
    """Return features by symbol (`ALL_SYMBOLS` where they are not of one) and name.

    Each is a `TimedValues`, or a table: anything that goes through the titles of its columns and gives a column by its
    title, such as a pandas frame or a dict of arrays. Column "time" says when the values of a row are known (epoch ms,
    aware datetimes, ISO texts with an offset; datetime64 is UTC); in its place may be the DatetimeIndex, with a time
    zone, of a frame or a series. "symbol", if there, says of which symbol they are; every other column holds values.
    One such column is the feature; of several, feature N has N.title for each. Raises `DataError` for times that do not
    increase (within a symbol) and for values that are not finite.
    """
    found: FeatureTables = {}
    for name, given in own_features(features).items():
        parts = [(ALL_SYMBOLS, name, given)] if isinstance(given, TimedValues) else _of_table(name, given)
        for symbol, series, values in parts:
            found.setdefault(symbol, {})[series] = checked_feature(series, values)
    return found


def own_features(features: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return features by name, none for None; `DataError` for what is no dict."""
    if features is None:
        return {}
    if not isinstance(features, Mapping):
        raise DataError(f"features: {shown(features)} is no dict of tables by name")
    return features


def feature_name(name: str) -> str:
    """Return the name of a feature as it is; `DataError` for one that cannot be one."""
    problem = feature_name_problem(name)
    if problem is not None:
        raise DataError(problem)
    return name


def feature_name_problem(name: object) -> str | None:
    """Return what is wrong with the name of a feature, or None."""
    if isinstance(name, str) and 0 < len(name) <= MOST_NAME_CHARACTERS and name == name.strip() and name.isprintable():
        return None
    what = f"1 to {MOST_NAME_CHARACTERS} printable characters, none of them a space at an end"
    return f"{shown(name)} is no name of a feature: {what}"


def checked_feature(name: str, rows: TimedValues) -> TimedValues:
    """Return the values of a feature; `DataError` for a name that is none and for values that are not finite."""
    feature_name(name)
    bad = np.flatnonzero(~np.isfinite(rows.value))
    if len(bad):
        at = utc_text(int(rows.timestamp_ms[bad[0]]))
        raise DataError(f"feature {name}: {len(bad):,} values are missing or not finite, the first at {at}")
    return rows


def column_feature(name: str, title: str, count: int) -> str:
    """Return what the feature of one of `count` columns of values is called: as the whole, or with its title."""
    return name if count == 1 else f"{name}.{title.strip()}"


def _of_table(name: str, table: Any) -> Iterator[tuple[str, str, TimedValues]]:
    columns = _columns(name, table)
    times = _times(name, columns.pop(_TIME))
    symbols = columns.pop(_SYMBOL, None)
    if not columns:
        raise DataError(f"feature {name}: there is no column of values")
    for title, column in columns.items():
        series = column_feature(name, title, len(columns))
        values = _numbers(series, column)
        if values.shape != times.shape:
            raise DataError(f"feature {series}: there are {len(times)} times and {len(values)} values")
        for symbol, rows in _rows_by_symbol(series, symbols, len(times)):
            yield symbol, series, _timed(series, symbol, times[rows], values[rows])


def _columns(name: str, table: Any) -> dict[str, Any]:
    """Return the columns of a table by their titles, that of the times among them."""
    if not hasattr(table, "__getitem__") or isinstance(table, (str, bytes, list, tuple, np.ndarray)):
        raise DataError(f"feature {name}: {shown(table)} is no table: give a frame, or a dict of columns")
    if is_series(table):
        table = required_frame(f"feature {name}", table)
    columns = {str(title): table[title] for title in table}
    if _TIME not in columns and is_frame(table) and table.index.dtype.kind == "M":
        columns[_TIME] = times_of_frame(f"feature {name}", table).ms
    if _TIME not in columns:
        there = ", ".join(columns) or "none"
        raise DataError(
            f"feature {name}: there is no column {_TIME!r} that says when a value is known (there: {there})"
        )
    return columns


def _times(name: str, column: Any) -> TimeColumn:
    """Return times in epoch ms, fractions of a millisecond rounded up: nothing is known before its time."""
    given = np.asarray(column)
    try:
        if given.dtype.kind == "M":
            times = given.astype("datetime64[ms]")
            return np.asarray(times.astype(np.int64) + (times < given))
        if given.dtype.kind == "i":
            for time_ms in given[[0, -1]].tolist() if len(given) else ():
                instant_ms(time_ms)
            return np.asarray(given.astype(np.int64))
        return np.array([instant_ms(each) for each in given.tolist()], np.int64)
    except ValueError as error:
        raise DataError(f"feature {name}: {error}") from None


def _numbers(series: str, column: Any) -> FloatColumn:
    try:
        return np.asarray(column, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"feature {series}: its column holds what is no number") from None


def _rows_by_symbol(series: str, symbols: Any, count: int) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    if symbols is None:
        yield ALL_SYMBOLS, np.ones(count, bool)
        return
    names = np.asarray(symbols).astype(str)
    if len(names) != count:
        raise DataError(f"feature {series}: there are {count} times and {len(names)} symbols")
    yield from ((str(symbol), names == symbol) for symbol in np.unique(names))


def _timed(series: str, symbol: str, times: TimeColumn, values: FloatColumn) -> TimedValues:
    late = np.flatnonzero(np.diff(times) <= 0)
    if len(late):
        of_symbol = "" if symbol == ALL_SYMBOLS else f" of {symbol}"
        one, other = (utc_text(int(times[late[0] + place])) for place in (0, 1))
        raise DataError(f"feature {series}{of_symbol}: {other} does not come after {one}; times must increase")
    return TimedValues(times, values)
