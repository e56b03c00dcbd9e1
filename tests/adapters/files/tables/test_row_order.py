"""Rows in any order become rows in order of time, each once, and what was done is said."""

from __future__ import annotations

import random
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions, read_feature_file, read_funding_file, read_quote_files, read_trade_files
from engine import KlineColumns
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import HEADER, lines, text
from tests.support.klines import START_MS, assert_same, random_klines

KLINES = random_klines(60)
ROWS = lines(KLINES)
TURNED = "the rows stand newest first; they are turned round"
SORTED = "the rows are not in order of time; they are sorted"
TWICE = "rows that are there twice, taken once: {}"


@pytest.mark.parametrize(
    ("rows", "remarks"),
    [
        (ROWS, ()),
        (ROWS[::-1], (TURNED,)),
        (random.Random(4).sample(ROWS, len(ROWS)), (SORTED,)),
        (ROWS[:30] + ROWS[20:], (SORTED, TWICE.format(10))),
        ((ROWS[:30] + ROWS[20:])[::-1], (SORTED, TWICE.format(10))),
        ([row for row in ROWS for _ in range(3)], (TWICE.format(120),)),
        ([row for row in ROWS[::-1] for _ in range(2)], (TURNED, TWICE.format(60))),
    ],
)
def test_rows_of_any_order_are_the_same_klines(write: Write, rows: list[str], remarks: tuple[str, ...]) -> None:
    file = read_kline_file(write(HEADER, *rows))
    assert_same(file.klines, KLINES)
    assert file.remarks == remarks


def test_a_number_that_is_written_in_two_ways_is_one(tmp_path: Path) -> None:
    rows = [[ms, "1.50", "2", "1", "1.5", "3"] for ms in KLINES.open_ms.tolist()]
    again = [[ms, "1.5", "2.0", "1.000", "1.50", "3.0"] for ms in KLINES.open_ms.tolist()]
    pd.DataFrame([*rows, *again], columns=HEADER.split(",")).to_json(tmp_path / "klines.json", orient="records")
    file = read_kline_file(tmp_path / "klines.json")
    assert len(file.klines) == len(KLINES)
    assert TWICE.format(60) in file.remarks


CHANGED = ROWS[12].rpartition(",")[0] + ",77.5"


@pytest.mark.parametrize("newest_first", [False, True])
def test_rows_of_one_time_that_differ_are_refused_with_both(write: Write, newest_first: bool) -> None:
    rows = [*ROWS[:13], CHANGED, *ROWS[13:]]
    rows = rows[::-1] if newest_first else rows
    first, second = (rows.index(CHANGED) + 1, rows.index(ROWS[12]) + 1)
    early, late = sorted((first, second))
    with pytest.raises(FileFormatError) as caught:
        read_kline_file(write(HEADER, *rows))
    error = str(caught.value)
    assert caught.value.row == late
    assert f"2024-01-01 00:12:00 UTC is there twice: row {early} has open" in error
    assert f"row {first} has open {KLINES.open[12]}, high" in error
    assert "volume 77.5" in error
    assert f"volume {KLINES.volume[12]}" in error
    assert "--keep first or --keep last takes one" in error
    assert error.endswith("--skip-bad-rows 2 leaves such rows out")


@pytest.mark.parametrize(("keep", "volume"), [("first", KLINES.volume[12]), ("last", 77.5)])
@pytest.mark.parametrize("twice", [False, True])
def test_the_first_or_the_last_row_of_a_time_is_kept_on_demand(
    write: Write, keep: str, volume: float, twice: bool
) -> None:
    rows = [*ROWS, *[CHANGED] * (1 + twice)]
    file = read_kline_file(write(HEADER, *rows), options=ReadOptions(keep=keep))
    assert file.klines.open_ms.tolist() == KLINES.open_ms.tolist()
    assert file.klines.volume[12] == volume
    assert f"times of rows that differ, of which the {keep} one is taken: 1" in file.remarks


def test_rows_that_differ_may_both_be_left_out(write: Write) -> None:
    file = read_kline_file(write(HEADER, *ROWS, CHANGED), options=ReadOptions(skip_bad_rows=2))
    assert file.klines.open_ms.tolist() == np.delete(KLINES.open_ms, 12).tolist()
    assert [remark[:20] for remark in file.remarks if remark.endswith("left out")] == [
        "row 13, column times",
        "row 61, column times",
    ]


def test_rows_of_several_series_are_refused_even_where_they_are_alike(write: Write) -> None:
    rows = [f"{coin},{row}" for row in ROWS for coin in ("BTC", "ETH")]
    path = write(f"coin,{HEADER}", *rows)
    with pytest.raises(FileFormatError, match=r"there are BTC, ETH; rows of one of .* --where coin=BTC$"):
        read_kline_file(path)
    assert_same(read_kline_file(path, where={"coin": "ETH"}).klines, KLINES)


