"""What a program would have seen at an instant: every query's answer, for people who debug a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import HistoricalDataProvider, MarketHistory
from engine.market.flow import FLOW_METRICS

#: The indicators that are shown, in the contract's order.
INDICATORS = "RSI14 RSI7 MA5 MA10 MA20 EMA20 EMA50 EMA100 MACD BOLL ATR14 VWAP STOCH OBV".split()
LAST_KLINES = 3


def look(market: MarketHistory, symbol: str, at_ms: int, periods: Sequence[str]) -> dict[str, Any]:
    """Return plain values: `t`, `symbol`, `price`, `market`, and for each period flow, indicator, regime, change and
    the last three klines. What cannot be answered has the contract's empty answer.
    """
    provider = HistoricalDataProvider(market)
    provider.set_current_time(at_ms)
    entry: dict[str, Any] = {
        "t": at_ms,
        "symbol": symbol,
        "price": provider.get_price(symbol),
        "market": provider.get_market_data(symbol),
    }
    for period in periods:
        entry[period] = _period_entry(provider, symbol, period)
    return entry


def _period_entry(provider: HistoricalDataProvider, symbol: str, period: str) -> dict[str, Any]:
    indicators = {name: provider.get_indicator(symbol, name, period) for name in INDICATORS}
    return {
        "flow": {metric: provider.get_flow(symbol, metric, period) for metric in FLOW_METRICS},
        "indicator": {
            name: {key: values[key] for key in values if key != "series"} for name, values in indicators.items()
        },
        "regime": provider.get_regime(symbol, period).to_dict(),
        "change": provider.get_price_change(symbol, period),
        "klines": [kline._asdict() for kline in provider.get_klines(symbol, period, LAST_KLINES)],
    }
