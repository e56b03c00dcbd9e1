"""Pools, signals and conditions of the live platform fire here as there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import ConfigurationError, SignalBacktestService
from tests.oracles.signal_oracle import macd_of
from tests.support.signal_markets import START, market_of, pool_of, random_market

pytestmark = pytest.mark.xdist_group("reference market")


def assert_reproduced(name: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]], shift: int = 0) -> None:
    assert [t["timestamp"] - shift for t in ours] == [t["timestamp"] for t in theirs], name
    for one, other in zip(ours, theirs, strict=True):
        assert_contains(f"{name} at {other['timestamp']}", one, {**other, "timestamp": other["timestamp"] + shift})


def assert_contains(where: str, ours: Any, theirs: Any) -> None:
    """Assert that all that the platform told is told here, to 1e-9."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            assert key in ours, f"{where}: {key} is missing"
            assert_contains(f"{where}: {key}", ours[key], value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_contains(f"{where}[{place}]", one, other)
    elif isinstance(theirs, float):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12), f"{where}: {ours} is not {theirs}"
    else:
        assert ours == theirs, where


REFERENCE_START, REFERENCE_END = START, START + 10 * 86_400_000


@pytest.fixture(scope="module")
def service(reference_market: Any, reference_signals: Any) -> SignalBacktestService:
    signals, pools = reference_signals
    return SignalBacktestService(reference_market, signals, pools)


@pytest.mark.parametrize("pool_id", [1, 2])
def test_pools_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, pool_id: int) -> None:
    theirs = expected["pools"][f"pool{pool_id}_BTC"]
    ours = service.backtest_pool(pool_id, "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"pool {pool_id}", ours["triggers"], theirs["triggers"])
    assert_contains(f"pool {pool_id}", {**ours, "triggers": []}, {**theirs, "triggers": []})


@pytest.mark.parametrize("signal_id", [1, 2, 3])
def test_signals_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, signal_id: int) -> None:
    theirs = expected["pools"][f"signal{signal_id}_BTC"]["triggers"]
    ours = service.backtest_signal(signal_id, "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"signal {signal_id}", ours["triggers"], theirs)


@pytest.mark.parametrize("name", ["imb", "pc", "tr"])
def test_conditions_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, name: str) -> None:
    entry = expected["conditions"][name]
    ours = service.backtest_condition(entry["condition"], "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"condition {name}", ours["triggers"], entry["triggers"])


def test_macd_events_come_one_period_later_than_on_the_platform(
    service: SignalBacktestService, reference_market: Any, expected: Any
) -> None:
    """The platform stamps them at the kline's open, which nobody could have known then. Its values come from another
    window than the contract's 500 klines (ever closer to them as the range goes on), so ours are judged by the window.
    """
    entry = expected["conditions"]["macd"]
    ours = service.backtest_condition(entry["condition"], "BTC", REFERENCE_START, REFERENCE_END).to_dict()["triggers"]
    assert [t["timestamp"] - 3_600_000 for t in ours] == [t["timestamp"] for t in entry["triggers"]]
    assert [t["triggered_event"] for t in ours] == [t["triggered_event"] for t in entry["triggers"]]
    assert_contains(
        "macd, last", ours[-1]["values"]["macd"], pytest.approx(entry["triggers"][-1]["values"]["macd"], 1e-7)
    )
    hours = reference_market.symbols["BTC"].series("1h").columns
    for trigger in ours:
        stop = int(np.searchsorted(hours.open_ms, trigger["timestamp"]))
        before, after = macd_of(hours.close[stop - 500 : stop].tolist())[-2:]
        assert before is not None
        assert after is not None
        slow = {"macd": after[0], "signal": after[1], "histogram": after[2], "prev_histogram": before[2]}
        assert_contains(f"macd at {trigger['timestamp']}", trigger["values"], slow)
        assert trigger["cross_strength"] == pytest.approx(abs(after[2] - before[2]), rel=1e-9)


def test_the_expected_file_is_covered_in_full(expected: Any) -> None:
    assert sorted(expected["pools"]) == ["pool1_BTC", "pool2_BTC", "signal1_BTC", "signal2_BTC", "signal3_BTC"]
    assert sorted(expected["conditions"]) == ["imb", "macd", "pc", "tr"]


GOOD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


def test_unknown_pools_signals_and_symbols_are_named() -> None:
    service = SignalBacktestService(market_of(random_market(1)), (), [pool_of([GOOD])])
    with pytest.raises(ConfigurationError, match=r"signal pool 9: there is no such pool \(there: 7\)"):
        service.backtest_pool(9, "BTC", START, START)
    with pytest.raises(ConfigurationError, match="signal 9: there is no such signal"):
        service.backtest_signal(9, "BTC", START, START)
    with pytest.raises(ConfigurationError, match="SOL is not in the market history"):
        service.backtest_pool(7, "SOL", START, START)


def test_a_preview_treats_a_signal_without_data_as_a_run_does() -> None:
    falls = {"metric": "indicator:RSI14", "operator": "<", "threshold": 45.0, "time_window": "1m"}
    slow = {"metric": "indicator:MA50", "operator": ">", "threshold": 1.0, "time_window": "15m"}
    market = random_market(3)
    span = "BTC", START, START + 3_600_000
    by_logic = {
        logic: SignalBacktestService(market_of(market), pools=[pool_of([falls, slow], logic)])
        for logic in ("OR", "AND")
    }
    found = by_logic["OR"].backtest_pool(7, *span)
    alone = SignalBacktestService(market_of(market)).backtest_condition(falls, *span)
    assert [each.timestamp for each in found.detection.triggers] == [
        each.timestamp for each in alone.detection.triggers
    ]
    (warning,) = found.detection.warnings
    assert warning.startswith("signal pool 7 ('pool'): signal 'signal 1' is left out for BTC: it needs 50 finished 15m")
    with pytest.raises(ConfigurationError, match=r"signal pool 7 .*: signal 'signal 1' has no value for BTC anywhere"):
        by_logic["AND"].backtest_pool(7, *span)


def test_a_pool_of_which_no_signal_has_data_never_fires_and_names_them_all() -> None:
    market = random_market(3)
    market.book, market.trades = [], []
    conditions = [
        {"metric": metric, "operator": ">", "threshold": 0.0} for metric in ("order_imbalance", "cvd", "volatility")
    ]
    pool = pool_of(conditions)
    service = SignalBacktestService(market_of(market), pools=[pool])
    detection = service.backtest_pool(7, "BTC", START, START + 3_600_000).detection
    assert ([*detection.triggers], detection.undefined_percent) == ([], 100.0)
    assert [text.rpartition(": ")[2] for text in detection.warnings] == [
        "order_imbalance needs order-book rows, and there are none in the range",
        "cvd needs 15-second rows, and there are none in the range",
        "volatility needs 15-second rows with high and low prices (klines are not enough), and there are none in the "
        "range",
    ]
