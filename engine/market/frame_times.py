"""The times of a pandas frame, of its index or of a column, in epoch milliseconds; a time without a zone is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..instants import EPOCH_UNITS, FIRST_EPOCH_S, LAST_EPOCH_S
from ..periods import SECOND_MS
from ..plain_values import shown
from .column_titles import CLOSE_TIME_TITLES, INDEX_TITLES, TIME_TITLES, letters_of, place_of_title
from .series import TimeColumn

if TYPE_CHECKING:
    import pandas

_PER_MS_US, _US_NS = 1_000, 1_000
_MOST_LISTED = 12
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?")
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


class FrameTimes(NamedTuple):
    """The time of each row in epoch ms, fractions rounded up as nothing is known before its time, and whether there
    were none.
    """

    ms: TimeColumn
    exact: npt.NDArray[np.bool_]


class _Source(NamedTuple):
    """Where times stand: what messages call it, how people write it, and the times themselves."""

    name: str
    written: str
    values: pandas.Series[Any]


class TimesProblem(DataError):
    """What is wrong with the times of a frame."""


def times_of_frame(what: str, frame: pandas.DataFrame) -> FrameTimes:
    """Return the times of a frame: those of a DatetimeIndex, else those of a column that is called as times are, else
    those of another index. Of several columns the first one that tells times with their zone counts.

    Raises `DataError`, beginning with `what`, for rows without a time, times without a zone, and what is no time.
    """
    problem = None
    for source in _sources(frame):
        try:
            return _parsed(source)
        except TimesProblem as error:
            problem = problem or error
    raise DataError(f"{what}: {problem or _no_times(frame)}")


def _sources(frame: pandas.DataFrame) -> Iterator[_Source]:
    """Give where times may stand, best first."""
    import pandas

    index = frame.index
    of_index = _Source("the index", "df.index", index.to_series().reset_index(drop=True))
    is_index = isinstance(index, (pandas.DatetimeIndex, pandas.PeriodIndex))
    is_named = isinstance(index.name, str) and letters_of(index.name) in map(letters_of, TIME_TITLES)
    if is_index or is_named:
        yield of_index
    if is_index:
        return
    titles = [str(title) for title in frame.columns]
    for title in (*TIME_TITLES, *INDEX_TITLES):  # an index without a name is one of the latter after a CSV
        place = place_of_title((title,), titles)
        if place is not None and (title in TIME_TITLES or not _is_count(frame.iloc[:, place])):
            yield _Source(f"column {titles[place]!r}", f"df[{titles[place]!r}]", frame.iloc[:, place])
    is_count = isinstance(index, pandas.RangeIndex) and index.start < FIRST_EPOCH_S
    if not is_named and not is_count and not isinstance(index, pandas.MultiIndex):
        yield of_index


def _is_count(values: pandas.Series[Any]) -> bool:
    """Tell whether a column holds the numbers of rows."""
    return values.dtype.kind in "iuf" and bool((values < FIRST_EPOCH_S).all())


def _no_times(frame: pandas.DataFrame) -> str:
    titles = [str(title) for title in frame.columns]
    there = ", ".join(titles[:_MOST_LISTED]) + ", ..." * (len(titles) > _MOST_LISTED)
    close = place_of_title(CLOSE_TIME_TITLES, titles)
    if close is not None:
        return (
            f"column {titles[close]!r} says when klines end, and there is no column of the times at which they begin: "
            "add one, called time"
        )
    if all(title.isdecimal() for title in titles):
        return 'the columns have no titles: write df.columns = ["time", "open", "high", "low", "close", "volume"]'
    return (
        f"there are no times: the index is no DatetimeIndex, and none of the columns ({there}) is called time, "
        'timestamp, date or the like; write df = df.rename(columns={"...": "time"})'
    )


def _parsed(source: _Source) -> FrameTimes:
    """Return the times of a source; `TimesProblem` says what is wrong with them."""
    import pandas

    values = source.values
    missing = np.flatnonzero(values.isna().to_numpy())
    if len(missing):
        raise TimesProblem(f"row {missing[0]} has no time in {source.name}; rows are counted from 0, as in df.iloc")
    dtype = values.dtype
    if isinstance(dtype, pandas.PeriodDtype):
        to_moments = "to_timestamp()" if source.written == "df.index" else "dt.to_timestamp()"
        raise TimesProblem(f"{source.name} holds periods: write {source.written} = {source.written}.{to_moments}")
    arrow: Any = getattr(dtype, "pyarrow_dtype", None)
    if getattr(arrow, "tz", None):
        values = values.astype(pandas.DatetimeTZDtype(arrow.unit, "UTC"))
        dtype = values.dtype
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return _of_moments(values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    if dtype.kind == "M":
        localize = "tz_localize" if source.written == "df.index" else "dt.tz_localize"
        raise TimesProblem(
            f"the times in {source.name} have no time zone: if they are UTC, write "
            f'{source.written} = {source.written}.{localize}("UTC")'
        )
    if dtype.kind in "iuf":
        return _of_epochs(source, values.to_numpy(dtype=np.float64 if dtype.kind == "f" else np.int64))
    return _of_objects(source, values.to_list())


def _of_moments(moments: npt.NDArray[Any]) -> FrameTimes:
    ms = moments.astype("datetime64[ms]")
    exact = np.asarray(ms == moments)
    return FrameTimes(ms.astype(np.int64) + ~exact, exact)


def _of_epochs(source: _Source, values: npt.NDArray[Any]) -> FrameTimes:
    """Return the times that numbers since 1970 mean: their size tells the unit, which is that of the first."""
    per_second = {name: EPOCH_UNITS["seconds"] // length for name, length in EPOCH_UNITS.items()}
    units = {name: (values >= FIRST_EPOCH_S * n) & (values < LAST_EPOCH_S * n) for name, n in per_second.items()}
    first = next((name for name, holds in units.items() if len(values) and holds[0]), None)
    if first is None:
        raise TimesProblem(f"{source.name} holds {values[:1].tolist()}, which is no epoch time")
    other = np.flatnonzero(~units[first])
    if len(other):
        raise TimesProblem(f"row {other[0]} has {values[other[0]]} in {source.name}, which is not in {first} as row 0")
    length = EPOCH_UNITS[first]
    if values.dtype.kind == "f":  # doubles tell no more than microseconds apart
        return _of_microseconds(np.rint(values * (length / _US_NS)).astype(np.int64))
    whole = values.astype(np.int64)
    per_ms = EPOCH_UNITS["milliseconds"] // length
    if per_ms <= 1:
        return FrameTimes(whole * (length // EPOCH_UNITS["milliseconds"]), np.ones(len(whole), bool))
    return FrameTimes(-(-whole // per_ms), np.asarray(whole % per_ms == 0))


def _of_microseconds(us: TimeColumn) -> FrameTimes:
    return FrameTimes(-(-us // _PER_MS_US), np.asarray(us % _PER_MS_US == 0))


def _of_objects(source: _Source, values: list[Any]) -> FrameTimes:
    """Return the times of texts, which are ISO times or epoch times, or of datetimes."""
    if values and isinstance(values[0], str) and _is_number(values[0]):
        return _of_epochs(source, np.array([_number(source, row, value) for row, value in enumerate(values)]))
    if values and all(isinstance(each, (int, np.integer)) for each in values):  # kept as objects
        return _of_epochs(source, np.array(values, np.int64))
    moments = [_moment(source, row, value) for row, value in enumerate(values)]
    return _of_microseconds(np.array([round(each.timestamp() * SECOND_MS * _PER_MS_US) for each in moments], np.int64))


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdecimal()


def _number(source: _Source, row: int, value: Any) -> int | float:
    if not isinstance(value, str) or not _is_number(value):
        raise TimesProblem(f"row {row} has {shown(value)} in {source.name}, which is no number as in row 0")
    return float(value) if "." in value else int(value)


def _no_iso(source: _Source, text: str, fix: str) -> str:
    """Return what is wrong with a text that is no ISO time, and the way out, which tells no other time."""
    if _TIME_OF_DAY.fullmatch(text.strip()):
        joined = f"pd.to_datetime(df['...'] + \" \" + {source.written}, utc=True)"
        return f"which is a time of day: join it with the column of its date, as in df['timestamp'] = {joined}"
    which = (
        " (add dayfirst=True to what follows where the day comes first)"
        if _DAY_OR_MONTH_FIRST.match(text.strip())
        else ""
    )
    return f"which is no ISO time such as 2024-01-31T00:00:00Z{which}; {fix}"


def _moment(source: _Source, row: int, value: Any) -> datetime:
    """Return an aware datetime from a text or a datetime."""
    fix = f"if they are UTC, write {source.written} = pd.to_datetime({source.written}, utc=True)"
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip().removesuffix(" UTC") + "Z" * value.strip().endswith(" UTC"))
        except ValueError:
            raise TimesProblem(
                f"row {row} has {shown(value)} in {source.name}, {_no_iso(source, value, fix)}"
            ) from None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment
    if isinstance(moment, date):
        raise TimesProblem(f"the times in {source.name} have no time zone ({shown(value)} in row {row}): {fix}")
    raise TimesProblem(f"row {row} has {shown(value)} in {source.name}, which is no time")