def test_rates_and_values_are_put_in_order_too(write: Write) -> None:
    rows = [f"{START_MS + place * 28_800_000},{place / 1e5}" for place in (3, 2, 1, 1, 0)]
    file = read_funding_file(write("time,funding_rate", *rows))
    assert file.rows[0].columns["funding_rate"].tolist() == [0.0, 1e-5, 2e-5, 3e-5]  # type: ignore[union-attr]
    assert file.remarks == (TURNED, TWICE.format(1))
    read = read_feature_file(write("time,symbol,mood", *(f"{START_MS + at},A,{at}" for at in (5, 1, 9))), "mood")
    assert read.features[0].rows.value.tolist() == [1.0, 5.0, 9.0]
    assert read.file.remarks == (SORTED,)


def test_trades_of_one_time_keep_their_order_or_are_turned_round_with_the_file(write: Write) -> None:
    prices = [100, 101, 102, 103, 104, 105]
    times = [START_MS + at for at in (1, 1, 1, 2, 2, 16_000)]
    rows = [f"{time},{price},1,buy" for time, price in zip(times, prices, strict=True)]
    title = "time,price,size,side"
    said = {}
    for name, some in (("in order", rows), ("newest first", rows[::-1]), ("mixed", [*rows[3:], *rows[:3]])):
        (file,) = read_trade_files([write(title, *some)])
        said[name] = file.remarks
        assert file.rows[0].columns["vwap"].tolist() == [102.0, 105.0]  # type: ignore[union-attr]
    assert said == {"in order": (), "newest first": (TURNED,), "mixed": (SORTED,)}
    quotes = [f"{time},{price - 1},{price}" for time, price in zip(times, prices, strict=True)]
    (turned,) = read_quote_files([write("time,bid,ask", *quotes[::-1])])
    (straight,) = read_quote_files([write("time,bid,ask", *quotes)])
    for name, values in straight.rows[0].columns.items():
        assert turned.rows[0].columns[name].tolist() == values.tolist()  # type: ignore[union-attr]


def local(klines: KlineColumns, zone: str, form: str = "%Y-%m-%d %H:%M:%S") -> list[str]:
    """Rows with the times that clocks of a zone show."""
    at = pd.to_datetime(klines.open_ms, unit="ms", utc=True).tz_convert(ZoneInfo(zone))
    return [f"{time},{line.partition(',')[2]}" for time, line in zip(at.strftime(form), lines(klines), strict=True)]


CHANGES = [
    ("2024-10-26T20:00Z", "15m", "Europe/Berlin", "2024-10-27 02:00:00 is there twice"),
    ("2025-10-25T20:00Z", "1h", "Europe/Athens", "2025-10-26 03:00:00 is there twice"),
    ("2023-11-04T22:00Z", "5m", "America/New_York", "2023-11-05 01:00:00 is there twice"),
    ("2024-03-30T20:00Z", "1m", "Europe/London", "2024-03-31 01:00:00 is left out"),
    ("2025-03-08T20:00Z", "1h", "America/New_York", "2025-03-09 02:00:00 is left out"),
]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("start", "period", "zone", "problem"), CHANGES)
def test_local_times_whose_clocks_change_need_their_zone(
    write: Write, start: str, period: str, zone: str, problem: str, newest_first: bool
) -> None:
    klines = random_klines(600, period=period, start_ms=int(pd.Timestamp(start).timestamp() * 1000))
    path = write(HEADER, *local(klines, zone)[:: -1 if newest_first else 1])
    with pytest.raises(FileFormatError, match=rf"{problem}, as clocks of .* --time-zone \S+, or --time-zone UTC"):
        read_kline_file(path)
    file = read_kline_file(path, options=ReadOptions(time_zone=zone))
    assert_same(file.klines, klines)
    assert file.time_unit == f"ISO 8601 times without an offset, in {zone}"


def test_rows_that_are_there_twice_in_the_hour_that_is_there_twice_are_not_dropped(write: Write) -> None:
    klines = random_klines(10, period="1h", start_ms=int(pd.Timestamp("2024-10-26T22:00Z").timestamp() * 1000))
    rows = [row.partition(",")[0] + ",100,101,99,100,1" for row in local(klines, "Europe/Berlin")]
    path = write(HEADER, *rows)
    with pytest.raises(FileFormatError, match="--time-zone Europe/Berlin, or --time-zone UTC"):
        read_kline_file(path)
    assert len(read_kline_file(path, options=ReadOptions(time_zone="Europe/Berlin")).klines) == 10
    assert len(read_kline_file(path, options=ReadOptions(time_zone="UTC")).klines) == 9


def test_times_in_utc_are_not_taken_for_local_ones(write: Write) -> None:
    klines = random_klines(600, period="15m", start_ms=int(pd.Timestamp("2024-10-25T20:00Z").timestamp() * 1000))
    assert_same(read_kline_file(write(HEADER, *local(klines, "UTC"))).klines, klines)
    assert text(local(klines, "UTC")).count("2024-10-27 02:00:00") == 1
