"""The series of stored results: every minute comes back, on either database, and goes with its result."""

from __future__ import annotations

import numpy as np
import pytest

from adapters import Database, create_database
from adapters.database import backtest_series
from adapters.results import ResultStore, delete_results
from adapters.series import BALANCE, EQUITY, FUNDING, MINUTES, NOTIONAL, RECORDED, stored_series_of
from engine import (
    BacktestConfig,
    DataError,
    Decision,
    FlowHistory,
    MarketData,
    MarketHistory,
    SymbolHistory,
    TimedValues,
)
from processes import ProgramBacktestEngine
from tests.support.databases import Raw
from tests.support.klines import START_MS, random_klines

MINUTE = 60_000


class Records:
    def should_trade(self, data: MarketData) -> Decision:
        data.record("price", data.get_price("BTC"))
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=0.5, leverage=1)


CONFIG = BacktestConfig(
    strategy=Records,
    symbols=["BTC"],
    start_time=START_MS + 10 * MINUTE,
    end_time=START_MS + 2_500 * MINUTE,
    scheduled_interval=60,
)


def test_every_minute_comes_back_and_goes_with_its_result(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    raw.execute("drop table backtest_series")  # as of a version that had none
    assert stored_series_of(any_database, 1, MINUTES) == {}
    times = START_MS + MINUTE * np.arange(1, 2_600, 60)
    flow = FlowHistory(funding_rate=TimedValues(times, np.full(len(times), 1e-4)))
    engine, seen = ProgramBacktestEngine(MarketHistory([SymbolHistory("BTC", random_klines(2_520), flow=flow)])), []
    result = engine.run(CONFIG, prepare=seen.append)
    with ResultStore(any_database).saving(CONFIG) as saved:
        saved.watch(seen[0])
        saved.complete(result)
    found = stored_series_of(any_database, saved.run_id, (*MINUTES, FUNDING + "BTC", RECORDED + "price"))
    for name, values in ((EQUITY, result.equity.equity), (BALANCE, result.equity.balance)):
        assert found[name].timestamp_ms.tolist() == result.equity.timestamp_ms.tolist()
        assert np.abs(found[name].value - values).max() < 1e-3
    assert np.abs(found[NOTIONAL].value - result.equity.notional).max() < 1e-3
    assert found[NOTIONAL].value.max() > 1_000
    assert found[FUNDING + "BTC"].value.sum() == pytest.approx(result.funding_received, abs=1e-6)
    recorded = result.records["price"]
    assert len(recorded) == len(found[RECORDED + "price"].value) > 2_000
    assert found[RECORDED + "price"].value == pytest.approx(recorded.value, rel=1e-7)
    broken = backtest_series.c.name == EQUITY
    with any_database.writing() as connection:
        connection.execute(backtest_series.update().where(broken).values(packed=b"nothing"))
    with pytest.raises(DataError, match=f"the series 'equity' of result {saved.run_id} is damaged"):
        stored_series_of(any_database, saved.run_id, MINUTES)
    delete_results(any_database, [saved.run_id])
    assert raw.execute("select count(*) from backtest_series") == [(0,)]
