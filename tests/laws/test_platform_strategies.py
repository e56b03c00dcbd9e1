"""Strategies as people write them for the live platform, unchanged, as source text on stored pools and flow."""

from __future__ import annotations

from typing import Any

import pytest

from engine import (
    BacktestConfig,
    BacktestResult,
    ConfigurationError,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    parse_condition,
)
from processes import PoolSource, ProgramBacktestEngine, trusted_executor

pytestmark = pytest.mark.xdist_group("reference market")

START = 1_748_736_000_000
HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture(scope="module")
def run(reference_market: MarketHistory, reference_signals: Any) -> Any:
    def back_test(code: str, pools: Any = (1,), days: int = 4, **more: Any) -> BacktestResult:
        stored = {pool.pool_id: pool for pool in reference_signals[1]}
        sources = [PoolSource(stored[pool] if isinstance(pool, int) else pool) for pool in pools]
        config = BacktestConfig(
            code=code,
            **{"symbols": ["BTC"], "start_time": START, "end_time": START + days * DAY, "language": "platform", **more},
        )
        result = ProgramBacktestEngine(reference_market, sources, executor_for=trusted_executor).run(config)
        assert result.success, result.error
        assert not any(entry["error"] for entry in result.trigger_log)
        return result

    return back_test


def entries(result: BacktestResult) -> list[dict[str, Any]]:
    return [entry for entry in result.trigger_log if entry["trigger_type"] == "signal"]


SCHEDULED_EXITS = '''
class PoolEntryScheduledExit:
    """Enters on the pool, manages the position on the schedule."""

    def init(self, params):
        self.symbol = params.get("symbol", "BTC")
        self.take = params.get("take", 0.6)
        self.stop = params.get("stop", 0.4)

    def should_trade(self, data):
        position = data.positions.get(self.symbol)
        if data.trigger_type == "signal":
            if position or data.trigger_symbol != self.symbol:
                return Decision(operation="hold", symbol=self.symbol, reason="busy")
            names = [s["signal_name"] for s in data.triggered_signals]
            push = 0
            for s in data.triggered_signals:
                if s["metric"] == "cvd":
                    push += 1 if s["current_value"] > 0 else -1
                elif s["metric"] == "taker_volume":
                    push += 1 if s["direction"] == "buy" else -1
            if push == 0:
                return Decision(operation="hold", symbol=self.symbol, reason="no direction")
            price = data.get_price(self.symbol)
            log(f"{data.signal_pool_name} {data.pool_logic}: {names} at {price:.2f}")
            return Decision(
                operation="buy" if push > 0 else "sell", symbol=self.symbol, target_portion_of_balance=0.3, leverage=3,
                max_price=price * 1.002 if push > 0 else None, min_price=price * 0.998 if push < 0 else None,
                time_in_force="Ioc", reason="+".join(names), trading_strategy="pool entry",
            )
        if position:
            change = (data.get_price(self.symbol) / position.entry_price - 1) * 100
            if position.side == "short":
                change = -change
            if change >= self.take or change <= -self.stop:
                return Decision(operation="close", symbol=self.symbol, target_portion_of_balance=1.0,
                                reason="target" if change > 0 else "stop")
        return Decision(operation="hold", symbol=self.symbol)
'''


def test_a_pool_opens_and_the_schedule_closes(run: Any, expected: Any) -> None:
    result = run(SCHEDULED_EXITS, scheduled_interval="5m", params={"take": 0.5})
    fired = {t["timestamp"] for t in expected["pools"]["pool1_BTC"]["triggers"]}
    assert result.total_trades > 5
    for trade in result.trades:
        assert (trade.trigger_type, trade.exit_trigger_type, trade.exit_reason) == ("signal", "scheduled", "decision")
        assert trade.timestamp in fired
        assert trade.exit_timestamp % 300_000 == 0
        assert (trade.pool_name, trade.exit_pool_name) == ("OR pool", "")
        assert trade.exit_decision_reason in ("target", "stop")
        assert trade.reason == "+".join(trade.triggered_signals)
    assert result.signal_triggers == sum(START <= time <= START + 4 * DAY for time in fired)
    assert result.scheduled_triggers == 4 * 288
    logs = [line for entry in entries(result) for line in entry["logs"]]
    assert logs
    assert all(line.startswith("OR pool OR: ['") for line in logs)


