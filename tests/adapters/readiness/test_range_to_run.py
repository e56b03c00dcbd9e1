"""Which range can be run, with the warm-up of what the program names before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import Database, create_database, open_database, synthetic_klines, write_klines
from adapters.readiness import usable_range
from engine.periods import DAY_MS, HOUR_MS

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z


@pytest.fixture
def market(tmp_path: Path) -> Database:
    database = open_database(tmp_path / "market.db", create=True)
    create_database(database)
    for symbol, start in (("BTC", START), ("ETH", START + DAY_MS)):
        write_klines(database, "okx", symbol, "1m", synthetic_klines(symbol, start, 10 * 1_440, seed=1))
    return database


@pytest.mark.parametrize(
    ("code", "period", "warm_up"),
    [
        ("", "", 0),
        ("data.get_klines(s, '5m')", "5m", 42 * HOUR_MS),  # 500 klines, up to the hour
        ("get_indicator(s, 'RSI14', \"15m\"), get_klines(s, '1m')", "15m", 5 * DAY_MS),
        ("'1d'", "1d", 5 * DAY_MS),
    ],
)
def test_the_warm_up_is_a_window_of_the_longest_period_or_half_of_what_there_is(
    market: Database, code: str, period: str, warm_up: int
) -> None:
    found = usable_range(market, "okx", ["BTC"], "1m", code)
    assert found is not None
    assert (found.first_ms, found.last_ms, found.period) == (START, START + 10 * DAY_MS, period)
    assert found.start_ms - START == warm_up


def test_it_is_what_all_symbols_have(market: Database) -> None:
    found = usable_range(market, "okx", ["BTC", "ETH"], "1m")
    assert found is not None
    assert (found.first_ms, found.last_ms) == (START + DAY_MS, START + 10 * DAY_MS)
    assert usable_range(market, "okx", ["BTC", "GONE"], "1m") is None
    assert usable_range(market, "okx", [], "1m") is None
    assert usable_range(market, "okx", ["BTC"], "1h") is None
