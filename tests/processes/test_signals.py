"""What a run says about its pools: symbols that are not run, values that were not there, periods without klines."""

from __future__ import annotations

from typing import Any

import pytest

from engine import (
    BacktestConfig,
    BacktestResult,
    ConfigurationError,
    MarketHistory,
    SymbolHistory,
)
from engine.market import aggregate
from processes import PoolSource, ProgramBacktestEngine
from tests.support.klines import START_MS, random_klines
from tests.support.signal_markets import START, history_of, pool_of, random_market

CVD = {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"}


class Quiet:
    def should_trade(self, data: Any) -> None:
        return None


def run(market: MarketHistory, pools: list[Any], start: int, **more: Any) -> BacktestResult:
    config = BacktestConfig(
        strategy=Quiet, symbols=["BTC"], start_time=start, end_time=start + 3_600_000, scheduled_interval="5m", **more
    )
    return ProgramBacktestEngine(market, [PoolSource(pool) for pool in pools]).run(config)


def test_a_pool_that_has_no_data_says_so() -> None:
    market = MarketHistory.from_klines({"BTC": random_klines(120)})
    result = run(market, [pool_of([CVD])], START_MS)
    assert (
        "signal pool 7 ('pool'): undefined for BTC at 100 % of the times it was judged, for want of data"
        in result.warnings
    )


def test_a_foreign_symbol_of_a_pool_is_a_warning_and_not_a_trigger() -> None:
    history = history_of(random_market(2))
    result = run(MarketHistory([history]), [pool_of([CVD], symbols=("ETH", "BTC"))], START)
    assert "signal pool 7 ('pool'): ETH ignored, not a configured symbol" in result.warnings
    only_eth = run(MarketHistory([history]), [pool_of([CVD], symbols=("ETH",))], START)
    assert only_eth.signal_triggers == 0


def test_a_window_without_klines_names_pool_and_period() -> None:
    base = aggregate(random_klines(600), 300_000)
    market = MarketHistory([SymbolHistory("BTC", base)])
    minutes = pool_of([{"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"}])
    with pytest.raises(ConfigurationError, match=r"signal pool 7 \('pool'\): BTC has no 1m klines"):
        run(market, [minutes], START_MS, base_period="5m")