MULTI_TIMEFRAME = '''
class MultiTimeframe:
    """Trades with the hour's trend when minutes give the signal."""

    def should_trade(self, data):
        if data.trigger_type != "signal":
            return None
        symbol = data.trigger_symbol
        windows = sorted(set(s["time_window"] for s in data.triggered_signals))
        fast, slow = data.get_indicator(symbol, "EMA20", "1h"), data.get_indicator(symbol, "EMA50", "1h")
        macd = data.get_indicator(symbol, "MACD", "15m")
        rsi = data.get_indicator(symbol, "RSI14", "5m")
        if not fast or not slow or not macd or not rsi:
            return None
        up = fast["value"] > slow["value"]
        closes = [k.close for k in data.get_klines(symbol, "4h", 6)]
        trend = closes[-1] - closes[0]
        wanted = "buy" if up and macd["histogram"] > 0 and rsi["value"] < 75 and trend > 0 else None
        wanted = "sell" if not up and macd["histogram"] < 0 and rsi["value"] > 25 and trend < 0 else wanted
        held = data.positions.get(symbol)
        if wanted is None or (held and held.side == ("long" if wanted == "buy" else "short")):
            return None
        price = data.get_price(symbol)
        away = 2 * data.get_indicator(symbol, "ATR14", "1h")["value"]
        sign = 1 if wanted == "buy" else -1
        return Decision(operation=wanted, symbol=symbol, target_portion_of_balance=0.25, leverage=2,
                        take_profit_price=price + 1.5 * sign * away, stop_loss_price=price - sign * away,
                        reason="/".join(windows))
'''


def test_signals_of_several_timeframes_in_one_pool(run: Any) -> None:
    conditions = (
        {"metric": "cvd", "operator": "abs_gt", "threshold": 1_200_000, "time_window": "5m"},
        {"metric": "oi_delta_percent", "operator": ">", "threshold": 0.05, "time_window": "15m"},
        {"metric": "indicator:RSI14", "operator": ">", "threshold": 40, "time_window": "1h"},
    )
    signals = tuple(SignalDefinition(i, f"s{i}", parse_condition(c)) for i, c in enumerate(conditions))
    result = run(MULTI_TIMEFRAME, [SignalPool(9, "three frames", signals, (), "and")], days=8)
    assert result.total_trades > 2
    assert {trade.reason for trade in result.trades} == {"15m/1h/5m"}
    assert {trade.exit_reason for trade in result.trades} <= {"tp", "sl", "decision"}
    for entry in entries(result):
        assert [s["signal_id"] for s in entry["triggered_signals"]] == [0, 1, 2]
        assert all(s["condition_met"] and s["value"] == s["current_value"] for s in entry["triggered_signals"])


REGIME_FILTER = '''
class RegimeFilter:
    """Trades only in regimes with a direction, sized by confidence."""

    ALLOWED = ("breakout", "continuation")

    def should_trade(self, data):
        regime = data.trigger_market_regime
        if data.trigger_type == "scheduled":
            assert regime is None
            if "BTC" in data.positions and data.get_regime("BTC", "15m").regime in ("exhaustion", "trap", "stop_hunt"):
                return Decision(operation="close", symbol="BTC", target_portion_of_balance=0.5, reason="regime over")
            return None
        symbol = data.trigger_symbol
        if regime.regime not in self.ALLOWED or regime.direction == "neutral" or symbol in data.positions:
            return None
        flow = data.get_flow(symbol, "TAKER", "5m")
        log(f"{regime.regime} {regime.direction} {regime.conf} {regime.indicators['cvd_ratio']} {flow['ratio']:.3f}")
        operation = "buy" if regime.direction == "bullish" else "sell"
        price = data.get_price(symbol)
        sign = 1 if operation == "buy" else -1
        return Decision(operation=operation, symbol=symbol, leverage=2,
                        target_portion_of_balance=max(0.1, min(1.0, round(regime.conf, 1))),
                        take_profit_price=price * (1 + 0.01 * sign), stop_loss_price=price * (1 - 0.006 * sign),
                        reason=regime.regime)
'''


def test_regimes_filter_entries_and_end_positions(run: Any, reference_market: MarketHistory) -> None:
    result = run(REGIME_FILTER, days=6, scheduled_interval="15m")
    assert result.total_trades > 3
    assert {trade.reason for trade in result.trades} <= {"breakout", "continuation"}
    bought = [entry for entry in entries(result) if entry["logs"]]
    assert bought
    for entry in bought:
        told = entry["logs"][0].split()
        assert told[0] in ("breakout", "continuation")
        assert told[1] in ("bullish", "bearish")
        # with more taken on one side than on the other, the flow's share has that side's sign
        assert (float(told[3]) > 0) == (float(told[4]) > 1)


