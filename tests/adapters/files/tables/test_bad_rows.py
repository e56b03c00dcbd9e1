"""Bad rows are refused, or as many as a user allows are left out, each listed with its row and its reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters import read_kline_file
from adapters.files import (
    ReadOptions,
    read_feature_file,
    read_flow_file,
    read_funding_file,
    read_quote_files,
    read_trade_files,
)
from engine import DataError
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import lines, text
from tests.support.klines import START_MS, random_klines

KLINES = random_klines(50)
LEFT = [
    "row 4, column close: 'x' is not a number: left out",
    "row 9: the line has 5 columns, not 6: left out",
    "row 20, column low: 0.0 is not a positive price: left out",
    "row 31, column high: 1.0 is below the low {low}: left out",
    "row 44, column timestamp_ms: 'soon' is no number as the other times are: left out",
]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    rows = [line.split(",") for line in lines(KLINES)]
    rows[3][4], rows[19][3], rows[30][2], rows[43][0] = "x", "0", "1", "soon"
    del rows[8][5]
    path = tmp_path / "klines.csv"
    path.write_text(text([",".join(cells) for cells in rows]))
    return path


@pytest.mark.parametrize("most", [5, 1_000])
def test_bad_rows_are_left_out_and_listed_in_their_order(bad: Path, most: int) -> None:
    file = read_kline_file(bad, options=ReadOptions(skip_bad_rows=most))
    assert file.klines.open_ms.tolist() == np.delete(KLINES.open_ms, [3, 8, 19, 30, 43]).tolist()
    assert [*file.remarks] == [each.format(low=KLINES.low[30]) for each in LEFT]


def test_more_bad_rows_than_are_allowed_are_refused_and_counted(bad: Path) -> None:
    with pytest.raises(FileFormatError, match=r"; [2-5] rows are bad, more than --skip-bad-rows 4 allows$"):
        read_kline_file(bad, options=ReadOptions(skip_bad_rows=4))
    with pytest.raises(FileFormatError, match=r"row 9: the line has 5 columns, not 6; --skip-bad-rows 1 leaves such a"):
        read_kline_file(bad)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("0,0,0,0,0", "column open: 0.0 is not a positive price"),
        ("100,99,98,98.5,1", "column open: 100.0 is above the high"),
    ],
)
def test_the_way_out_is_named_where_few_rows_are_bad(tmp_path: Path, cells: str, problem: str) -> None:
    rows = lines(KLINES)
    rows[6] = f"{KLINES.open_ms[6]},{cells}"
    (tmp_path / "klines.csv").write_text(text(rows))
    with pytest.raises(FileFormatError, match=f"row 7, {problem}; --skip-bad-rows 1 leaves such a row out"):
        read_kline_file(tmp_path / "klines.csv")
    (tmp_path / "klines.csv").write_text(text([line.partition(",")[0] + f",{cells}" for line in lines(KLINES)]))
    with pytest.raises(FileFormatError, match=rf"row 1, {problem} \(and 49 more rows like it\)$"):
        read_kline_file(tmp_path / "klines.csv")


def test_a_file_of_bad_rows_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "klines.csv").write_text(text([f"{ms},0,0,0,0,0" for ms in KLINES.open_ms]))
    with pytest.raises(FileFormatError, match="no row is left without those that are bad"):
        read_kline_file(tmp_path / "klines.csv", options=ReadOptions(skip_bad_rows=50))


def test_every_kind_of_file_leaves_bad_rows_out(write: Write) -> None:
    options = ReadOptions(skip_bad_rows=1)
    at = [START_MS + place * 15_000 for place in range(3)]
    funding = write("time,funding_rate", f"{at[0]},0.0001", f"{at[1]},x", f"{at[2]},0.0002")
    flow = write(
        "time,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional",
        *(f"{at[0]},1,1,1,1", f"{at[1]},-1,1,1,1", f"{at[2]},1,1,1,1"),
        name="flow.csv",
    )
    trades = write("time,price,size,side", f"{at[0]},1,1,buy", f"{at[1]},1,1,up", f"{at[2]},1,1,sell", name="t.csv")
    quotes = write("time,bid,ask", f"{at[0]},1,2", f"{at[1]},3,2", f"{at[2]},1,2", name="quotes.csv")
    feature = write("time,mood", f"{at[0]},1", f"{at[1]},good", f"{at[2]},2", name="mood.csv")
    read = [
        read_funding_file(funding, options=options),
        read_flow_file(flow, False, options=options),
        *read_trade_files([trades], options=options),
        *read_quote_files([quotes], options=options),
        read_feature_file(feature, "mood", options=options).file,
    ]
    assert [file.count for file in read] == [2] * 5
    for file in read:
        assert [remark for remark in file.remarks if remark.endswith(": left out")] == [
            remark for remark in file.remarks if remark.startswith("row 2, column ")
        ]
        assert any(remark.startswith("row 2, column ") for remark in file.remarks)


def test_fewer_than_no_bad_rows_are_no_choice() -> None:
    with pytest.raises(DataError, match="--skip-bad-rows -1 is below 0"):
        ReadOptions(skip_bad_rows=-1)
