"""Files of klines: units, titles, separators, packing, and what is wrong with a bad one."""

from __future__ import annotations

import gzip
import os
import re
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters import read_kline_file, read_mark_file
from engine import DataError, KlineColumns
from engine.errors import FileFormatError
from tests.support.kline_text import HEADER, KLINES, lines, text
from tests.support.klines import START_MS, assert_same, random_klines

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "klines.csv"
        path.write_text(text)
        return path

    return write


def binance_lines(klines: KlineColumns, factor: int = 1) -> list[str]:
    """Rows as Binance publishes them: 12 columns, the close time one unit before the next open."""
    rows = []
    for line in lines(klines, lambda opened: opened * factor):
        cells = line.split(",")
        closes = (int(cells[0]) // factor + 60_000) * factor - 1
        rows.append(
            ",".join([*cells, str(closes), str(float(cells[4]) * float(cells[5])), "42", "1.5", "60000.25", "0"])
        )
    return rows


def iso(form: str) -> Callable[[int], str]:
    return lambda opened: datetime.fromtimestamp(opened / 1000, UTC).strftime(form)


@pytest.mark.parametrize(
    ("time", "unit"),
    [
        (lambda ms: ms, "epoch milliseconds"),
        (lambda ms: ms // 1000, "epoch seconds"),
        (lambda ms: f"{ms // 1000}.0", "epoch seconds"),
        (lambda ms: ms * 1000, "epoch microseconds"),
        (lambda ms: ms * 1_000_000, "epoch nanoseconds"),
        (iso("%Y-%m-%dT%H:%M:%SZ"), "ISO 8601 times"),
        (iso("%Y-%m-%d %H:%M:%S+00:00"), "ISO 8601 times"),
        (iso("%Y-%m-%d %H:%M:%S UTC"), "ISO 8601 times"),
        (lambda ms: iso("%Y-%m-%dT%H:%M:%S+05:30")(ms + 19_800_000), "ISO 8601 times of +05:30, converted to UTC"),
        (iso("%Y-%m-%dT%H:%M:%S.000Z"), "ISO 8601 times"),
        (iso("%Y-%m-%d %H:%M"), "ISO 8601 times without an offset, taken as UTC"),
    ],
)
def test_the_unit_of_times_is_found_and_reported(write: Write, time: Callable[[int], object], unit: str) -> None:
    file = read_kline_file(write(text(lines(time=time))))
    assert_same(file.klines, KLINES)
    assert (file.period, file.time_unit, file.remarks) == ("1m", unit, ())


@pytest.mark.parametrize(
    "header",
    [
        "timestamp,open,high,low,close,volume",
        "time,o,h,l,c,v",
        "Open Time,Open,High,Low,Close,Volume",
        "open_time,open_price,high_price,low_price,close_price,volume",
        "OpenTime,openPrice,highPrice,lowPrice,closePrice,base_volume",
        ' "datetime" , "open","high","low","close","Vol"',
        "\ufeffdate,open,high,low,close,volume",
    ],
)
def test_columns_are_found_by_their_usual_titles(write: Write, header: str) -> None:
    assert_same(read_kline_file(write(text(lines(), header))).klines, KLINES)


def test_columns_may_stand_in_any_order_among_others(write: Write) -> None:
    rows = []
    for line in lines():
        time, opened, high, low, close, volume = line.split(",")
        rows.append(f"BTC,{volume},{close},{low},{high},{opened},note,{time},2020-01-01")
    header = "symbol,volume,close,low,high,open,comment,timestamp_ms,date"
    assert_same(read_kline_file(write(text(rows, header))).klines, KLINES)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_found(write: Write, separator: str) -> None:
    rows = text(lines(separator=separator), HEADER.replace(",", separator))
    assert_same(read_kline_file(write(rows)).klines, KLINES)


def test_windows_line_ends_and_blank_lines_do_not_matter(write: Write) -> None:
    assert_same(read_kline_file(write(text(lines()).replace("\n", "\r\n") + "\r\n\r\n")).klines, KLINES)


@pytest.mark.parametrize("factor", [1, 1000])
@pytest.mark.parametrize("header", [True, False])
def test_the_files_that_binance_publishes_are_known(write: Write, factor: int, header: bool) -> None:
    titles = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    )
    file = read_kline_file(write((titles if header else "") + "\n".join(binance_lines(KLINES, factor)) + "\n"))
    assert_same(file.klines, KLINES)
    assert file.time_unit == ("epoch milliseconds" if factor == 1 else "epoch microseconds")


def test_six_columns_without_a_header_are_klines(write: Write) -> None:
    assert_same(read_kline_file(write("\n".join(lines()) + "\n")).klines, KLINES)


def test_packed_files_are_read_whatever_their_name(tmp_path: Path) -> None:
    content = "\n".join(binance_lines(KLINES)).encode() + b"\n"
    (tmp_path / "klines.csv.gz").write_bytes(gzip.compress(content))
    (tmp_path / "klines.data").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "BTCUSDT-1m-2024-01.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BTCUSDT-1m-2024-01.csv", content)
    for path in tmp_path.iterdir():
        assert_same(read_kline_file(path).klines, KLINES)


