"""Times in texts, as programs and as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.plain_values import shown

from .table_file import TableFile

_OFFSET = r"(?:Z|[+-]\d\d:?(?:\d\d)?)$"
_NO_OFFSETS = ("Z", "+00:00", "+0000", "+00", "-00:00")
_USUAL = 0.5
_LOOKED_AT = 10
_MORE_FORMS = "say with --time-format how times are written ('%d/%m/%Y %H:%M'), or with --column time=TITLE where"
#: How people write dates; where day and month may change places, both ways.
_DATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\d{4}([-/.])\d{1,2}\1\d{1,2}", ("%Y{0}%m{0}%d",)),
    (r"\d{1,2}([-/])\d{1,2}\1\d{4}", ("%m{0}%d{0}%Y", "%d{0}%m{0}%Y")),
    (r"\d{1,2}([-/])\d{1,2}\1\d{2}", ("%m{0}%d{0}%y", "%d{0}%m{0}%y", "%y{0}%m{0}%d")),
    (r"\d{1,2}(\.)\d{1,2}\.\d{4}", ("%d{0}%m{0}%Y",)),
    (r"\d{1,2}(\.)\d{1,2}\.\d{2}", ("%d{0}%m{0}%y",)),
    (r"\d{1,2}([- /])[A-Za-z]{3}\1\d{4}", ("%d{0}%b{0}%Y",)),
    (r"\d{1,2}([- /])[A-Za-z]{3}\1\d{2}", ("%d{0}%b{0}%y",)),
    (r"\d{1,2}( )[A-Za-z]{4,9} \d{4}", ("%d{0}%B{0}%Y",)),
    (r"[A-Za-z]{3}( )\d{1,2}, \d{4}", ("%b{0}%d, %Y",)),
    (r"[A-Za-z]{4,9}( )\d{1,2}, \d{4}", ("%B{0}%d, %Y",)),
    (r"[A-Za-z]{3}( )\d{1,2} \d{4}", ("%b{0}%d{0}%Y",)),
    (r"\d{4}()\d{4}", ("%Y%m%d",)),
)
_TIME = re.compile(r"(T|,? +| - |;)?(\d{1,2})(:\d\d)?(:\d\d)?([.,]\d+)?([- ]?)([AaPp][Mm])?")
_WEEKDAY = re.compile(r"[A-Za-z]{3}, ")


class WrittenTimes(NamedTuple):
    """Times of a calendar, in UTC where their time zone `is_known`, and in words how they are written."""

    times: pd.Series[Any]
    unit: str
    is_known: bool


def numbers_in(table: TableFile, field: str) -> npt.NDArray[Any] | None:
    """Return the epoch times in a column of texts, None where the texts are dates.

    Raises `FileFormatError` for what is no number among numbers.
    """
    column = table.values[field]
    if pd.to_numeric(_texts(column.iloc[:_LOOKED_AT]), errors="coerce").isna().all():
        return None
    texts = _texts(column)
    numbers = pd.to_numeric(texts, errors="coerce")
    if 2 * numbers.notna().sum() < len(numbers):
        return None
    if (texts.str.len() == 8).all() and pd.to_datetime(texts, format="%Y%m%d", errors="coerce").notna().all():
        return None
    table.require(
        numbers.notna().to_numpy(), field, lambda row: f"{shown(column.iloc[row])} is no number as the other times are"
    )
    return numbers.to_numpy()


def written_times(table: TableFile, field: str) -> WrittenTimes:
    """Return times that are texts: ISO 8601, or one of the other ways that can be told apart by looking at all of them,
    or the one that the user names. Raises `FileFormatError` for what is none.
    """
    texts, form = _texts(table.values[field]), table.options.time_format
    if form is not None:
        return _in_form(table, field, texts, form)
    parsed = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce")
    if parsed.notna().mean() > _USUAL:
        return _iso(table, field, texts, parsed)
    return _in_form(table, field, texts, _form_of(table, field, texts, parsed.notna().to_numpy()))


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    texts = column.astype(str).str.strip()
    if column.dtype.kind == "f":
        texts = texts.str.removesuffix(".0")
    texts = texts.str.replace(r"^(\d{4}-\d\d-\d\d)D(?=\d)", r"\1T", regex=True)  # as BitMEX writes them
    return texts.str.replace(r"\s*(?:UTC|GMT)$", "Z", regex=True)


def _iso(table: TableFile, field: str, texts: pd.Series[Any], parsed: pd.Series[Any]) -> WrittenTimes:
    column = table.values[field]
    table.require(parsed.notna().to_numpy(), field, lambda place: f"{shown(column.iloc[place])} is no ISO 8601 time")
    aware = texts.str.contains(_OFFSET, regex=True).to_numpy(dtype=bool) & texts.str.contains(":").to_numpy(dtype=bool)
    most = bool(2 * aware.sum() > len(aware))
    same = "with" if most else "without"
    table.require(
        aware == most, field, lambda place: f"{shown(column.iloc[place])} is not {same} an offset as the others are"
    )
    unit = "ISO 8601 times"
    return WrittenTimes(parsed, unit + _offsets(texts), True) if most else _local(parsed, f"{unit} without an offset")


def _local(parsed: pd.Series[Any], unit: str) -> WrittenTimes:
    return WrittenTimes(parsed.dt.tz_convert(None) if parsed.dt.tz is not None else parsed, unit, False)


def _offsets(texts: pd.Series[Any]) -> str:
    """Return in words which offsets other than 0 texts have."""
    found = texts.str.extract(f"({_OFFSET})", expand=False).unique()
    others = sorted(str(each) for each in found if each not in _NO_OFFSETS)
    return f" of {' and '.join(others)}, converted to UTC" if others else ""


def _in_form(table: TableFile, field: str, texts: pd.Series[Any], form: str) -> WrittenTimes:
    column = table.values[field]
    parsed = _parsed(table, field, texts, form)
    table.require(
        parsed.notna().to_numpy(), field, lambda place: f"{shown(column.iloc[place])} is not written as {form}"
    )
    if "%z" in form:
        return WrittenTimes(parsed, f"times written {form}{_offsets(texts)}", True)
    return _local(parsed, f"times written {form}")


def _parsed(table: TableFile, field: str, texts: pd.Series[Any], form: str) -> pd.Series[Any]:
    try:
        return pd.to_datetime(texts, format=form, errors="coerce", utc="%z" in form)
    except ValueError as error:
        table.fail(field, f"--time-format {shown(form)} is no format of times: {error}")


def _form_of(table: TableFile, field: str, texts: pd.Series[Any], is_iso: npt.NDArray[np.bool_]) -> str:
    """Return the one way of writing that nearly all texts follow, which are not all ISO 8601. Raises `FileFormatError`
    where there is none, or where day and month may change places.
    """
    column = table.values[field]
    forms = next((found for text in texts.iloc[:_LOOKED_AT] if (found := _forms_of(str(text)))), ())
    tried = {form: _parsed(table, field, texts, form) for form in forms}
    most = max((times.notna().sum() for times in tried.values()), default=0)
    if 2 * most <= len(texts):
        table.require(is_iso, field, lambda place: f"{shown(column.iloc[place])} is no ISO 8601 time", _MORE_FORMS)
    good = [form for form, times in tried.items() if times.notna().sum() == most]
    first_times = tried[good[0]]
    others = [form for form in good[1:] if not tried[form].equals(first_times)]
    if others:
        ways = " or ".join(f"--time-format '{form}'" for form in (good[0], *others))
        table.fail(field, f"{shown(column.iloc[0])} may be written in several ways; say {ways}")
    return good[0]


def _forms_of(text: str) -> Sequence[str]:
    """Return the ways in which one text may be written."""
    weekday = _WEEKDAY.match(text)
    before, rest = ("%a, ", text[weekday.end() :]) if weekday else ("", text)
    for pattern, forms in _DATES:
        date = re.match(pattern, rest)
        time = None if date is None else _time_form(rest[date.end() :])
        if date is not None and time is not None:
            return [f"{before}{form.format(date.group(1))}{time}" for form in forms]
    return ()


def _time_form(text: str) -> str | None:
    """Return how the time of the day behind a date is written, None where it is none."""
    offset = re.search(rf"\s*{_OFFSET}", text) if ":" in text else None
    zone = "" if offset is None else offset.group().removesuffix(offset.group().strip()) + "%z"
    text = text if offset is None else text[: offset.start()]
    if not text:
        return zone
    found = _TIME.fullmatch(text)
    if found is None or not (found.group(3) or found.group(7)):
        return None
    between, _, minutes, seconds, fraction, dash, half = found.groups()
    parts = (between or "", "%I" if half else "%H", ":%M" if minutes else "", ":%S" if seconds else "")
    return "".join(parts) + (f"{fraction[0]}%f" if fraction else "") + (f"{dash}%p" if half else "") + zone
