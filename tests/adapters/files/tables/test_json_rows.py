"""Rows in JSON, in the shapes that programs and venues write."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions
from engine.errors import FileFormatError
from tests.support.kline_text import KLINES
from tests.support.klines import assert_same


def value(row: list[str]) -> str:
    """The turnover of a kline."""
    return str(float(row[5]) * float(row[4]))


NAMES = ("open", "high", "low", "close", "volume")
LISTS: list[list[Any]] = [
    list(row) for row in zip(KLINES.open_ms.tolist(), *(getattr(KLINES, name).tolist() for name in NAMES), strict=True)
]
TEXTS = [[str(cell) for cell in row] for row in LISTS]
OBJECTS = [dict(zip(("timestamp", *NAMES), row, strict=True)) for row in LISTS]
LETTERS = [
    {
        "t": t,
        "T": t + 59_999,
        "s": "BTC",
        "i": "1m",
        "o": str(o),
        "c": str(c),
        "h": str(h),
        "l": str(low),
        "v": str(v),
        "n": 3,
    }
    for t, o, h, low, c, v in LISTS
]
FRAME = pd.DataFrame(
    [row[1:] for row in LISTS], columns=["Open", "High", "Low", "Close", "Volume"],
    index=pd.to_datetime([row[0] for row in LISTS], unit="ms", utc=True),
)  # fmt: skip
LINES = "\n".join(map(json.dumps, OBJECTS))


def read(tmp_path: Path, content: str | bytes, **options: Any) -> Any:
    path = tmp_path / "klines.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_kline_file(path, options=ReadOptions(**options))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(LISTS),
        json.dumps(LISTS, indent=2),
        json.dumps(TEXTS),
        json.dumps(OBJECTS),
        "\ufeff" + json.dumps(OBJECTS, indent=1),
        json.dumps(LETTERS),
        LINES,
        LINES.replace("\n", "\r\n\r\n") + "\n",
        "\n".join(map(json.dumps, LISTS)) + "\n",
        json.dumps(
            {"retCode": 0, "result": {"category": "linear", "list": [[*row, value(row)] for row in TEXTS]}, "time": 1}
        ),
        json.dumps(
            {"code": "0", "data": [[*row[:5], str(100 * float(row[5])), row[5], value(row), "1"] for row in TEXTS]}
        ),
        json.dumps({"error": [], "result": {"XXBTZUSD": [[*row[:5], row[4], row[5], 7] for row in TEXTS], "last": 1}}),
        json.dumps({"s": "ok", **{title: [row[place] for row in LISTS] for place, title in enumerate("tohlcv")}}),
        *(
            FRAME.to_json(orient=orient, date_format="iso", double_precision=15)
            for orient in ("columns", "index", "split")
        ),
        FRAME.to_json(orient="table", double_precision=15),
        FRAME.reset_index(names="date").to_json(orient="records", lines=True, date_format="iso", double_precision=15),
    ],
    ids=lambda content: re.sub(r"\s+", " ", content[:30]),
)
def test_rows_are_found_in_every_shape(tmp_path: Path, content: str) -> None:
    for packed in (content.encode(), gzip.compress(content.encode())):
        klines = read(tmp_path, packed).klines
        assert klines.open_ms.tolist() == KLINES.open_ms.tolist()
        for name in NAMES:
            assert getattr(klines, name) == pytest.approx(getattr(KLINES, name), rel=1e-14)


def test_doubles_are_read_exactly_and_newest_first_is_said(tmp_path: Path) -> None:
    file = read(tmp_path, json.dumps(LISTS[::-1]))
    assert_same(file.klines, KLINES)
    assert file.remarks == ("the rows stand newest first; they are turned round",)


def test_what_an_object_has_not_is_missing(tmp_path: Path) -> None:
    some = [dict(row) for row in OBJECTS]
    del some[2]["close"]
    some[5]["volume"] = None
    with pytest.raises(FileFormatError, match="row 3, column close: the value is missing"):
        read(tmp_path, json.dumps(some))
    file = read(tmp_path, json.dumps(some), skip_bad_rows=2)
    assert file.klines.open_ms.tolist() == [row[0] for place, row in enumerate(LISTS) if place not in (2, 5)]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([*LISTS[:3], [1, 2], *LISTS[3:]], "row 4: the row is not a list of 6 values as row 1; --skip-bad-rows 1"),
        ([*OBJECTS[:2], "none", *OBJECTS[2:]], "row 3: the row is not an object as row 1; --skip-bad-rows 1"),
    ],
)
def test_a_row_of_another_shape_is_a_bad_row(tmp_path: Path, rows: list[Any], problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem):
        read(tmp_path, json.dumps(rows))
    file = read(tmp_path, json.dumps(rows), skip_bad_rows=1)
    assert_same(file.klines, KLINES)
    assert len(file.remarks) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps(LISTS)[:-9], "the text is no JSON, or it is cut off"),
        (LINES[:-9], "row 6: the text is no JSON, or it is cut off"),
        (json.dumps([1, 2, 3]), "holds no list of rows"),
        ("[]", "holds no list of rows"),
        (json.dumps({"a": LISTS, "b": {"c": LISTS}}), r"several lists of rows, a, b\.c: save one alone"),
        ("[" * 200_000, "nested too deep"),
        (json.dumps([[[1], 2, 3, 4, 5, 6]] * 3), "row 1, column "),
        (json.dumps([[1704067200000, [2], 3, 1, 2, 5], *LISTS[1:]]), r"row 1, column open: '\[2\]' is not a number"),
        ("[[" + "9" * 5_000 + "]]", "no JSON, or it is cut off"),
        (b'[["\xff"]]', "is not UTF-8 text"),
    ],
)
def test_what_holds_no_rows_is_refused(tmp_path: Path, content: str | bytes, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem) as refused:
        read(tmp_path, content)
    assert len(str(refused.value)) < 600


def test_one_file_of_json_in_an_archive_is_read_and_several_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "klines.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(LISTS))
    assert_same(read_kline_file(path).klines, KLINES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b.json", json.dumps(LISTS))
    with pytest.raises(
        FileFormatError, match=r"several files of JSON, a\.json, b\.json: unpack it and import them one"
    ):
        read_kline_file(path)


def test_more_json_than_memory_is_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPSIM_MOST_MEGABYTES", "4")
    with pytest.raises(
        FileFormatError, match=r"holds more than 1 MB of JSON: write it as CSV \(PERPSIM_MOST_MEGABYTES"
    ):
        read(tmp_path, json.dumps(LISTS * 4_000))


def test_lists_by_title_may_lie_deep_in_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    lists = {
        name: [row[place] for row in LISTS] for place, name in enumerate("time open high low close volume".split())
    }
    path.write_text(json.dumps({"jsonrpc": "2.0", "result": {"status": "ok", **lists}, "usIn": 1}))
    assert_same(read_kline_file(path).klines, KLINES)