def test_every_double_is_read_exactly(write: Write) -> None:
    klines = random_klines(20_000, seed=5)
    assert_same(read_kline_file(write(text(lines(klines)))).klines, klines)


@pytest.mark.parametrize("period", ["1m", "5m", "1h", "1d"])
def test_the_period_is_found_in_spite_of_gaps(write: Write, period: str) -> None:
    rows = lines(random_klines(20, period=period))
    del rows[3:6], rows[10], rows[0]
    assert read_kline_file(write(text(rows))).period == period
    assert read_kline_file(write(text(rows)), period).period == period


def test_a_period_that_the_data_contradicts_is_an_error(write: Write) -> None:
    with pytest.raises(FileFormatError, match="these are 1m klines, not 5m"):
        read_kline_file(write(text(lines())), "5m")


def test_too_few_klines_need_a_period(write: Write) -> None:
    rows = lines()
    with pytest.raises(FileFormatError, match="one kline does not tell its period"):
        read_kline_file(write(text(rows[:1])))
    assert read_kline_file(write(text(rows[:1])), "1m").period == "1m"
    assert read_kline_file(write(text([rows[0], rows[5]])), "1m").period == "1m"


def test_an_unknown_step_is_an_error(write: Write) -> None:
    rows = lines(random_klines(50))[::7]
    with pytest.raises(FileFormatError, match="klines are 7m apart"):
        read_kline_file(write(text(rows)))


def with_cell(row: int, column: int, value: str) -> str:
    """The good file with one cell replaced; `row` counts data rows from 1."""
    rows = [line.split(",") for line in lines()]
    rows[row - 1][column] = value
    return text([",".join(cells) for cells in rows])


@pytest.mark.parametrize(
    ("row", "column", "value", "named", "problem"),
    [
        (3, 0, "", "timestamp_ms", "the time is missing"),
        (3, 0, "soon", "timestamp_ms", "'soon' is no number as the other times are"),
        (3, 0, str(START_MS + 60_000), "timestamp_ms", "2024-01-01 00:01:00 UTC is there twice"),
        (3, 0, str(START_MS), "timestamp_ms", "2024-01-01 00:00:00 UTC is there twice: row 1 has open"),
        (3, 0, "12", "timestamp_ms", "12 is no epoch time"),
        (3, 0, str(START_MS + 120_001), "timestamp_ms", "2024-01-01 00:02:00 UTC is not the start of a 1m kline"),
        (2, 1, "", "open", "the value is missing"),
        (2, 1, "abc", "open", "'abc' is not a number"),
        (2, 1, "1_00", "open", "'1_00' is not a number"),
        (2, 1, "\u0661\u0660\u0660", "open", "is not a number"),
        (2, 1, "0", "open", "0.0 is not a positive price"),
        (2, 3, "-1", "low", "-1.0 is not a positive price"),
        (2, 2, "inf", "high", "inf is not a finite number"),
        (2, 4, "nan", "close", "the value is missing"),
        (2, 2, "1", "high", "1.0 is below the low"),
        (2, 1, "1000", "open", "1000.0 is above the high"),
        (2, 4, "1", "close", "1.0 is below the low"),
        (2, 5, "-0.5", "volume", "-0.5 is negative"),
        (2, 5, "", "volume", "the value is missing"),
    ],
)
def test_a_bad_cell_is_an_error_that_names_file_row_and_column(
    write: Write, row: int, column: int, value: str, named: str, problem: str
) -> None:
    path = write(with_cell(row, column, value))
    with pytest.raises(FileFormatError) as caught:
        read_kline_file(path)
    error = caught.value
    assert (error.file, error.column) == (str(path), named)
    assert problem in error.problem
    assert error.row == row
    assert str(error).startswith(f"{path}, row {error.row}, column {named}: ")


