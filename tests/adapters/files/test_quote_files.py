"""Files of quotes: snapshots on the grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters import read_flow_file, read_quote_files
from adapters.files.quote_files import MAX_QUOTE_AGE_MS, Quotes, sample_quotes
from engine.errors import FileFormatError
from tests.support.klines import START_MS

Write = Callable[..., Path]


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


def test_the_real_quotes_agree_with_the_real_flow_rows(shared_data: Path) -> None:
    """A given row holds the last quote before the end of its 15 seconds."""
    for name in ("binance_um_BTCUSDT", "binance_um_ETHUSDT", "binance_cm_BTCUSD_PERP"):
        (file,) = read_quote_files([shared_data / "flow" / f"{name}_bbo_20240808.parquet"])
        flow = read_flow_file(shared_data / "flow" / f"{name}_flow15s_20240808.parquet", stamped_at_start=True).rows[1]
        _, ours, theirs = np.intersect1d(file.rows[0].times_ms, flow.times_ms, return_indices=True)
        assert len(ours) == len(file.rows[0]) >= 22
        for column in ("best_bid", "best_ask", "spread"):
            np.testing.assert_array_equal(file.rows[0].columns[column][ours], flow.columns[column][theirs])
