"""Times as people write them: taken where one way of writing alone fits, refused where day and month may be either."""

from __future__ import annotations

import pandas as pd
import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import lines
from tests.support.klines import assert_same, random_klines

HEADER = "Date;Open;High;Low;Close;Volume"
KLINES = random_klines(20 * 24, period="1h")  # to the 20th of January
FEW = random_klines(5 * 24, period="1h")


def rows(form: str, klines: object = KLINES) -> list[str]:
    return lines(klines, lambda ms: pd.Timestamp(ms, unit="ms").strftime(form), ";")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("%m/%d/%Y %H:%M", None),
        ("%-m/%-d/%Y %-H:%M", "%m/%d/%Y %H:%M"),
        ("%-m/%-d/%y %-H:%M", "%m/%d/%y %H:%M"),
        ("%d/%m/%Y %H:%M:%S", None),
        ("%d/%m/%Y - %H:%M:%S", None),
        ("%d-%m-%Y %H:%M", None),
        ("%d.%m.%Y %H:%M", None),
        ("%d.%m.%y %H:%M", None),
        ("%m/%d/%Y %I:%M %p", None),
        ("%m/%d/%Y, %I:%M:%S %p", None),
        ("%Y-%m-%d %I-%p", None),
        ("%d-%b-%Y %H:%M:%S", None),
        ("%d %B %Y %H:%M", None),
        ("%b %d, %Y %H:%M", None),
        ("%Y%m%d %H:%M", "ISO"),
        ("%Y/%m/%d %H:%M", "ISO"),
        ("%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S%z"),
    ],
)
def test_a_way_of_writing_that_alone_fits_is_taken_and_said(write: Write, written: str, form: str | None) -> None:
    file = read_kline_file(write(HEADER, *rows(written)))
    assert_same(file.klines, KLINES)
    zone = "" if "%z" in (form or "") else ", taken as UTC"
    expected = "ISO 8601 times without an offset" if form == "ISO" else f"times written {form or written}"
    assert file.time_unit == expected + zone


@pytest.mark.parametrize(
    ("written", "other"), [("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"), ("%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M")]
)
def test_day_and_month_that_may_change_places_must_be_said(write: Write, written: str, other: str) -> None:
    path = write(HEADER, *rows(written, FEW))
    with pytest.raises(
        FileFormatError, match=r"may be written in several ways; say --time-format '%m.*' or --time-"
    ) as e:
        read_kline_file(path)
    assert f"--time-format '{written}'" in str(e.value)
    assert f"--time-format '{other}'" in str(e.value)
    file = read_kline_file(path, options=ReadOptions(time_format=written))
    assert_same(file.klines, FEW)
    day = random_klines(24, period="1h")  # of the first of January
    assert_same(read_kline_file(write(HEADER, *rows(written, day))).klines, day)


def test_a_row_that_is_written_otherwise_is_refused_with_its_number(write: Write) -> None:
    some = rows("%m/%d/%Y %H:%M")
    some[6] = some[6].replace("/", "x", 1)
    with pytest.raises(
        FileFormatError, match="row 7, column Date: '01x01/2024 06:00' is not written as %m/%d/%Y %H:%M"
    ):
        read_kline_file(write(HEADER, *some))
    file = read_kline_file(write(HEADER, *some), options=ReadOptions(skip_bad_rows=1))
    assert len(file.klines) == len(KLINES) - 1


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%Q %d", "%H:%M"])
def test_a_format_that_does_not_fit_is_refused(write: Write, form: str) -> None:
    with pytest.raises(FileFormatError, match=r"is not written as|is no format of times|is not between"):
        read_kline_file(write(HEADER, *rows("%m/%d/%Y %H:%M")), options=ReadOptions(time_format=form))


@pytest.mark.parametrize("written", ["yesterday", "%H:%M", "Q1 %Y"])
def test_what_is_no_time_is_refused_with_the_option(write: Write, written: str) -> None:
    with pytest.raises(FileFormatError, match=r"is no ISO 8601 time .*; say with --time-format how times are written"):
        read_kline_file(write(HEADER, *rows(written)))


@pytest.mark.parametrize(
    ("zone", "form", "unit"),
    [
        ("Asia/Shanghai", "%Y-%m-%dT%H:%M:%S%z", "ISO 8601 times of +0800, converted to UTC"),
        ("America/New_York", "%Y-%m-%d %H:%M:%S%z", "ISO 8601 times of -0400 and -0500, converted to UTC"),
        ("Europe/Berlin", "%m/%d/%Y %H:%M %z", "times written %m/%d/%Y %H:%M %z of +0100 and +0200, converted to UTC"),
    ],
)
def test_times_with_offsets_are_converted_to_utc_and_said(write: Write, zone: str, form: str, unit: str) -> None:
    start = int(pd.Timestamp("2024-10-15T00:00Z").timestamp() * 1000)
    klines = random_klines(30 * 24, period="1h", start_ms=start)
    at = pd.to_datetime(klines.open_ms, unit="ms", utc=True).tz_convert(zone).strftime(form)
    some = [f"{time};{row.partition(';')[2]}" for time, row in zip(at, lines(klines, separator=";"), strict=True)]
    file = read_kline_file(write(HEADER, *some))
    assert_same(file.klines, klines)
    assert file.time_unit == unit
