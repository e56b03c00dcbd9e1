"""Epoch times of any unit, also of several in one file, timestamps, and dates that are written as numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions, read_trade_files
from engine import DataError
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import HEADER, KLINES, lines
from tests.support.klines import START_MS, assert_same, random_klines

HOURS = random_klines(48, period="1h")


def iso(form: str) -> Callable[[int], str]:
    return lambda ms: pd.Timestamp(ms, unit="ms").strftime(form)


@pytest.mark.parametrize(
    ("even", "odd", "unit"),
    [
        (1, 1_000, "epoch milliseconds (3 rows) and microseconds (3 rows)"),
        (1_000_000, 1, "epoch milliseconds (3 rows) and nanoseconds (3 rows)"),
        (0.001, 1, "epoch seconds (3 rows) and milliseconds (3 rows)"),
    ],
)
def test_each_row_may_have_its_own_unit(write: Write, even: float, odd: float, unit: str) -> None:
    factors = [even, odd] * 3
    rows = [
        f"{int(ms * factor)},{line.partition(',')[2]}"
        for ms, factor, line in zip(KLINES.open_ms.tolist(), factors, lines(), strict=True)
    ]
    file = read_kline_file(write(HEADER, *rows))
    assert_same(file.klines, KLINES)
    assert file.time_unit == unit


@pytest.mark.parametrize("form", ["{:.1f}", "{:.4f}", "{:.9e}", '"{:.1f}"'])
def test_seconds_may_have_decimals(write: Write, form: str) -> None:
    rows = lines(KLINES, lambda ms: form.format(ms / 1_000))
    assert_same(read_kline_file(write(HEADER, *rows)).klines, KLINES)


def test_seconds_of_doubles_tell_milliseconds(write: Write) -> None:
    rows = lines(KLINES, lambda ms: f"{ms / 1_000 + 0.123:.3f}")
    file = read_kline_file(write(HEADER, *rows), snap=True)
    assert file.klines.open_ms.tolist() == KLINES.open_ms.tolist()
    assert file.remarks[0].endswith("are moved by -123 ms to the grid")


@pytest.mark.parametrize("form", ["%Y%m%d%H%M", "%Y%m%d%H%M%S"])
def test_dates_that_are_written_as_numbers_are_dates(write: Write, form: str) -> None:
    file = read_kline_file(write(HEADER, *lines(HOURS, iso(form))))
    assert_same(file.klines, HOURS)
    assert file.time_unit == f"dates written {form}, taken as UTC"
    days = random_klines(40, period="1d")
    assert_same(read_kline_file(write(HEADER, *lines(days, iso("%Y%m%d")))).klines, days)


def test_a_time_zone_is_for_times_that_tell_none(write: Write) -> None:
    options = ReadOptions(time_zone="Asia/Tokyo")
    with pytest.raises(FileFormatError, match="epoch times, which count from 1970 in UTC: --time-zone is for texts"):
        read_kline_file(write(HEADER, *lines()), options=options)
    with pytest.raises(FileFormatError, match="these times tell their time zone"):
        read_kline_file(write(HEADER, *lines(KLINES, iso("%Y-%m-%dT%H:%M:%SZ"))), options=options)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "+09:00", "UTC+9"])
def test_local_times_become_utc(write: Write, zone: str) -> None:
    rows = lines(HOURS, lambda ms: iso("%Y-%m-%d %H:%M")(ms + 9 * 3_600_000))
    file = read_kline_file(write(HEADER, *rows), options=ReadOptions(time_zone=zone))
    assert_same(file.klines, HOURS)
    assert file.time_unit == f"ISO 8601 times without an offset, in {zone}"


def test_an_hour_that_clocks_show_twice_and_a_file_once_is_refused(write: Write) -> None:
    rows = [f"2024-10-27 0{hour}:00:00,100,101,99,100,1" for hour in (0, 1, 2, 3, 4)]
    with pytest.raises(FileFormatError, match="the hour in which the clocks of Europe/Berlin are set back cannot be"):
        read_kline_file(write(HEADER, *rows), options=ReadOptions(time_zone="Europe/Berlin"))
    spring = [f"2024-03-31 0{hour}:00:00,100,101,99,100,1" for hour in (0, 1, 2, 3, 4)]
    with pytest.raises(FileFormatError, match=r"row 3, .* 02:00:00 is skipped as clocks of Europe/Berlin go forward"):
        read_kline_file(write(HEADER, *spring), options=ReadOptions(time_zone="Europe/Berlin"))


def test_trades_are_known_at_the_end_of_their_millisecond(write: Write) -> None:
    form = "{},100,1,buy"
    times = [f"{START_MS}001", f"{START_MS + 5}", f"{START_MS + 14_999}001"]
    (file,) = read_trade_files([write("time,price,size,side", *map(form.format, times))])
    assert file.time_unit == "epoch milliseconds (1 rows) and microseconds (2 rows)"
    assert file.rows[0].times_ms.tolist() == [START_MS + 15_000]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"time_zone": "Europe/Atlantis"}, "--time-zone 'Europe/Atlantis' is none: write a name such as Europe/Berlin"),
        ({"time_zone": "../etc"}, "is none: write a name"),
        ({"time_zone": "+99:00"}, "is none: write a name"),
        ({"time_format": "day first"}, "has no %, write it like"),
        ({"decimal": "dot"}, "--decimal 'dot' is none of point, comma"),
        ({"keep": "both"}, "--keep 'both' is none of first, last"),
    ],
)
def test_what_cannot_be_said_of_a_file_is_refused(options: dict[str, str], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        ReadOptions(**options)  # type: ignore[arg-type]
