from __future__ import annotations

import numpy as np
import pytest

from adapters import TableRows, open_database, write_rows
from adapters.database import FeatureRows, market_asset_metrics, market_trades_aggregated, perp_funding, write_features
from adapters.inspection import RowHole, RowInspection, inspect_times, row_inspections
from engine import TimedValues
from tests.support.klines import START_MS

HOUR = 3_600_000
ROW = 15_000


def look(*offsets: int, table: str = "flow", step: int = ROW) -> RowInspection:
    return inspect_times(table, "x", "BTC", START_MS + step * np.array(offsets, np.int64))


def test_holes_are_counted_between_rows() -> None:
    found = look(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 30, 31, 32, 33, 34, 35)
    assert (found.rows, found.step_ms, found.gaps, found.missing) == (19, ROW, 2, 2 + 15)
    assert found.longest_gap == RowHole(15, START_MS + 14 * ROW, START_MS + 30 * ROW)
    assert (found.first_ms, found.last_ms) == (START_MS, START_MS + 35 * ROW)


def test_an_interval_that_changes_is_no_hole() -> None:
    """Funding every 8 hours, later every hour, with one hour missing."""
    eights, hours = [8 * n for n in range(12)], [88 + n for n in range(1, 30) if n != 15]
    found = look(*eights, *hours, table="funding", step=HOUR)
    assert (found.gaps, found.missing) == (1, 1)
    assert found.longest_gap == RowHole(1, START_MS + 102 * HOUR, START_MS + 104 * HOUR)


def test_jitter_is_no_hole_and_doubles_and_rows_off_the_grid_are_found() -> None:
    jitter = inspect_times("funding", "x", "BTC", START_MS + np.array([0, HOUR + 23, 2 * HOUR + 5, 3 * HOUR + 90]))
    assert (jitter.gaps, jitter.off_grid) == (0, 0)
    found = inspect_times("flow", "x", "BTC", START_MS + np.array([0, ROW, ROW, 2 * ROW + 7]))
    assert (found.rows, found.duplicates, found.off_grid) == (4, 1, 1)
    single = look(3)
    assert (single.rows, single.step_ms, single.longest_gap) == (1, 0, None)


@pytest.fixture
def url(any_database_url: str) -> str:
    database = open_database(any_database_url, create=True)
    hours = START_MS + HOUR * np.arange(5, dtype=np.int64)
    rates = np.array([0.0001, 0.02, -0.0001, 0.0, 0.0001])
    write_rows(database, "okx", "BTC", [TableRows(perp_funding, hours, {"funding_rate": rates})])
    metrics = {"open_interest": np.array([1.0, np.nan, 3.0, 4.0, 5.0])}
    write_rows(database, "okx", "ETH", [TableRows(market_asset_metrics, hours, metrics)])
    names = [column.name for column in market_trades_aggregated.columns if "taker" in column.name]
    empty = {name: np.zeros(2, np.int64 if "count" in name else np.float64) for name in names}
    write_rows(database, "binance", "BTC", [TableRows(market_trades_aggregated, hours[:2], empty)])
    write_features(database, "okx", [FeatureRows("*", "mood", TimedValues(hours, np.ones(5)))])
    return any_database_url


def test_every_table_is_listed_with_its_findings(url: str) -> None:
    database = open_database(url, read_only=True)
    found = [inspect() for inspect in row_inspections(database)]
    assert [(one.table, one.exchange, one.symbol, one.rows, one.findings) for one in found] == [
        ("funding", "okx", "BTC", 5, {"rates beyond 1 %": 1}),
        ("flow", "binance", "BTC", 2, {}),
        ("metrics", "okx", "ETH", 5, {"with open_interest": 4}),
        ("features", "okx", "*", 5, {}),
    ]
    assert "feature" not in found[0].to_dict()
    assert found[3].to_dict()["feature"] == "mood"


def test_features_of_all_symbols_are_among_those_of_each(url: str) -> None:
    database = open_database(url, read_only=True)
    of_eth = [inspect() for inspect in row_inspections(database, symbol="ETH")]
    assert [(one.table, one.symbol) for one in of_eth] == [("metrics", "ETH"), ("features", "*")]
    assert [inspect().table for inspect in row_inspections(database, exchange="binance")] == ["flow"]
