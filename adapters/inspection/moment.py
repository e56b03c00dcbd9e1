"""What a program would have seen at an instant: every query's answer, for people who debug a strategy, as values and
as tables for the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from engine import HistoricalDataProvider, MarketHistory, utc_text
from engine.market.flow import FLOW_METRICS

#: The indicators that are shown, in the contract's order.
INDICATORS = "RSI14 RSI7 MA5 MA10 MA20 EMA20 EMA50 EMA100 MACD BOLL ATR14 VWAP STOCH OBV".split()
LAST_KLINES = 3
NOTHING = "-"


def look(market: MarketHistory, symbol: str, at_ms: int, periods: Sequence[str]) -> dict[str, Any]:
    """Return plain values: `t`, `symbol`, `price`, `market`, `features` where there are any, and for each period flow,
    indicator, regime, change and the last three klines. What cannot be answered has the contract's empty answer.
    """
    provider = HistoricalDataProvider(market)
    provider.set_current_time(at_ms)
    history = market.symbols.get(symbol)
    features = {} if history is None else {name: provider.get_feature(name, symbol) for name in history.feature_names}
    return {
        "t": at_ms,
        "symbol": symbol,
        "price": provider.get_price(symbol),
        "market": provider.get_market_data(symbol),
        **({"features": features} if features else {}),
        **{period: _period_entry(provider, symbol, period) for period in periods},
    }


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


def look_tables(entry: Mapping[str, Any]) -> RenderableType:
    """Return one table for the instant and one for each period that was looked at."""
    periods = [name for name, value in entry.items() if isinstance(value, dict) and "flow" in value]
    title = f"{entry['symbol']} as known at {utc_text(entry['t'])} ({entry['t']})"
    features = {f"feature {name}": answer.get("value", NOTHING) for name, answer in entry.get("features", {}).items()}
    known = {"price": entry["price"], **entry["market"], **features}
    return Group(
        _table(title, [(name, _text(value)) for name, value in known.items() if name != "symbol"]),
        *(_period_table(period, entry[period]) for period in periods),
    )


def _period_table(period: str, answers: Mapping[str, Any]) -> Table:
    rows = [
        *((f"flow {name}", _line(values)) for name, values in answers["flow"].items()),
        *((name, _line(values)) for name, values in answers["indicator"].items()),
        ("regime", _line(answers["regime"])),
        ("price change", _line(answers["change"])),
    ]
    for each in answers["klines"]:
        rows.append((f"kline {utc_text(each['timestamp'] * 1000)[:-7]}", _line(each, "timestamp")))
    return _table(f"Period {period}", rows)


def _table(title: str, rows: list[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.HORIZONTALS, show_header=False, min_width=72)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return table


def _line(values: Mapping[str, Any], skip: str = "period") -> str:
    return "  ".join(f"{name} {_text(value)}" for name, value in values.items() if name != skip) or NOTHING


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(each) for each in value) + "]"
    if isinstance(value, Mapping):
        return "{" + _line(value) + "}"
    return str(value)
