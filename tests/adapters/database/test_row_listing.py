from __future__ import annotations

import numpy as np

from adapters import TableRows, open_database, write_rows
from adapters.database import count_values, market_asset_metrics, perp_funding, read_row_times, stored_names
from tests.support.klines import START_MS


def test_rows_are_listed_by_their_names(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    assert stored_names(database, perp_funding) == []
    times = START_MS + np.arange(3, dtype=np.int64) * 1000
    for exchange, symbol in (("okx", "ETH"), ("binance", "SOL"), ("okx", "BTC")):
        rows = TableRows(perp_funding, times, {"funding_rate": np.full(3, 0.0001)})
        write_rows(database, exchange, symbol, [rows])
    assert stored_names(database, perp_funding) == [("binance", "SOL"), ("okx", "BTC"), ("okx", "ETH")]
    assert stored_names(database, perp_funding, ("exchange",)) == [("binance",), ("okx",)]
    assert read_row_times(database, perp_funding, exchange="okx", symbol="BTC").tolist() == times.tolist()
    assert read_row_times(database, perp_funding, exchange="okx", symbol="XRP").tolist() == []


def test_values_are_counted_where_there_are_some(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    values = {"open_interest": np.array([1.0, np.nan, 3.0]), "mark_price": np.full(3, np.nan)}
    write_rows(database, "x", "BTC", [TableRows(market_asset_metrics, START_MS + np.arange(3, dtype=np.int64), values)])
    counts = count_values(database, market_asset_metrics, ("open_interest", "mark_price"), exchange="x", symbol="BTC")
    assert counts == {"open_interest": 2, "mark_price": 0}
