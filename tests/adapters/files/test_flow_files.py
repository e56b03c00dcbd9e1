from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters import read_flow_file, read_funding_file, read_mark_file, read_quote_files
from adapters.files.quote_files import MAX_QUOTE_AGE_MS, Quotes, sample_quotes
from engine.errors import FileFormatError
from tests.adapters.files.test_kline_files import lines, text
from tests.support.klines import START_MS, random_klines

Write = Callable[..., Path]
FLOW = "timestamp,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(header: str, *rows: str, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return write


def test_flow_rows_are_stamped_as_the_user_says(write: Write) -> None:
    path = write(FLOW, f"{START_MS},2,1,202,99", f"{START_MS + 30_000},0,0,0,0")
    end = read_flow_file(path, stamped_at_start=False)
    start = read_flow_file(path, stamped_at_start=True)
    assert (end.rows[0].times_ms - START_MS).tolist() == [0, 30_000]
    assert (start.rows[0].times_ms - START_MS).tolist() == [15_000, 45_000]
    np.testing.assert_array_equal(end.rows[0].columns["vwap"], [301 / 3, np.nan])
    assert (end.count, end.time_unit, len(end.rows)) == (2, "epoch milliseconds", 1)
    assert end.remarks == ("the file has no numbers of trades by side; those of new rows are stored as 0",)


def test_flow_columns_go_to_the_tables_that_have_them(write: Write) -> None:
    header = f"{FLOW},taker_buy_count,taker_sell_count,high,low,vwap,mark_price,open_interest,bid,ask,bid_depth_5"
    path = write(header, f"{START_MS},2,1,202,99,5,6,102,98,100,101.5,7000,100.1,100.3,12")
    trades, metrics, book = read_flow_file(path, stamped_at_start=False).rows
    assert trades.table.name == "market_trades_aggregated"
    assert trades.columns["taker_sell_count"].tolist() == [6]
    assert trades.columns["taker_sell_count"].dtype == np.int64
    assert {name: column.tolist() for name, column in metrics.columns.items()} == {
        "mark_price": [101.5],
        "open_interest": [7000],
    }
    assert {name: column.tolist() for name, column in book.columns.items()} == {
        "best_bid": [100.1],
        "best_ask": [100.3],
        "spread": [0.2],
        "bid_depth_5": [12],
    }


@pytest.mark.parametrize(
    ("header", "row", "column", "problem"),
    [
        (FLOW, f"{START_MS + 15_001},1,1,1,1", "timestamp", "is not on the 15-second grid"),
        (FLOW, f"{START_MS},1,1,1,1", "timestamp", "is there twice"),
        (FLOW, f"{START_MS + 15_000},-1,1,1,1", "taker_buy_volume", "-1.0 is negative"),
        (FLOW, f"{START_MS + 15_000},,1,1,1", "taker_buy_volume", "the value is missing"),
    ],
)
def test_a_bad_flow_row_is_an_error(write: Write, header: str, row: str, column: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem) as caught:
        read_flow_file(write(header, f"{START_MS},1,1,1,1", row), stamped_at_start=False)
    assert (caught.value.row, caught.value.column) == (2, column)


@pytest.mark.parametrize(
    ("extra", "cells", "problem"),
    [
        ("high,low", "1,2", "column high: 1.0 is below the low 2.0"),
        ("bid,ask", "3,2", "column ask: 2.0 is below the bid 3.0"),
        ("taker_buy_count", "1.5", "column taker_buy_count: 1.5 is not a whole number"),
        ("taker_buy_count", "", "column taker_buy_count: the value is missing"),
        (
            "high,low",
            "99,98",
            "notional by volume is 100, not between the low 98 and the high 99; volumes are in coins",
        ),
        ("mark_price", "-1", "column mark_price: -1.0 is negative"),
    ],
)
def test_columns_that_contradict_each_other_are_errors(write: Write, extra: str, cells: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem):
        read_flow_file(write(f"{FLOW},{extra}", f"{START_MS},1,1,100,100,{cells}"), stamped_at_start=False)


def test_funding_times_are_kept_to_the_millisecond(write: Write) -> None:
    path = write("time,fundingRate,markPrice", f"{START_MS + 48},0.0001,42000", f"{START_MS + 3_600_388},-0.0002,")
    (rows,) = read_funding_file(path).rows
    assert (rows.times_ms - START_MS).tolist() == [48, 3_600_388]
    assert rows.columns["funding_rate"].tolist() == [0.0001, -0.0002]
    np.testing.assert_array_equal(rows.columns["mark_price"], [42000, np.nan])
    bare = read_funding_file(write("calc_time,funding_interval_hours,last_funding_rate", f"{START_MS},8,0.0001"))
    assert list(bare.rows[0].columns) == ["funding_rate"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"{START_MS + 1},1.5,1", "column funding_rate: 1.5 is no fraction of the notional"),
        (f"{START_MS + 1},,1", "column funding_rate: the value is missing"),
        (f"{START_MS + 1},0.1,0", "column mark_price: 0.0 is not a positive price"),
        (f"{START_MS - 1},0.1,1", "rows must be in order of time"),
        (f"{START_MS},0.1,1", "is there twice; rows of one of several series are chosen by a column"),
    ],
)
def test_a_bad_funding_rate_is_an_error(write: Write, row: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem) as caught:
        read_funding_file(write("time,funding_rate,mark_price", f"{START_MS},0.0001,1", row))
    assert caught.value.row == 2


