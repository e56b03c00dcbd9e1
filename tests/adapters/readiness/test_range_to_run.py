"""Which range can be run, with the warm-up of what the program names before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import Database, create_database, open_database, synthetic_klines, write_klines
from adapters.readiness import readiness, usable_range
from engine import BacktestConfig
from engine.periods import DAY_MS, MINUTE_MS

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z


@pytest.fixture
def market(tmp_path: Path) -> Database:
    database = open_database(tmp_path / "market.db", create=True)
    create_database(database)
    for symbol, start in (("BTC", START), ("ETH", START + DAY_MS)):
        write_klines(database, "okx", symbol, "1m", synthetic_klines(symbol, start, 10 * 1_440, seed=1))
    return database


@pytest.mark.parametrize(
    ("code", "told", "warm_up"),
    [
        ("", "", 0),
        ("data.get_klines(s, '5m')", "", 0),
        ("get_indicator(s, 'RSI14', \"15m\"), get_klines(s, '1m')", "RSI14 on 15m needs 15 klines", 225 * MINUTE_MS),
        ("get_indicator(s, 'EMA20', '1d')", "EMA20 on 1d needs 20 klines", 0),  # more than there is
    ],
)
def test_it_begins_where_the_check_has_no_remark_on_the_start(
    market: Database, code: str, told: str, warm_up: int
) -> None:
    found = usable_range(market, "okx", ["BTC"], "1m", code)
    assert found is not None
    assert (found.first_ms, found.last_ms, found.needs) == (START, START + 10 * DAY_MS, told)
    assert found.start_ms - START == warm_up
    said = {"exchange": "okx", "symbols": ["BTC"], "end_time": found.last_ms, "code": code}
    for start, is_told in ((found.start_ms, not warm_up and told != ""), (found.start_ms - MINUTE_MS, told != "")):
        config = BacktestConfig.from_dict({**said, "start_time": start})
        assert any("or later" in each.message for each in readiness(market, config)) == is_told


def test_it_is_what_all_symbols_have(market: Database) -> None:
    found = usable_range(market, "okx", ["BTC", "ETH"], "1m")
    assert found is not None
    assert (found.first_ms, found.last_ms) == (START + DAY_MS, START + 10 * DAY_MS)
    assert usable_range(market, "okx", ["BTC", "GONE"], "1m") is None
    assert usable_range(market, "okx", [], "1m") is None
    assert usable_range(market, "okx", ["BTC"], "1h") is None
