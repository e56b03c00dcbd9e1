"""What is stored, series by series, and where it has holes."""

from __future__ import annotations

from adapters import Database, write_klines
from adapters.database import TableRows, perp_funding, write_rows
from adapters.inspection import DataHole, holes_of, stored_data
from engine import KlineColumns
from tests.support.klines import START_MS, random_klines

import numpy as np  # isort: skip

MINUTE, HOUR = 60_000, 3_600_000


def test_series_and_their_holes(any_database: Database) -> None:
    whole = random_klines(100)
    keep = np.r_[0:10, 20:100]
    names = ("open_ms", "open", "high", "low", "close", "volume")
    klines = KlineColumns(MINUTE, *(getattr(whole, name)[keep] for name in names))
    write_klines(any_database, "binance", "BTC", "1m", klines)
    times = START_MS + 8 * HOUR * np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 18], np.int64)
    rates = {"funding_rate": np.full(len(times), 1e-4)}
    write_rows(any_database, "binance", "BTC", [TableRows(perp_funding, times, rates)])
    first, second = stored_data(any_database)
    assert (first.kind, first.period, first.rows, first.missing) == ("klines", "1m", 90, 10)
    assert (first.first_ms, first.last_ms) == (START_MS, START_MS + 99 * MINUTE)
    assert first.written is not None
    assert (second.kind, second.rows, second.missing) == ("funding", 16, None)
    (hole,) = holes_of(any_database, "klines", "binance", "BTC", "1m", None, 10).holes
    assert hole == DataHole(START_MS + 10 * MINUTE, START_MS + 20 * MINUTE, 10)
    found = holes_of(any_database, "funding", "binance", "BTC", None, None, 10)
    assert (found.count, found.missing) == (1, 3)
    assert found.holes == (DataHole(int(times[8]), int(times[9]), 3),)


def test_what_is_not_there_has_no_holes(any_database: Database) -> None:
    assert stored_data(any_database) == []
    assert holes_of(any_database, "flow", "binance", "BTC", None, None, 10).count == 0
    assert holes_of(any_database, "mark", "binance", "BTC", None, None, 10).count == 0


def test_of_many_holes_the_longest_are_told(any_database: Database) -> None:
    whole = random_klines(60)
    keep = np.array([0, 2, 4, 8, 9, 20, *range(22, 60)])
    names = ("open_ms", "open", "high", "low", "close", "volume")
    write_klines(any_database, "a", "B", "1m", KlineColumns(MINUTE, *(getattr(whole, name)[keep] for name in names)))
    found = holes_of(any_database, "klines", "a", "B", "1m", None, 2)
    assert (found.count, [each.missing for each in found.holes]) == (5, [3, 10])