TIME_EXIT = '''
class TimeExit:
    """Leaves after a while by opened_at, cools down by recent_trades."""

    HOLD_MINUTES = 90
    COOL_DOWN_SECONDS = 3600

    def should_trade(self, data):
        now_ms = int(time.time() * 1000)
        for symbol, position in data.positions.items():
            age = (now_ms - position.opened_at) / 60000
            if abs(age * 60 - position.holding_duration_seconds) > 1:
                raise ValueError("the clocks differ")
            if age >= self.HOLD_MINUTES:
                log(f"{position.opened_at_str} {position.holding_duration_str}")
                return Decision(operation="close", symbol=symbol, reason="time exit")
        if data.trigger_type != "signal" or data.positions:
            return Decision(operation="hold", symbol="BTC")
        last = data.recent_trades[0] if data.recent_trades else None
        if last is not None and now_ms - last.timestamp < self.COOL_DOWN_SECONDS * 1000:
            return Decision(operation="hold", symbol="BTC", reason="cooling down")
        return Decision(operation="buy", symbol=data.trigger_symbol, target_portion_of_balance=0.2, leverage=1)
'''


def test_positions_end_by_their_age_and_cool_down(run: Any, expected: Any) -> None:
    result = run(TIME_EXIT, scheduled_interval=600)
    fired = [t["timestamp"] for t in expected["pools"]["pool1_BTC"]["triggers"] if t["timestamp"] <= START + 4 * DAY]
    wakes = sorted({*fired, *range(START + 600_000, START + 4 * DAY + 1, 600_000)})
    told, opened, free_from = [], None, 0
    for (
        at
    ) in wakes:  # the same story by hand: a signal opens, the first wake after 90 minutes closes, then an hour's rest
        if opened is not None and at - opened >= 90 * 60_000:
            told.append((opened, at))
            opened, free_from = None, at + HOUR
        elif opened is None and at in fired and at >= free_from:
            opened = at
    assert [(trade.timestamp, trade.exit_timestamp) for trade in result.trades] == told
    assert len(told) > 10
    logs = [line for entry in result.trigger_log for line in entry["logs"]]
    assert len(logs) == len(told)
    assert all(" UTC 1h 3" in line or " UTC 1h 4" in line for line in logs)


def test_a_fresh_object_at_every_trigger_has_no_memory(run: Any) -> None:
    code = """
class Counts:
    def __init__(self):
        self.count = 0
    def should_trade(self, data):
        self.count += 1
        log(str(self.count))
"""
    kept, fresh = (run(code, days=1, strategy_lifetime=lifetime) for lifetime in ("run", "trigger"))
    assert [entry["logs"] for entry in kept.trigger_log[:3]] == [["1"], ["2"], ["3"]]
    assert {tuple(entry["logs"]) for entry in fresh.trigger_log} == {("1",)}


def test_two_pools_at_one_instant_are_two_triggers_in_pool_order(run: Any, expected: Any) -> None:
    code = "class Quiet:\n    def should_trade(self, data):\n        return None\n"
    result = run(code, [2, 1], days=10)
    pools = expected["pools"]
    both = {t["timestamp"] for t in pools["pool1_BTC"]["triggers"]} & {
        t["timestamp"] for t in pools["pool2_BTC"]["triggers"]
    }
    order: dict[int, list[int]] = {}
    for entry in result.trigger_log:
        order.setdefault(entry["timestamp"], []).append(entry["pool_id"])
    assert both
    assert all(order[time] == [2, 1] for time in both)


def test_pools_over_two_symbols_fire_for_each_by_itself(run: Any, expected: Any) -> None:
    code = """
class Both:
    def should_trade(self, data):
        assert data.trigger_symbol in ("BTC", "ETH")
        log(data.trigger_symbol)
"""
    result = run(code, [1], days=10, symbols=["ETH", "BTC"])
    ours = [entry["timestamp"] for entry in result.trigger_log if entry["symbol"] == "BTC"]
    assert ours == [t["timestamp"] for t in expected["pools"]["pool1_BTC"]["triggers"]]
    assert all(entry["logs"] == [entry["symbol"]] for entry in result.trigger_log)
    times = [(entry["timestamp"], ["ETH", "BTC"].index(entry["symbol"])) for entry in result.trigger_log]
    assert times == sorted(times)


def test_source_without_loaded_pools_is_refused(reference_market: MarketHistory) -> None:
    code = "class Quiet:\n    def should_trade(self, data):\n        return None\n"
    config = BacktestConfig(code=code, symbols=["BTC"], signal_pool_ids=[1], start_time=START, end_time=START + DAY)
    with pytest.raises(ConfigurationError, match="the pools were not loaded"):
        ProgramBacktestEngine(reference_market, executor_for=trusted_executor).run(config)
