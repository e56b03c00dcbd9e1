"""The rows of a pandas frame in order of time: its columns by field, checked to the last row.

Nothing is asked of pandas before there is a frame.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..instants import utc_text
from ..periods import SECOND_MS
from ..plain_values import shown
from .column_titles import KLINE_TITLES, SYMBOL_TITLES, letters_of, place_of_title
from .frame_times import times_of_frame
from .series import FloatColumn, TimeColumn

if TYPE_CHECKING:
    import pandas

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class FrameRows:
    """Rows in order of time: `ms` is epoch ms, `values` are columns by field, `places` where each row stands in the
    frame. `what` they are begins every message; `remarks` are for the user.
    """

    what: str
    ms: TimeColumn
    values: Mapping[str, FloatColumn]
    places: npt.NDArray[np.int64]
    remarks: tuple[str, ...]

    def require(self, good: npt.NDArray[np.bool_], problem: str | Callable[[int], str]) -> None:
        """Raise the `DataError` about the first row that is not good; a `problem` may take its place here."""
        bad = np.flatnonzero(~good)
        if len(bad):
            more = f" (and {len(bad) - 1:,} more rows like it)" * (len(bad) > 1)
            text = problem if isinstance(problem, str) else problem(int(bad[0]))
            raise DataError(f"{self.what}: {self.row(bad[0])}: {text}{more}")

    def row(self, place: int | np.int64) -> str:
        """Return how a message names a row."""
        return f"row {self.places[place]} (df.iloc[{self.places[place]}], {instant_text(int(self.ms[place]))})"


def instant_text(time_ms: int) -> str:
    """Return an instant with its fraction of a second, where it has one."""
    return utc_text(time_ms).replace(" UTC", f".{time_ms % SECOND_MS:03d} UTC" if time_ms % SECOND_MS else " UTC")


def is_frame(value: object) -> bool:
    """Tell whether a value is a pandas frame; pandas is not loaded for it."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def is_series(value: object) -> bool:
    """Tell whether a value is a pandas series, likewise."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def required_frame(what: str, value: Any) -> pandas.DataFrame:
    """Return a pandas frame as it is, and a series as a frame of one column; `DataError` for anything else."""
    if is_series(value):
        frame: pandas.DataFrame = value.to_frame(value.name if value.name is not None else "value")
        return frame
    if not is_frame(value):
        kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__qualname__}".removeprefix("builtins.")
        way_out = "write df.to_pandas()" if hasattr(value, "to_pandas") else "write pd.DataFrame(...)"
        raise DataError(f"{what}: a {kind} is no pandas frame: {way_out}")
    return value  # type: ignore[no-any-return]


def frame_of_one(what: str, frame: pandas.DataFrame) -> tuple[pandas.DataFrame, str | None]:
    """Return a frame whose columns have one title each, and the ticker that stood above or below all of them.

    Raises `DataError` where there are several tickers, above the columns, in a column or in the index.
    """
    import pandas

    if isinstance(frame.index, pandas.MultiIndex):
        is_time = [str(kind).startswith("datetime") for kind in frame.index.dtypes]
        level = is_time.index(False) if False in is_time else 0
        raise DataError(
            f"{what}: the index has several levels; give each symbol its frame: "
            f"{{symbol: rows.droplevel({level}) for symbol, rows in df.groupby(level={level})}}"
        )
    ticker = None
    if isinstance(frame.columns, pandas.MultiIndex):
        frame, ticker = _without_tickers(what, frame)
    titles = [str(title) for title in frame.columns]
    column = place_of_title(SYMBOL_TITLES, titles)
    symbols = [] if column is None else list(map(str, frame.iloc[:, column].unique()))
    if len(symbols) > 1:
        raise DataError(
            f"{what}: column {titles[column or 0]!r} holds {len(symbols)} symbols; give each its frame: "
            f"{{symbol: rows for symbol, rows in df.groupby({titles[column or 0]!r})}}"
        )
    return frame, ticker


def _without_tickers(what: str, frame: pandas.DataFrame) -> tuple[pandas.DataFrame, str]:
    known = {letters_of(title) for titles in KLINE_TITLES.values() for title in titles if len(title) > 1}
    levels = range(frame.columns.nlevels)
    named = [{letters_of(str(each)) for each in frame.columns.get_level_values(level)} for level in levels]
    of_titles = max(levels, key=lambda level: len(named[level] & known))
    others = [list(map(str, frame.columns.get_level_values(level).unique())) for level in levels if level != of_titles]
    several = next((each for each in others if len(each) > 1), None)
    if several is not None:
        level = next(each for each in levels if each != of_titles)
        raise DataError(
            f"{what}: the columns are those of {len(several)} symbols ({', '.join(several[:5])}); give each its frame: "
            f"{{symbol: df.xs(symbol, axis=1, level={level}).dropna() for symbol in [...]}}"
        )
    flat = frame.copy(deep=False)
    flat.columns = frame.columns.get_level_values(of_titles)
    return flat, others[0][0]


def rows_of_frame(
    what: str,
    frame: pandas.DataFrame,
    fields: Fields,
    optional: Iterable[str] = (),
    may_be_missing: bool = False,
    whole_ms: bool = False,
) -> FrameRows:
    """Return the rows of a frame with a column for each field, found by its titles; other columns are ignored.

    Rows that are not in order of time are put into it, and those that are there twice with the same values count once;
    remarks say both. Raises `DataError` for a field without a column, values that are no numbers, infinite or missing
    (unless they may be), rows of one time with different values, and with `whole_ms` fractions of a millisecond.
    """
    if not len(frame):
        raise DataError(f"{what}: the frame has no rows")
    times = times_of_frame(what, frame)
    columns = _columns(what, frame, fields, optional)
    values = {field: _numbers(what, frame, place) for field, place in columns.items()}
    found = FrameRows(what, times.ms, values, np.arange(len(frame)), ())
    possible = (times.ms >= SECOND_MS * 10**8) & (times.ms < SECOND_MS * 10**11)
    found.require(possible, "the time is not between 1973 and 5138")
    found.require(times.exact | (not whole_ms), "the time is not a whole millisecond")
    for field, column in values.items():
        title = frame.columns[columns[field]]
        found.require(~np.isinf(column), f"{title} is infinite")
        found.require(
            ~np.isnan(column) | may_be_missing,
            f"{title} is missing; df = df.dropna(subset=[{title!r}]) leaves such rows out",
        )
    return _in_order(found)


def _columns(what: str, frame: pandas.DataFrame, fields: Fields, optional: Iterable[str]) -> dict[str, int]:
    """Return the place of each field's column."""
    titles = [str(title) for title in frame.columns]
    places = {field: place_of_title(accepted, titles) for field, accepted in fields.items()}
    found = {field: place for field, place in places.items() if place is not None}
    absent = next((field for field in fields if field not in found and field not in optional), None)
    if absent is not None:
        there = ", ".join(titles[:12]) + ", ..." * (len(titles) > 12)
        raise DataError(
            f'{what}: there is no column {absent} (there: {there}); write df = df.rename(columns={{"...": "{absent}"}})'
        )
    twice = next((titles[place] for place in found.values() if titles.count(titles[place]) > 1), None)
    if twice is not None:
        way_out = "df = df.loc[:, ~df.columns.duplicated()] keeps the first"
        raise DataError(f"{what}: there are several columns {twice!r}; {way_out}")
    return found


