"""The rows of a CSV file: comments among them, uneven lines, files put one behind the other."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions
from engine.errors import FileFormatError
from tests.support.kline_text import HEADER, KLINES, lines, text
from tests.support.klines import assert_same, random_klines

MANY = random_klines(40)


def zipped(tmp_path: Path, **members: str) -> Path:
    path = tmp_path / "klines.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_comments_below_and_among_the_rows_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    rows = lines()
    path.write_text("\n".join([HEADER, *rows[:3], "  # a break", *rows[3:], "# 6 rows, the end"]) + "\n")
    file = read_kline_file(path)
    assert_same(file.klines, KLINES)
    assert file.remarks == ("comments (lines that begin with #), left out: 2",)


def test_a_row_behind_comments_has_its_number_among_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    rows = lines()
    rows[3] = rows[3].replace(",", ",x", 1)
    path.write_text("\n".join(["# a", HEADER, *rows[:2], "# b", *rows[2:]]) + "\n")
    with pytest.raises(FileFormatError, match="row 4, column open: 'x"):
        read_kline_file(path)


def test_titles_that_stand_again_among_the_rows_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines()[:2]) + text(lines()[2:4]) + text(lines()[4:]))
    file = read_kline_file(path)
    assert_same(file.klines, KLINES)
    assert file.remarks == ("lines of titles among the rows, left out: 2",)


def test_files_of_an_archive_are_taken_together_in_the_order_of_their_names(tmp_path: Path) -> None:
    rows = lines(MANY)
    path = zipped(tmp_path, **{"k-10.csv": text(rows[30:]), "k-9.csv": text(rows[:30]), "__MACOSX/._k-9.csv": "x"})
    file = read_kline_file(path)
    assert_same(file.klines, MANY)
    assert file.remarks == ("the archive holds 2 files, taken one behind the other: k-9.csv, k-10.csv",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (text(lines(MANY)[:9]), "\n".join(lines(MANY)[9:])),  # split in two: titles stand in the first alone
        ("\n".join(lines(MANY)[:9]), "\n".join(lines(MANY)[9:]) + "\n"),
    ],
)
def test_the_parts_of_an_archive_may_be_without_titles(tmp_path: Path, first: str, second: str) -> None:
    assert_same(read_kline_file(zipped(tmp_path, a=first, b=second)).klines, MANY)


@pytest.mark.parametrize("other", ["time,mood\n1,2\n", "t,o,h,l,c,v\n1,2,3,4,5,6\n", "1;2;3;4;5;6\n"])
def test_files_of_an_archive_with_different_columns_are_refused_by_their_names(tmp_path: Path, other: str) -> None:
    with pytest.raises(FileFormatError, match=r"different columns, a\.csv, b\.csv: unpack it and import them one by"):
        read_kline_file(zipped(tmp_path, **{"a.csv": text(lines()), "b.csv": other}))


def test_a_short_line_that_a_long_one_makes_up_for_is_found(tmp_path: Path) -> None:
    rows = [f"{line},note" for line in lines(MANY)]
    rows[5], rows[20] = rows[5].removesuffix(",note"), rows[20] + ",more"
    path = tmp_path / "klines.csv"
    path.write_text(text(rows, f"{HEADER},remark"))
    with pytest.raises(FileFormatError, match=r"row 6: the line has 6 columns, not 7 \(and 1 more rows like it\)"):
        read_kline_file(path)
    file = read_kline_file(path, options=ReadOptions(skip_bad_rows=2))
    assert file.klines.open_ms.tolist() == np.delete(MANY.open_ms, [5, 20]).tolist()
    assert file.remarks == (
        "row 6: the line has 6 columns, not 7: left out",
        "row 21: the line has 8 columns, not 7: left out",
    )


def test_bytes_that_are_no_utf_8_are_refused_with_their_row(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    path.write_bytes(text(lines()).encode().replace(lines()[3].encode(), "é".encode("latin-1") + lines()[3].encode()))
    with pytest.raises(FileFormatError, match="row 4: the file is not UTF-8 text: save it as such, for example with"):
        read_kline_file(path)