def test_further_bad_rows_are_counted(write: Write) -> None:
    rows = [line.replace(line.split(",")[5], "-1") for line in lines()]
    with pytest.raises(FileFormatError, match=r"row 1, column volume: -1.0 is negative \(and 5 more rows like it\)"):
        read_kline_file(write(text(rows)))


def test_a_message_lists_some_titles_of_a_file_and_shortens_long_ones(write: Write) -> None:
    titles = [f"{'x' * 1_000}{number}" for number in range(30)]
    with pytest.raises(
        FileFormatError, match=r"there is no such column; the file has x{40}\.\.\., .* and 10 more; say which"
    ) as caught:
        read_kline_file(write(",".join(titles) + "\n" + ",".join("1" * 30) + "\n"))
    assert len(str(caught.value)) < 1_500


@pytest.mark.parametrize("missing", HEADER.split(","))
def test_a_missing_column_is_named(write: Write, missing: str) -> None:
    place = HEADER.split(",").index(missing)
    rows = [",".join(cell for n, cell in enumerate(row.split(",")) if n != place) for row in [HEADER, *lines()]]
    with pytest.raises(FileFormatError, match=r"; the file has .*; say .* with --column \w+=TITLE") as caught:
        read_kline_file(write("\n".join(rows) + "\n"))
    assert caught.value.column == ("time" if place == 0 else missing)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        (HEADER + "\n", "the file holds no rows"),
        ("hello world\n", "no columns separated"),
        (
            "1,2,3\n4,5,6\n",
            "there is no header line, and 3 columns are not 5 or 6 or .* say where each stands, as --column ",
        ),
    ],
)
def test_a_file_without_klines_is_an_error(write: Write, content: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem):
        read_kline_file(write(content))


@pytest.mark.parametrize("cut", [2, 20, 40])
def test_half_a_last_line_is_an_error(write: Write, cut: int) -> None:
    whole = "\n".join(binance_lines(KLINES))
    with pytest.raises(FileFormatError, match=r"row 6: the line has .* columns, not 12; the file seems to be cut off"):
        read_kline_file(write(whole[:-cut]))


def test_a_last_line_without_its_end_is_remarked(write: Write) -> None:
    file = read_kline_file(write(text(lines()).rstrip("\n")))
    assert file.remarks == ("the last line has no line end; is the file complete?",)


@pytest.mark.parametrize(("change", "width"), [(lambda row: row + ",1", 7), (lambda row: row.rsplit(",", 1)[0], 5)])
def test_a_line_of_another_width_is_an_error(write: Write, change: Callable[[str], str], width: int) -> None:
    rows = lines()
    rows[2] = change(rows[2])
    with pytest.raises(FileFormatError, match=f"row 3: the line has {width} columns, not 6; --skip-bad-rows 1 "):
        read_kline_file(write(text(rows)))


def test_times_with_and_without_an_offset_are_mixed_units(write: Write) -> None:
    rows = lines(time=iso("%Y-%m-%d %H:%M:%SZ"))
    rows[3] = rows[3].replace("Z,", ",")
    with pytest.raises(
        FileFormatError, match=r"row 4, column timestamp_ms: .* is not with an offset as the others are"
    ):
        read_kline_file(write(text(rows)))


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 99, b"\xff\xfe1\x00,", b"caf\xe9,a,b\n1,2,3\n"])
def test_what_is_no_text_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"neither a text file|not UTF-8|is UTF-16 text that is damaged"):
        read_kline_file(tmp_path / "odd")