def _numbers(what: str, frame: pandas.DataFrame, place: int) -> FloatColumn:
    """Return a column as doubles of its own, nan where a value is missing."""
    column = frame.iloc[:, place]
    if column.dtype.kind in "iuf":
        return np.array(column.to_numpy(dtype=np.float64, na_value=np.nan))
    values = column.to_numpy(dtype=object, na_value=np.nan)
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        row = next(row for row, value in enumerate(values) if not _is_number(value))
        title = frame.columns[place]
        raise DataError(
            f"{what}: row {row} (df.iloc[{row}]) has {shown(values[row])} in {title}, which is no number; "
            f"df[{title!r}] = pd.to_numeric(...) makes numbers of texts"
        ) from None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _in_order(rows: FrameRows) -> FrameRows:
    """Return the rows in order of time, each once."""
    remarks = []
    if np.any(np.diff(rows.ms) < 0):
        remarks.append(f"{rows.what}: the rows of the frame were not in order of time; they were sorted")
    order = np.argsort(rows.ms, kind="stable")
    sorted_rows = _taken(rows, order)
    again = np.flatnonzero(np.diff(sorted_rows.ms) == 0) + 1
    if len(again):
        _refuse_conflicts(sorted_rows, again)
        first = instant_text(int(sorted_rows.ms[again[0]]))
        remarks.append(
            f"{rows.what}: {len(again):,} rows of the frame were there twice with the same values, the first at "
            f"{first}; each counts once"
        )
        kept = np.ones(len(order), bool)
        kept[again] = False
        sorted_rows = _taken(sorted_rows, np.flatnonzero(kept))
    return FrameRows(rows.what, sorted_rows.ms, sorted_rows.values, sorted_rows.places, tuple(remarks))


def _taken(rows: FrameRows, chosen: npt.NDArray[np.int64]) -> FrameRows:
    values = {field: column[chosen] for field, column in rows.values.items()}
    return FrameRows(rows.what, rows.ms[chosen], values, rows.places[chosen], rows.remarks)


def _refuse_conflicts(rows: FrameRows, again: npt.NDArray[np.int64]) -> None:
    """Raise `DataError` for a row that says something else than the row of the same time before it."""
    for field, column in rows.values.items():
        one, other = column[again - 1], column[again]
        differ = np.flatnonzero((one != other) & ~(np.isnan(one) & np.isnan(other)))
        if len(differ):
            place = again[differ[0]]
            first, second = (f"{field} {column[each]:.15g} in {rows.row(each)}" for each in (place - 1, place))
            raise DataError(
                f"{rows.what}: two rows of one time say different things: {first} and {second}; leave out the wrong "
                "one, or df = df[~df.index.duplicated()] keeps the first of each time"
            )
