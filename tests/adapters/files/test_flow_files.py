"""Files of flow rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters import read_flow_file
from engine.errors import FileFormatError
from tests.support.klines import START_MS

Write = Callable[..., Path]

FLOW = "timestamp,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional"


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
        (FLOW, f"{START_MS},1,1,1,2", "timestamp", "is there twice"),
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
