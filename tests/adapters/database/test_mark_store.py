from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters import Database, StoredSeries, open_database, write_klines, write_rows
from adapters.database import mark_kline_rows, read_mark_rows, stored_mark_series
from engine import DataError
from tests.support.klines import START_MS, random_klines

LAST_MS = START_MS + 180_000


def test_stored_mark_klines_are_listed_and_read_back_bit_for_bit(any_database: Database) -> None:
    klines = random_klines(4)
    for exchange, symbol in (("Okx", "ETH"), ("okx", "BTC"), ("binance", "SOL")):
        write_rows(any_database, exchange, symbol, mark_kline_rows(klines))
    series = stored_mark_series(any_database)
    assert series == [
        StoredSeries(exchange, symbol, "1m", 4, START_MS, LAST_MS)
        for exchange, symbol in (("binance", "SOL"), ("okx", "BTC"), ("okx", "ETH"))
    ]
    rows = read_mark_rows(any_database, series[0])
    np.testing.assert_array_equal(rows.open_ms, klines.open_ms)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(rows, name), getattr(klines, name), strict=True)
    assert rows.volume.tolist() == [0.0] * 4


def test_a_database_without_the_table_has_none_and_gets_none_by_looking(tmp_path: Path) -> None:
    write_klines(open_database(tmp_path / "market.db", create=True), "okx", "BTC", "1m", random_klines(4))
    before = (tmp_path / "market.db").read_bytes()
    assert stored_mark_series(open_database(tmp_path / "market.db", read_only=True)) == []
    assert (tmp_path / "market.db").read_bytes() == before


def test_only_minutes_of_a_mark_price_are_stored() -> None:
    with pytest.raises(DataError, match="only 1m klines of a mark price can be stored"):
        mark_kline_rows(random_klines(4, period="5m"))
