"""What the databases cost: run ``python -m pytest tests/benchmarks``. Prints, and never fails by time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from adapters import (
    ColumnCache,
    Database,
    TableRows,
    create_database,
    load_flow,
    load_klines,
    open_database,
    write_klines,
    write_rows,
)
from adapters.database import (
    FLOW_COLUMNS,
    flow_statement,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    series_statement,
)
from tests.support.klines import START_MS, random_klines

YEAR = 525_600
FLOW_ROWS = 90 * 86_400 // 15
SERIES = ("x", "BTC", "1m")
RUNS = 3


@contextmanager
def printed(capfd: pytest.CaptureFixture[str], what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with capfd.disabled():
        print(f"    {what:<52} {wall:8.3f} s wall {cpu:8.3f} s client CPU")


def best(capfd: pytest.CaptureFixture[str], what: str, work: Callable[[], Any]) -> None:
    """Print the best of a few runs."""
    times = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (min(each) for each in zip(*times, strict=True))
    with capfd.disabled():
        print(f"    {what:<52} {wall:8.3f} s wall {cpu:8.3f} s client CPU")


@pytest.fixture
def filled(any_database: Database, capfd: pytest.CaptureFixture[str]) -> Database:
    klines = random_klines(YEAR)
    with capfd.disabled():
        print(f"\n{any_database.name.partition(':')[0]}")
    with printed(capfd, f"import of {YEAR:,} klines"):
        write_klines(any_database, *SERIES, klines)
    with printed(capfd, "the same again, nothing changes"):
        write_klines(any_database, *SERIES, klines)
    return any_database


def test_klines(filled: Database, capfd: pytest.CaptureFixture[str]) -> None:
    best(capfd, "a symbol-year of 1m klines", lambda: load_klines(filled, *SERIES, cache=False))
    load_klines(filled, *SERIES)
    best(capfd, "the same from the cache, with its validity check", lambda: load_klines(filled, *SERIES))
    statement = series_statement(*SERIES)
    fingerprint = filled.fingerprint(statement)
    assert fingerprint is not None
    key = {"database": filled.identity, "table": "crypto_klines", "exchange": "x", "symbol": "BTC", "period": "1m"}
    best(capfd, "of that: the columns alone", lambda: ColumnCache().load(key, fingerprint))
    best(capfd, "of that: validity at once (state of the server)", lambda: filled.quick_fingerprint(statement))
    best(capfd, "else: validity for sure", lambda: filled.fingerprint(statement))


def test_flow(any_database: Database, capfd: pytest.CaptureFixture[str]) -> None:
    create_database(any_database)
    times = START_MS + 15_000 * np.arange(1, FLOW_ROWS + 1, dtype=np.int64)
    random = np.random.default_rng(3)
    parts = [
        TableRows(table, times, {name: random.random(FLOW_ROWS) * 1e5 for name in FLOW_COLUMNS[table.name]})
        for table in (market_trades_aggregated, market_asset_metrics, market_orderbook_snapshots)
    ]
    parts[0].columns["taker_sell_count"] = random.integers(1, 99, FLOW_ROWS)  # counted
    with capfd.disabled():
        print(f"\n{any_database.name.partition(':')[0]}")
    with printed(capfd, f"import of 3 x {FLOW_ROWS:,} flow rows"):
        write_rows(any_database, "x", "BTC", parts)
    span = (START_MS, START_MS + 90 * 86_400_000)
    best(capfd, "90 days of 15-second rows", lambda: load_flow(any_database, "x", "BTC", *span, cache=False))
    load_flow(any_database, "x", "BTC", *span)
    best(capfd, "the same from the cache, with its validity check", lambda: load_flow(any_database, "x", "BTC", *span))
    statement = flow_statement(market_trades_aggregated.name, "x", "BTC")
    best(capfd, "validity of one of the tables for sure", lambda: any_database.fingerprint(statement))


@pytest.fixture
def any_database(any_database_url: str) -> Database:
    return open_database(any_database_url, create=True)
