"""Using everything once before the jail closes: afterwards nothing can be imported or read any more."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import (
    BacktestConfig,
    BookRows,
    FlowHistory,
    HistoricalDataProvider,
    KlineColumns,
    MarketHistory,
    Simulation,
    SourceExecutor,
    SymbolHistory,
    TimedValues,
    TradeRows,
)
from processes import start_standard_processes

_MINUTE, _START = 60_000, 1_704_067_200_000
_COUNT = 600
_PROGRAM = """
class WarmUp:
    def init(self, params):
        self.names = "MA5 EMA20 RSI14 MACD BOLL ATR14 STOCH VWAP OBV".split()
        self.metrics = "CVD TAKER OI OI_DELTA FUNDING DEPTH IMBALANCE PRICE_CHANGE VOLATILITY".split()

    def should_trade(self, data):
        for name in self.names:
            dict(data.get_indicator("X", name, "5m"))
        for metric in self.metrics:
            data.get_flow("X", metric, "5m")
        list(data.get_klines("X", "15m", 20))
        data.get_market_data("X"), data.get_price_change("X", "5m"), data.get_regime("X", "5m"), data.get_price("Y")
        log(f"{math.pi:.2f} {data.total_equity:,}", time.strftime("%Y-%m-%d", time.gmtime()), statistics.mean([1, 2]))
        log(data.positions, data.open_orders, data.recent_trades, data.triggered_signals, "\\u00e9\\n")
        if data.positions:
            return Decision("close", "X", reason="warm")
        return Decision("buy", "X", target_portion_of_balance=0.5, take_profit_price=1e9, stop_loss_price=1.0)
"""

_CONFIG: dict[str, Any] = {
    "code": _PROGRAM,
    "symbols": ["X"],
    "start_time": _START + 300 * _MINUTE,
    "end_time": _START + 320 * _MINUTE,
    "scheduled_interval": 90,
}
#: What loads something of its own: rule books are files, random numbers a module that numpy imports when it is used.
_VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {
        "venue": "hyperliquid",
        "latency_model": "lognormal",
        "order_latency_ms": 500,
        "slippage_model": "volume_share",
        "slippage_impact_percent": 0.1,
        "volume_cap_percent": 50.0,
        "max_daily_loss_usd": 1e6,
    },
    {
        "venue": "binance_um",
        "latency_model": "time_of_day",
        "latency_by_hour_ms": [100] * 24,
        "slippage_model": "spread",
        "margin_mode": "isolated",
        "watch_period": "15s",
        "bracket_execution": "limit",
        "execution_price": "vwap",
    },
)


def warm_up() -> None:
    """Run a small back-test with every query, and fail in a few ways."""
    import unicodedata

    from . import jailed_worker as worker

    assert worker is not None
    unicodedata.name("A")
    market = _market()
    for variant in _VARIANTS:
        executor = SourceExecutor(_PROGRAM, {})
        sim = Simulation(market, BacktestConfig(**_CONFIG, **variant), record_queries=True)
        start_standard_processes(sim, executor)
        sim.run()
        assert not sim.strategy_errors, sim.trigger_log[0].error
    for wrong in ("class A(:", "é = '{}'.format(1)", "x = " + "(" * 300):
        try:
            SourceExecutor(wrong, {})
        except Exception as error:
            str(error)
    HistoricalDataProvider(market).get_current_prices(["X"])


def _market() -> MarketHistory:
    times = _START + _MINUTE * np.arange(_COUNT, dtype=np.int64)
    price = 100.0 + np.sin(np.arange(_COUNT) / 10.0)
    rows = _START + 15_000 * np.arange(4 * _COUNT, dtype=np.int64)
    ones = np.ones(4 * _COUNT)
    wave = 100.0 + np.sin(np.arange(4 * _COUNT) / 40.0)
    flow = FlowHistory(
        TradeRows(rows, ones, ones, ones * 100.0, ones * 90.0, wave, wave + 0.1, wave - 0.1),
        BookRows(rows, ones, ones, ones),
        *(TimedValues(rows, wave) for _ in range(4)),
    )
    columns = KlineColumns(_MINUTE, times, price, price + 0.2, price - 0.2, price, np.ones(_COUNT))
    return MarketHistory([SymbolHistory("X", columns, (), flow)])
