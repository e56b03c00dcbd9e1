"""When klines open: sparse ones, ends of buckets, stretches beside the grid, minutes without prices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from adapters import read_kline_file, read_mark_file
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import HEADER, lines
from tests.support.klines import START_MS, assert_same, random_klines

KLINES = random_klines(40)


def shifted(write: Write, late: Callable[[int], int]) -> object:
    """The klines of each minute, some of them late."""
    return write(HEADER, *lines(KLINES, lambda ms: ms + late((ms - START_MS) // 60_000)))


@pytest.mark.parametrize("every", [2, 3, 4, 5, 7, 11])
def test_sparse_klines_are_those_of_the_period_that_is_named(write: Write, every: int) -> None:
    path = write(HEADER, *lines(KLINES)[::every])
    file = read_kline_file(path, "1m")
    assert file.klines.open_ms.tolist() == KLINES.open_ms[::every].tolist()
    assert file.klines.period_ms == 60_000
    assert file.remarks == (f"most klines are {every}m apart; they are taken as 1m klines, as --period says",)


def test_klines_that_are_nearer_than_usual_need_their_period(write: Write) -> None:
    kept = [place for place in range(40) if place % 3 == 0 or place == 1]
    path = write(HEADER, *(lines(KLINES)[place] for place in kept))
    with pytest.raises(FileFormatError, match=r"klines are 3m apart, but some 1m: .* say --period 1m"):
        read_kline_file(path)
    assert read_kline_file(path, "1m").klines.open_ms.tolist() == KLINES.open_ms[kept].tolist()
    with pytest.raises(FileFormatError, match="2024-01-01 00:01:00 UTC is not the start of a 3m kline"):
        read_kline_file(path, "3m")


def test_steps_that_are_no_period_name_the_way_out(write: Write) -> None:
    with pytest.raises(FileFormatError, match=r"klines are 4m apart \(240,000 ms\), .* say --period 1m"):
        read_kline_file(write(HEADER, *lines(KLINES)[::4]))
    with pytest.raises(FileFormatError, match=r"klines are 58.2 s apart \(58,200 ms\), which is none of 1m"):
        read_kline_file(write(HEADER, *lines(KLINES, lambda ms: START_MS + (ms - START_MS) * 97 // 100)))
    with pytest.raises(FileFormatError, match="these are 1m klines, not 5m"):
        read_kline_file(write(HEADER, *lines(KLINES)), "5m")


@pytest.mark.parametrize(
    ("late", "remarks"),
    [
        (
            lambda n: 14_789 * (10 <= n < 20),
            ["10 klines from {10}:14.789 UTC to {19}:14.789 UTC are moved by -14,789 ms"],
        ),
        (lambda n: -3_000 * (n >= 30), ["10 klines from {29}:57.000 UTC to {38}:57.000 UTC are moved by +3,000 ms"]),
        (lambda n: 45_000 * (5 <= n < 8), ["3 klines from {05}:45.000 UTC to {07}:45.000 UTC are moved by -45,000 ms"]),
        (lambda n: 500, ["40 klines from {00}:00.500 UTC to {39}:00.500 UTC are moved by -500 ms"]),
        (
            lambda n: 1_000 * (3 <= n < 6) + 2_000 * (n == 20),
            [
                "3 klines from {03}:01.000 UTC to {05}:01.000 UTC are moved by -1,000 ms",
                "1 klines from {20}:02.000 UTC to {20}:02.000 UTC are moved by -2,000 ms",
            ],
        ),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_stretches_beside_the_grid_are_moved_there_on_demand(
    write: Write, late: Callable[[int], int], remarks: list[str], newest_first: bool
) -> None:
    rows = lines(KLINES, lambda ms: ms + late((ms - START_MS) // 60_000))[:: -1 if newest_first else 1]
    path = write(HEADER, *rows)
    with pytest.raises(FileFormatError, match="--skip-off-grid leaves such klines out, --snap moves a stretch of them"):
        read_kline_file(path)
    file = read_kline_file(path, snap=True)
    assert_same(file.klines, KLINES)
    expected = [each.replace("{", "2024-01-01 00:").replace("}", "") + " to the grid" for each in remarks]
    assert [*file.remarks][newest_first:] == expected
    closes, _ = read_mark_file(path, snap=True).rows
    assert closes.times_ms.tolist() == (KLINES.open_ms + 60_000).tolist()


def test_klines_that_would_meet_are_not_moved(write: Write) -> None:
    rows = lines(KLINES)
    rows.insert(11, f"{START_MS + 10 * 60_000 + 20_000},{rows[10].partition(',')[2]}")
    with pytest.raises(
        FileFormatError, match=r"rows 12 to 12, moved to the grid, would meet another one; --skip-off-g"
    ):
        read_kline_file(write(HEADER, *rows), snap=True)
    file = read_kline_file(write(HEADER, *rows), skip_off_grid=True)
    assert_same(file.klines, KLINES)


def test_a_shift_that_changes_or_is_large_is_no_stretch(write: Write) -> None:
    with pytest.raises(FileFormatError, match=r"row 7, .* is 7,100 ms behind the grid, the kline before 7,000 ms"):
        read_kline_file(shifted(write, lambda n: {5: 7_000, 6: 7_100}.get(n, 0)), snap=True)  # type: ignore[arg-type]
    days = random_klines(9, period="1d", start_ms=START_MS + 8 * 3_600_000)
    with pytest.raises(FileFormatError, match=r"is 8h 0m behind the grid of 1d klines: that is no small shift"):
        read_kline_file(write(HEADER, *lines(days)), snap=True)


def test_klines_on_the_grid_are_not_touched_by_snap(write: Write) -> None:
    file = read_kline_file(write(HEADER, *lines(KLINES)), snap=True)
    assert_same(file.klines, KLINES)
    assert file.remarks == ()


@pytest.mark.parametrize("nothing", ["", "NaN", "nan", "null"])
def test_minutes_without_prices_are_left_out(write: Write, nothing: str) -> None:
    rows = [
        line if place % 4 else f"{line.partition(',')[0]}" + f",{nothing}" * 5
        for place, line in enumerate(lines(KLINES))
    ]
    file = read_kline_file(write(HEADER, *rows))
    assert file.klines.open_ms.tolist() == np.delete(KLINES.open_ms, np.s_[::4]).tolist()
    assert file.remarks == ("rows without prices, left out: 10",)
    rows[7] = f"{KLINES.open_ms[7]},1,2,1,{nothing},1"
    with pytest.raises(FileFormatError, match="row 8, column close: the value is missing"):
        read_kline_file(write(HEADER, *rows))


def test_an_unfinished_kline_gives_way_to_the_finished_one_of_its_time(write: Write) -> None:
    rows = [f"{line},1" for line in lines(KLINES)]
    rows.insert(5, rows[5].replace(rows[5].split(",")[5], "0.5")[:-1] + "0")
    file = read_kline_file(write(f"{HEADER},confirm", *rows))
    assert_same(file.klines, KLINES)


def test_bars_of_tardis_are_refused_until_it_is_said_how_they_are_stamped(write: Write) -> None:
    rows = [
        f"{ms + 250},{ms + 59_500},{ms + 60_000},{ms + 60_120},{line.partition(',')[2]}"
        for ms, line in zip(KLINES.open_ms.tolist(), lines(KLINES), strict=True)
    ]
    path = write("openTimestamp,closeTimestamp,timestamp,localTimestamp,open,high,low,close,volume", *rows)
    with pytest.raises(FileFormatError, match=r"bars of Tardis .* --column time=timestamp --stamped end"):
        read_kline_file(path)
    assert_same(read_kline_file(path, columns={"time": "timestamp"}, stamped="end").klines, KLINES)


@pytest.mark.parametrize("before_end_ms", [1, 1_000])
@pytest.mark.parametrize("snap", [False, True])
def test_last_moments_of_klines_are_not_their_opens(write: Write, before_end_ms: int, snap: bool) -> None:
    path = shifted(write, lambda n: 60_000 - before_end_ms)
    with pytest.raises(
        FileFormatError, match=r"last moments of 1m klines, as .*: say --stamped end, or --stamped start"
    ):
        read_kline_file(path, snap=snap)
    assert_same(read_kline_file(path, stamped="end").klines, KLINES)
    moved = read_kline_file(path, snap=True, stamped="start").klines
    assert moved.open_ms.tolist() == (KLINES.open_ms + 60_000).tolist()