def test_a_snapshot_is_the_last_quote_at_or_before_the_instant(write: Write) -> None:
    times = [-1, 0, 0, 14_999, 15_001, 45_000]
    rows = [f"{START_MS + time},{100 + n},{100.5 + n}" for n, time in enumerate(times)]
    (file,) = read_quote_files([write("time,bid,ask", *rows)])
    (rows_found,) = file.rows
    assert (rows_found.times_ms - START_MS).tolist() == [0, 15_000, 30_000, 45_000]
    assert rows_found.columns["best_bid"].tolist() == [102, 103, 104, 105]
    assert rows_found.columns["spread"].tolist() == [0.5] * 4
    assert "stored as 0" in file.remarks[0]


def test_an_old_quote_is_no_snapshot() -> None:
    times = START_MS + np.array([0, MAX_QUOTE_AGE_MS + 60_000])
    rows = sample_quotes(Quotes(times, np.ones(2), np.ones(2)))
    assert (rows.times_ms - START_MS).tolist() == [0, 15_000, 30_000, 45_000, 60_000, 120_000]


def test_quotes_of_several_files_are_one_stream(write: Write) -> None:
    one = write("time,bid,ask", f"{START_MS + 1},1,2", name="a.csv")
    two = write("time,bid,ask", f"{START_MS + 15_001},3,4", f"{START_MS + 30_000},5,6", name="b.csv")
    found = [
        (rows.times_ms - START_MS, rows.columns["best_bid"]) for f in read_quote_files([one, two]) for rows in f.rows
    ]
    assert [(times.tolist(), bids.tolist()) for times, bids in found] == [([], []), ([15_000, 30_000], [1, 5])]
    with pytest.raises(FileFormatError, match="name files in order of time"):
        list(read_quote_files([two, one]))


def test_a_bid_above_the_ask_is_an_error(write: Write) -> None:
    with pytest.raises(FileFormatError, match=r"row 1, column ask: 99.0 is below the bid 100.0"):
        list(read_quote_files([write("time,bid,ask", f"{START_MS},100,99")]))


def test_mark_prices_are_known_at_the_close(tmp_path: Path) -> None:
    klines = random_klines(5)
    header = "open_time,open,high,low,close"
    (tmp_path / "mark.csv").write_text(text([line.rsplit(",", 1)[0] for line in lines(klines)], header))
    (rows,) = read_mark_file(tmp_path / "mark.csv").rows
    assert (rows.times_ms - klines.open_ms).tolist() == [60_000] * 5
    np.testing.assert_array_equal(rows.columns["mark_price"], klines.close)


def test_mark_prices_far_apart_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mark.csv").write_text(text(lines(random_klines(5, period="1h"))))
    with pytest.raises(FileFormatError, match="these are 1h klines; a mark price counts for a minute"):
        read_mark_file(tmp_path / "mark.csv")


def test_the_real_quotes_agree_with_the_real_flow_rows(shared_data: Path) -> None:
    """A given row holds the last quote before the end of its 15 seconds."""
    for name in ("binance_um_BTCUSDT", "binance_um_ETHUSDT", "binance_cm_BTCUSD_PERP"):
        (file,) = read_quote_files([shared_data / "flow" / f"{name}_bbo_20240808.parquet"])
        flow = read_flow_file(shared_data / "flow" / f"{name}_flow15s_20240808.parquet", stamped_at_start=True).rows[1]
        _, ours, theirs = np.intersect1d(file.rows[0].times_ms, flow.times_ms, return_indices=True)
        assert len(ours) == len(file.rows[0]) >= 22
        for column in ("best_bid", "best_ask", "spread"):
            np.testing.assert_array_equal(file.rows[0].columns[column][ours], flow.columns[column][theirs])


def test_every_real_file_of_funding_rates_is_read(shared_data: Path) -> None:
    paths = sorted(shared_data.glob("*_funding_[0-9]*h*.parquet"))
    assert len(paths) >= 11
    for path in paths:
        (rows,) = read_funding_file(path).rows
        assert np.abs(rows.columns["funding_rate"]).max() < 0.05
        late_ms = (rows.times_ms + 60_000) % 3_600_000 - 60_000
        if "hyperliquid" in path.name:
            # four payments of two years came minutes late, one of them 24
            assert (np.count_nonzero(late_ms > 60_000), late_ms.max()) == (4, 1_433_040)
        else:
            assert -10 < late_ms.min() <= late_ms.max() < 10


def test_one_series_of_a_real_file_of_many_is_chosen(shared_data: Path) -> None:
    path = shared_data / "multi_exchange_spot_perp_funding_2023_2024.parquet"
    with pytest.raises(FileFormatError, match="--where"):
        read_funding_file(path)
    one = read_funding_file(path, {"exchange": "binance", "pair": "BTCUSDT"})
    assert one.count == 1642
    single = read_funding_file(shared_data / "binance_um_BTCUSDT_funding_8h_2019_2026.parquet")
    _, ours, theirs = np.intersect1d(one.rows[0].times_ms, single.rows[0].times_ms, return_indices=True)
    np.testing.assert_allclose(
        one.rows[0].columns["funding_rate"][ours], single.rows[0].columns["funding_rate"][theirs], atol=1e-8
    )
