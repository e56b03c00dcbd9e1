"""Which column holds what: by titles, by the index of pandas, by the number of a column."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from adapters import read_kline_file
from adapters.files import read_feature_file
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.kline_text import KLINES, lines
from tests.support.klines import START_MS, assert_same

NAMES = ["open", "high", "low", "close", "volume"]
TIMES = pd.to_datetime(KLINES.open_ms, unit="ms", utc=True)
FRAME = pd.DataFrame({name.title(): getattr(KLINES, name) for name in NAMES}, index=TIMES)
WITH_TIME = FRAME.reset_index(names="Date")


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.rename_axis("Date"),
        FRAME.reset_index(),  # the index is a column "index"
        WITH_TIME,
        WITH_TIME.iloc[1:],  # the index is a column of numbers
        WITH_TIME.assign(Date=KLINES.open_ms).set_axis(range(6), axis=1),
    ],
    ids=["no name", "named", "reset", "range", "numbers", "no titles"],
)
@pytest.mark.parametrize("kind", ["csv", "csv without index", "parquet", "feather"])
def test_frames_of_pandas_are_read_as_they_are_written(tmp_path: Path, frame: pd.DataFrame, kind: str) -> None:
    path = tmp_path / "frame"
    has_times = "Date" in frame or "index" in frame or 0 in frame
    if not has_times and kind not in ("csv", "parquet"):
        pytest.skip("the times would not be written")
    if kind == "csv":
        frame.to_csv(path)
    elif kind == "csv without index":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.rename(columns=str).to_parquet(path)
    else:
        frame.rename(columns=str).reset_index(drop=True).to_feather(path)
    assert_same(read_kline_file(path, "1m").klines, KLINES.slice(len(KLINES) - len(frame), len(KLINES)))


def test_an_index_counts_only_where_no_other_column_tells_the_times(write: Write) -> None:
    rows = [
        f"{place},{ms + 59_999},{line.partition(',')[2]}"
        for place, (ms, line) in enumerate(zip(KLINES.open_ms.tolist(), lines(), strict=True))
    ]
    assert_same(read_kline_file(write(",close_time,open,high,low,close,volume", *rows)).klines, KLINES)


def test_an_index_is_no_feature(write: Write) -> None:
    path = write("Unnamed: 0,time,mood", f"0,{START_MS},1", f"1,{START_MS + 1},2")
    assert [each.feature for each in read_feature_file(path, "mood").features] == ["mood"]


OWN = {"time": "3", "open": "4", "high": "5", "low": "6", "close": "7", "volume": "8"}


@pytest.mark.parametrize("header", ["a,b,c,d,e,f,g,h,i,j", None])
def test_columns_are_chosen_by_their_numbers(write: Write, header: str | None) -> None:
    rows = [f"BTC,x,{line},9,9" for line in lines()]
    path = write(header, *rows) if header else write(*rows)
    with pytest.raises(FileFormatError, match="--column time=" if header is None else "--column open=TITLE"):
        read_kline_file(path)
    assert_same(read_kline_file(path, columns=OWN).klines, KLINES)
    assert_same(read_kline_file(path, columns=OWN, where={"1": "BTC"}).klines, KLINES)


def test_one_column_of_several_may_be_chosen_by_its_number(write: Write) -> None:
    rows = [f"{line},{2 * float(line.rpartition(',')[2])!r}" for line in lines()]
    volume = read_kline_file(write(*rows), columns={"volume": "7"}).klines.volume
    assert volume.tolist() == (2 * KLINES.volume).tolist()


@pytest.mark.parametrize("title", ["0", "7", "Vol"])
def test_a_number_that_there_is_no_column_of_is_refused(write: Write, title: str) -> None:
    with pytest.raises(FileFormatError, match=f"column {title}: .* give its number, from 1 to 6"):
        read_kline_file(write(*lines()), columns={"volume": title})


@pytest.mark.parametrize(
    "header",
    [
        "startTime,openPrice,highPrice,lowPrice,closePrice,volume",
        "start_at,open,high,low,close,volume",
        "ts,o,h,l,c,vol",
        "time_period_start,price_open,price_high,price_low,price_close,volume_traded",
        "Unix Timestamp,Open,High,Low,Close,Volume",
        "MTS,OPEN,HIGH,LOW,CLOSE,VOLUME",
        "time,open,high,low,close,volumefrom",
        "start,o,h,l,c,v",
    ],
)
def test_titles_of_venues_are_known(write: Write, header: str) -> None:
    file = read_kline_file(write(header, *lines()))
    assert_same(file.klines, KLINES)
    assert file.remarks == ()


def test_a_number_comes_before_a_text_where_both_tell_the_time(write: Write) -> None:
    rows = [f"somewhen,{line}" for line in lines()]
    assert_same(read_kline_file(write("date,unix,open,high,low,close,volume", *rows)).klines, KLINES)


def test_one_of_several_columns_of_one_title_is_taken_by_its_number(write: Write) -> None:
    path = write(
        "time,open,high,low,close,volume,volume", *(f"{START_MS + n * 60_000},3,4,2,3,{n},9" for n in range(3))
    )
    with pytest.raises(FileFormatError, match=r"several columns of this title; .* as --column volume=6"):
        read_kline_file(path)
    assert read_kline_file(path, columns={"volume": "6"}).klines.volume.tolist() == [0, 1, 2]
    assert read_kline_file(path, columns={"volume": "7"}).klines.volume.tolist() == [9, 9, 9]
