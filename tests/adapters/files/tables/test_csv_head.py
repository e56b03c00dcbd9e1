"""What stands above the rows of a CSV file: comments, lines that are no rows, and how columns are separated."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import read_kline_file
from engine.errors import FileFormatError
from tests.support.kline_text import KLINES, lines, text
from tests.support.klines import assert_same

ROWS = text(lines())


def read(tmp_path: Path, content: str | bytes) -> tuple[str, ...]:
    """Read what must be the good klines, and return the remarks."""
    path = tmp_path / "klines.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = read_kline_file(path)
    assert_same(file.klines, KLINES)
    return file.remarks


@pytest.mark.parametrize(
    ("above", "remarks"),
    [
        (
            "# from: an exchange, symbol: BTC\n# tz: UTC\n",
            ["comments above the rows (lines that begin with #), left out: 2"],
        ),
        ("\n\n  # a\n\n", ["comments above the rows (lines that begin with #), left out: 1"]),
        ("https://www.example.com/data\n", ["a line above the rows is left out: 'https://www.example.com/data'"]),
        (
            "https://example.com\nexported, by hand\n",
            [
                "a line above the rows is left out: 'https://example.com'",
                "a line above the rows is left out: 'exported, by hand'",
            ],
        ),
        (
            "# a\nhttps://example.com\n",
            [
                "comments above the rows (lines that begin with #), left out: 1",
                "a line above the rows is left out: 'https://example.com'",
            ],
        ),
        ("sep=,\n", []),
    ],
)
@pytest.mark.parametrize("titled", [True, False])
def test_what_stands_above_the_rows_is_left_out_and_said(
    tmp_path: Path, above: str, remarks: list[str], titled: bool
) -> None:
    assert [*read(tmp_path, above + (ROWS if titled else ROWS.partition("\n")[2]))] == remarks


@pytest.mark.parametrize("mark", ["#", "# "])
def test_titles_behind_a_comment_mark_are_titles(tmp_path: Path, mark: str) -> None:
    titles = "volume,close,low,high,open,timestamp"
    rows = "\n".join(",".join(reversed(line.split(","))) for line in lines())
    assert read(tmp_path, f"# of a program\n{mark}{titles}\n{rows}\n") == (
        "comments above the rows (lines that begin with #), left out: 1",
    )


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("said", [True, False])
def test_a_separator_is_found_or_said(tmp_path: Path, separator: str, said: bool) -> None:
    assert read(tmp_path, f'"sep={separator}"\n' * said + ROWS.replace(",", separator)) == ()


@pytest.mark.parametrize("index", [True, False])
def test_the_numbers_that_pandas_gives_to_columns_are_no_titles(tmp_path: Path, index: bool) -> None:
    rows = [f"{place}," * index + line for place, line in enumerate(lines())]
    assert read(tmp_path, "\n".join(["," * index + "0,1,2,3,4,5", *rows]) + "\n") == ()


def test_a_row_that_is_too_short_is_no_line_above_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    path.write_text(text([f"{line},note" for line in lines()]))
    with pytest.raises(FileFormatError, match="row 1: the line has 7 columns, not 6"):
        read_kline_file(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"# a\n# b\n", "nothing but comments"),
        (b"\n" * 70_000 + b"1,2\n", "begins with blank lines alone"),
        ("Größe,".encode("latin-1") + ROWS.encode(), "is not UTF-8 text: save it as such, for example with iconv"),
    ],
)
def test_a_file_without_a_top_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem):
        read(tmp_path, content)