def test_bytes_that_are_no_text_in_the_middle_are_an_error(tmp_path: Path) -> None:
    content = text(lines()).encode()
    (tmp_path / "odd.csv").write_bytes(content.replace(b"1704067260000", b"17040672\xff0000"))
    with pytest.raises(FileFormatError, match="not UTF-8"):
        read_kline_file(tmp_path / "odd.csv")


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"none\.csv: cannot be read: No such file"):
        read_kline_file(tmp_path / "none.csv")
    with pytest.raises(FileFormatError, match="is a folder, not a file"):
        read_kline_file(tmp_path)


def test_damaged_archives_are_errors(tmp_path: Path) -> None:
    content = "\n".join(binance_lines(random_klines(500))).encode()
    packed = gzip.compress(content)
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    zipped = (tmp_path / "whole.zip").read_bytes()
    middle = len(packed) // 2
    for damaged in (packed[:middle], packed[:middle] + b"xxxx" + packed[middle + 4 :], zipped[: len(zipped) // 2]):
        (tmp_path / "damaged").write_bytes(damaged)
        with pytest.raises(FileFormatError, match="damaged or cut off"):
            read_kline_file(tmp_path / "damaged")


@pytest.mark.parametrize("cut", [1, 70, 10_000])
def test_gzip_members_stand_one_behind_the_other_with_zeros_between_and_behind(tmp_path: Path, cut: int) -> None:
    klines = random_klines(500)
    content = "\n".join(binance_lines(klines)).encode()
    path = tmp_path / "klines.csv.gz"
    path.write_bytes(gzip.compress(content[:cut]) + bytes(70_000) + gzip.compress(content[cut:]) + bytes(3))
    assert_same(read_kline_file(path).klines, klines)
    os.truncate(path, 1 << 30)  # zeros that take no room; one at a time they would take minutes
    assert_same(read_kline_file(path).klines, klines)


def test_what_stands_behind_a_gzip_member_must_be_another_one(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(binance_lines(random_klines(50))).encode())
    for behind in (b"garbage", b"\0\0garbage", packed[:20]):
        (tmp_path / "damaged").write_bytes(packed + behind)
        with pytest.raises(FileFormatError, match="damaged or cut off"):
            read_kline_file(tmp_path / "damaged")


def parquet(path: Path, **changed: pa.Array) -> Path:
    names = ("open", "high", "low", "close", "volume")
    columns = {"timestamp_ms": pa.array(KLINES.open_ms), **{name: pa.array(getattr(KLINES, name)) for name in names}}
    pq.write_table(pa.table({**columns, **changed}), path)
    return path


def test_parquet_is_read_whatever_its_name(tmp_path: Path) -> None:
    file = read_kline_file(parquet(tmp_path / "klines.csv"))
    assert_same(file.klines, KLINES)
    assert file.time_unit == "epoch milliseconds"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_parquet_timestamps_are_instants(tmp_path: Path, unit: str, zone: str | None) -> None:
    times = pa.array(KLINES.open_ms.astype("datetime64[ms]").astype(f"datetime64[{unit}]")).cast(
        pa.timestamp(unit, zone)
    )
    file = read_kline_file(parquet(tmp_path / "klines.parquet", timestamp_ms=times))
    assert_same(file.klines, KLINES)
    assert file.time_unit == ("timestamps" if zone else "timestamps without a time zone, taken as UTC")


def test_parquet_decimals_and_texts_are_numbers(tmp_path: Path) -> None:
    prices = [
        Decimal("101.123456"),
        Decimal("0.1"),
        Decimal("33333.333333"),
        Decimal("7"),
        Decimal("8.5"),
        Decimal("9"),
    ]
    for column in (pa.array(prices), pa.array([str(price) for price in prices])):
        same = dict.fromkeys(("open", "high", "low", "close"), column)
        found = read_kline_file(parquet(tmp_path / "klines.parquet", **same)).klines.close
        assert found.tolist() == [float(price) for price in prices]


@pytest.mark.parametrize(
    ("changed", "row", "problem"),
    [
        ({"close": pa.array([None, *KLINES.close[1:].tolist()], pa.float64())}, 1, "the value is missing"),
        ({"low": pa.array([*KLINES.low[:5].tolist(), 1e9])}, 6, "is below the low"),
        ({"volume": pa.array([True] * 6)}, 1, "True is not a number"),
        ({"timestamp_ms": pa.array([START_MS, None, *KLINES.open_ms[2:].tolist()])}, 2, "the time is missing"),
    ],
)
def test_bad_parquet_cells_are_errors(tmp_path: Path, changed: dict[str, pa.Array], row: int, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem) as caught:
        read_kline_file(parquet(tmp_path / "klines.parquet", **changed))
    assert caught.value.row == row


def test_damaged_parquet_is_an_error(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "klines.parquet").read_bytes()
    for damaged in (whole[:-10], whole[: len(whole) // 2], whole[:4], whole[:4] + b"x" * 50 + whole[54:]):
        (tmp_path / "damaged.parquet").write_bytes(damaged)
        with pytest.raises(FileFormatError, match=r"damaged\.parquet: the parquet file is damaged or cut off"):
            read_kline_file(tmp_path / "damaged.parquet")


def test_without_pyarrow_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "klines.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match=r"pip install 'perpsim\[parquet\]'"):
        read_kline_file(path)


def test_every_real_set_of_klines_is_read(shared_data: Path) -> None:
    names = [path for path in shared_data.glob("*.parquet") if not any(w in path.name for w in ("funding", "_mark_"))]
    assert len(names) >= 20
    for path in names:
        file = read_kline_file(path)
        assert f"_{file.period}" in path.name
        assert np.all(file.klines.open_ms % file.klines.period_ms == 0)


def test_seconds_of_a_narrow_integer_type_are_read(tmp_path: Path) -> None:
    table = {"time": pa.array(KLINES.open_ms // 1000, pa.int32())}
    table |= {name: getattr(KLINES, name) for name in ("open", "high", "low", "close", "volume")}
    pq.write_table(pa.table(table), tmp_path / "klines.parquet")
    assert_same(read_kline_file(tmp_path / "klines.parquet").klines, KLINES)


def test_mark_prices_are_known_at_the_close_and_their_klines_keep_all_four_prices(tmp_path: Path) -> None:
    klines = random_klines(5)
    header = "open_time,open,high,low,close"
    (tmp_path / "mark.csv").write_text(text([line.rsplit(",", 1)[0] for line in lines(klines)], header))
    closes, whole = read_mark_file(tmp_path / "mark.csv").rows
    assert (closes.times_ms - klines.open_ms).tolist() == [60_000] * 5
    np.testing.assert_array_equal(closes.columns["mark_price"], klines.close)
    np.testing.assert_array_equal(whole.times_ms, klines.open_ms)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(whole.columns[f"{name}_price"], getattr(klines, name))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("100,99,98,98.5", "column open: 100.0 is above the high"),
        ("100,98,99,100", "column high: 98.0 is below the low 99.0"),
        ("100,101,0,100", "column low: 0.0 is not a positive price"),
        ("100,inf,99,100", "column high: inf is not a finite number"),
        ("100,101,,100", "column low: the value is missing"),
    ],
)
def test_impossible_klines_of_the_mark_price_are_refused(write: Write, row: str, complaint: str) -> None:
    path = write(text([f"{START_MS},100,101,99,100", f"{START_MS + 60_000},{row}"], "time,open,high,low,close"))
    with pytest.raises(FileFormatError, match=re.escape(f"row 2, {complaint}")):
        read_mark_file(path, "1m")


def test_klines_of_the_mark_price_off_the_grid_are_left_out_when_asked(write: Write) -> None:
    late = KLINES.open_ms[2] + 1_000
    path = write(text(lines(KLINES, lambda opened: int(late) if opened == KLINES.open_ms[2] else opened)))
    with pytest.raises(FileFormatError, match="is not the start of a 1m kline; --skip-off-grid leaves such klines out"):
        read_mark_file(path, "1m")
    for rows in read_mark_file(path, "1m", skip_off_grid=True).rows:
        assert len(rows) == len(KLINES) - 1


def test_mark_prices_far_apart_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mark.csv").write_text(text(lines(random_klines(5, period="1h"))))
    with pytest.raises(FileFormatError, match="these are 1h klines; a mark price counts for a minute"):
        read_mark_file(tmp_path / "mark.csv")


def stamped(write: Write, title: str, late_ms: int, klines: KlineColumns = KLINES) -> Path:
    return write(text(lines(klines, lambda opened: opened + late_ms), HEADER.replace("timestamp_ms", title)))


@pytest.mark.parametrize("late_ms", [60_000, 59_999])
def test_klines_stamped_at_their_end_are_moved_to_their_open(write: Write, late_ms: int) -> None:
    assert_same(read_kline_file(stamped(write, "timestamp", late_ms), stamped="end").klines, KLINES)
    alone = read_kline_file(stamped(write, "close_time", late_ms))
    assert_same(alone.klines, KLINES)
    assert alone.remarks == ("the times in close_time are those of the ends of klines",)
    with pytest.raises(FileFormatError, match="these are the times at which klines end, not --stamped start"):
        read_kline_file(stamped(write, "close_time", late_ms), stamped="start")


def test_a_time_that_is_the_closing_time_is_known_by_it(write: Write) -> None:
    rows = [f"{line},{line.split(',')[0]}" for line in lines(KLINES, lambda opened: opened + 60_000)]
    path = write("\n".join([f"{HEADER},close_time", *rows]) + "\n")
    assert_same(read_kline_file(path).klines, KLINES)


def test_marks_stamped_at_their_end_are_known_then(write: Write) -> None:
    closes, whole = read_mark_file(stamped(write, "timestamp", 60_000), stamped="end").rows
    assert closes.times_ms.tolist() == (KLINES.open_ms + 60_000).tolist()
    assert whole.times_ms.tolist() == KLINES.open_ms.tolist()


def test_titles_that_differ_in_case_alone_are_told_apart(write: Write) -> None:
    rows = [f"{opened + 59_999},{line}" for opened, line in zip(KLINES.open_ms.tolist(), lines(KLINES), strict=True)]
    assert_same(read_kline_file(write("\n".join(["T,t,o,h,l,c,v", *rows]) + "\n")).klines, KLINES)


@pytest.mark.parametrize("flags", [("1", "0"), ("true", "false")])
def test_a_kline_that_is_not_confirmed_is_left_out(write: Write, flags: tuple[str, str]) -> None:
    rows = [f"{line},{flags[place == len(KLINES) - 1]}" for place, line in enumerate(lines(KLINES))]
    file = read_kline_file(write("\n".join([f"{HEADER},confirm", *rows]) + "\n"))
    assert_same(file.klines, KLINES.slice(0, len(KLINES) - 1))
    assert file.remarks == ("1 klines were not finished when the file was written; they are left out",)


def test_a_kline_that_was_forming_when_the_file_was_written_is_left_out(write: Write) -> None:
    path = write(text(lines()))
    last_s = int(KLINES.open_ms[-1]) / 1000
    os.utime(path, (last_s, last_s + 59.5))
    assert len(read_kline_file(path).klines) == len(KLINES) - 1
    os.utime(path, (last_s, last_s + 60))
    assert len(read_kline_file(path).klines) == len(KLINES)


def test_klines_off_the_grid_are_an_error_or_left_out(write: Write) -> None:
    path = write(text(lines(KLINES, lambda opened: opened + 14_789 * (opened == KLINES.open_ms[3]))))
    with pytest.raises(FileFormatError, match=r"row 4, .* is not the start of a 1m kline; --skip-off-grid leaves such"):
        read_kline_file(path)
    file = read_kline_file(path, skip_off_grid=True)
    assert file.klines.open_ms.tolist() == [int(each) for each in KLINES.open_ms if each != KLINES.open_ms[3]]
    assert file.remarks == ("1 klines were off the grid; they are left out",)


def test_buckets_of_bitmex_must_be_said_to_be_stamped_at_their_end(write: Write) -> None:
    coins = [f"{line},{line.rsplit(',', 1)[1]}" for line in lines(KLINES, lambda opened: opened + 60_000)]
    path = write("\n".join([f"{HEADER},homeNotional", *coins]) + "\n")
    with pytest.raises(FileFormatError, match="BitMEX stamps such klines at their ends: say --stamped end"):
        read_kline_file(path, columns={"volume": "volume"})
    assert_same(read_kline_file(path, columns={"volume": "volume"}, stamped="end").klines, KLINES)


def test_two_columns_of_one_title_are_refused_where_that_title_is_wanted(write: Write) -> None:
    twice = text([f"{line},7" for line in lines()], f"{HEADER},{HEADER.split(',')[1]}")
    with pytest.raises(FileFormatError, match="column open: there are several columns of this title"):
        read_kline_file(write(twice))
    unused = text([f"{line},7,8" for line in lines()], f"{HEADER},note,note")
    assert len(read_kline_file(write(unused)).klines) == len(KLINES)


@pytest.mark.parametrize("wrong", ["NaT", "9" * 5_000, "2024-13-01", "2024-01-01T00:02:00Z", "timestamp"])
def test_what_is_no_number_among_epoch_times_is_told_by_its_own_row(write: Write, wrong: str) -> None:
    rows = lines()
    rows[2] = rows[2].replace(rows[2].partition(",")[0], wrong)
    with pytest.raises(FileFormatError, match="row 3, column"):
        read_kline_file(write(text(rows)))


def test_an_encrypted_archive_is_said_to_be_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "klines.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("klines.csv", text(lines()))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"the archive is encrypted: unpack it first$"):
        read_kline_file(path)


@pytest.mark.parametrize("inner", ["gzip", "zip"])
@pytest.mark.parametrize("outer", ["gzip", "zip"])
def test_what_is_packed_twice_is_called_so(tmp_path: Path, inner: str, outer: str) -> None:
    packed = text(lines()).encode()
    for kind in (inner, outer):
        if kind == "gzip":
            packed = gzip.compress(packed)
        else:
            with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
                archive.writestr("klines", packed)
            packed = (tmp_path / "one.zip").read_bytes()
    path = tmp_path / "klines"
    path.write_bytes(packed)
    with pytest.raises(FileFormatError, match=rf"holds a {inner} (file|archive), not a table: unpack it by one step$"):
        read_kline_file(path)


@pytest.mark.parametrize("place", [0, 1, 5])
def test_a_number_of_thousands_of_digits_is_one_short_sentence(tmp_path: Path, place: int) -> None:
    cells = lines()[0].split(",")
    cells[place] = "9" * 5_000
    path = tmp_path / "klines.csv"
    path.write_text(text([",".join(cells), *lines()[1:3]]))
    with pytest.raises(FileFormatError, match="row 1, column ") as refused:
        read_kline_file(path)
    assert len(str(refused.value)) < 400
    assert place == 0 or "has more digits than any price, size or rate" in str(refused.value)


def test_rows_of_several_periods_are_no_series(write: Write) -> None:
    rows = [f"{START_MS + n * 60_000},3,4,2,3,1,1m" for n in range(20)]
    rows += [f"{START_MS + 86_400_000 + n * 300_000},3,4,2,3,5,5m" for n in range(9)]
    path = write(text(rows, "time,open,high,low,close,volume,interval"))
    with pytest.raises(FileFormatError, match=r"column interval: there are 1m, 5m; .* --where interval=1m"):
        read_kline_file(path)
    found = [read_kline_file(path, where={"interval": name}) for name in ("1m", "5m")]
    assert [(file.period, len(file.klines.open_ms)) for file in found] == [("1m", 20), ("5m", 9)]


@pytest.mark.parametrize("title", ["Adj Close", "marketCap"])
def test_volumes_that_are_known_to_be_in_usd_are_not_taken_for_coins(write: Write, title: str) -> None:
    rows = [f"{START_MS + n * 60_000},3,4,2,3,3,7" for n in range(3)]
    path = write(text(rows, f"time,open,high,low,close,{title},volume"))
    with pytest.raises(FileFormatError, match=f"beside {title}, .* in USD, not in coins; --column volume=volume"):
        read_kline_file(path)
    assert read_kline_file(path, columns={"volume": "volume"}).klines.volume.tolist() == [7, 7, 7]


def test_a_kline_that_a_stream_says_is_open_is_left_out(write: Write) -> None:
    rows = [f"{START_MS + n * 60_000},3,4,2,3,1,{'true' if n < 4 else 'false'}" for n in range(5)]
    assert len(read_kline_file(write(text(rows, "t,o,h,l,c,v,x"))).klines.open_ms) == 4
