"""The factors that have no expression: the contract's indicators, and what is made of flow rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from ..market.flow import FlowHistory
from ..market.indicators import parse_indicator
from ..market.series import FloatColumn, KlineColumns, TimeColumn

#: Settled rates are told in millionths.
_MILLIONTHS = 1e6


@dataclass(frozen=True, slots=True)
class KlineFactor:
    """A factor of klines: `work` makes it of the klines up to an instant, the last of them may still be forming, NaN
    where it is unknown. `expression` is a label that stands in the place of one.
    """

    name: str
    expression: str
    category: str
    description: str
    work: Callable[[KlineColumns], float]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class FlowFactor:
    """A factor of the flow rows of one bar: `work` gets what was recorded, and the bar's first and last instant (epoch
    ms), of which the last is the instant that is asked about; NaN where there is no row.
    """

    name: str
    expression: str
    category: str
    description: str
    work: Callable[[FlowHistory, int, int], float]
    id: int | None = None


def _indicator(name: str, key: str = "value") -> Callable[[KlineColumns], float]:
    def last(klines: KlineColumns) -> float:
        indicator = parse_indicator(name)
        assert indicator is not None
        values = indicator.values(klines, len(klines))
        known = indicator.defined(values, len(klines))[key]
        return float(values[key][-1]) if known[-1] else nan

    return last


def _away_from(name: str) -> Callable[[KlineColumns], float]:
    average = _indicator(name)

    def away(klines: KlineColumns) -> float:
        close = float(klines.close[-1])
        return _over(close - average(klines), close)

    return away


def _over(part: float, whole: float) -> float:
    return part / whole if whole else nan


def _band(klines: KlineColumns) -> tuple[float, float, float]:
    upper, middle, lower = (_indicator("BOLL", key)(klines) for key in ("upper", "middle", "lower"))
    return upper, middle, lower


def _band_width(klines: KlineColumns) -> float:
    upper, middle, lower = _band(klines)
    return _over(upper - lower, middle)


def _band_position(klines: KlineColumns) -> float:
    upper, _, lower = _band(klines)
    return _over(float(klines.close[-1]) - lower, upper - lower)


def _fraction_gained(rows: int) -> Callable[[KlineColumns], float]:
    def gained(klines: KlineColumns) -> float:
        close = klines.close
        return nan if len(close) <= rows else _over(float(close[-1]) - float(close[-1 - rows]), float(close[-1 - rows]))

    return gained


#: How many klines the volume of the last one is compared with.
_VOLUMES_BEFORE = 20


def _volume_ratio(klines: KlineColumns) -> float:
    before = klines.volume[-1 - _VOLUMES_BEFORE : -1]
    return nan if len(before) < _VOLUMES_BEFORE else _over(float(klines.volume[-1]), float(before.mean()))


def _part(times: TimeColumn, first_ms: int, last_ms: int) -> slice:
    return slice(int(times.searchsorted(first_ms, "left")), int(times.searchsorted(last_ms, "right")))


def _sums(flow: FlowHistory, first_ms: int, last_ms: int) -> tuple[float, float]:
    """Return what takers bought and sold, USD; NaN without rows."""
    if flow.trades is None:
        return nan, nan
    part = _part(flow.trades.timestamp_ms, first_ms, last_ms)
    if part.start == part.stop:
        return nan, nan
    return float(flow.trades.buy_notional[part].sum()), float(flow.trades.sell_notional[part].sum())


def _cumulative_ratio(flow: FlowHistory, first_ms: int, last_ms: int) -> float:
    bought, sold = _sums(flow, first_ms, last_ms)
    return _over(bought - sold, bought + sold)


def _buy_ratio(flow: FlowHistory, first_ms: int, last_ms: int) -> float:
    bought, sold = _sums(flow, first_ms, last_ms)
    return _over(bought, bought + sold)


def _values(flow: FlowHistory, name: str, first_ms: int, last_ms: int) -> FloatColumn:
    latest = getattr(flow, name)
    if latest is None:
        return np.empty(0)
    values: FloatColumn = latest.rows.value[_part(latest.rows.timestamp_ms, first_ms, last_ms)]
    return values


def _interest_change(flow: FlowHistory, first_ms: int, last_ms: int) -> float:
    values = _values(flow, "open_interest", first_ms, last_ms)
    return 100.0 * _over(float(values[-1] - values[0]), float(values[0])) if len(values) else nan


def _mean_rate(flow: FlowHistory, first_ms: int, last_ms: int) -> float:
    values = _values(flow, "funding_rate", first_ms, last_ms)
    return float(values.mean()) * _MILLIONTHS if len(values) else nan


def _depth_ratio(flow: FlowHistory, first_ms: int, last_ms: int) -> float:
    if flow.book is None:
        return nan
    part = _part(flow.book.timestamp_ms, first_ms, last_ms)
    bid, ask = flow.book.bid_depth[part], flow.book.ask_depth[part]
    there = ask > 0.0
    return float((bid[there] / ask[there]).mean()) if there.any() else nan


def _klines() -> Iterator[KlineFactor]:
    of = KlineFactor
    yield of("RSI14", "RSI (14)", "momentum", "relative strength index", _indicator("RSI14"))
    yield of("RSI7", "RSI (7)", "momentum", "relative strength index", _indicator("RSI7"))
    yield of("STOCH_K", "Stochastic %K", "momentum", "stochastic, fast line", _indicator("STOCH", "k"))
    yield of("STOCH_D", "Stochastic %D", "momentum", "stochastic, slow line", _indicator("STOCH", "d"))
    yield of("ROC10", "ROC (10)", "momentum", "change over 10 klines, a fraction", _fraction_gained(10))
    yield of("ROC20", "ROC (20)", "momentum", "change over 20 klines, a fraction", _fraction_gained(20))
    yield of("EMA20", "EMA (20)", "trend", "(close - EMA 20) / close", _away_from("EMA20"))
    yield of("EMA50", "EMA (50)", "trend", "(close - EMA 50) / close", _away_from("EMA50"))
    yield of("SMA20", "SMA (20)", "trend", "(close - SMA 20) / close", _away_from("MA20"))
    yield of("MACD_HIST", "MACD Histogram", "trend", "MACD less its signal line, USD", _indicator("MACD", "histogram"))
    yield of("MACD_SIGNAL", "MACD Signal", "trend", "signal line of MACD, USD", _indicator("MACD", "signal"))
    yield of("ATR14", "ATR (14)", "volatility", "average true range, USD", _indicator("ATR14"))
    yield of("BOLL_WIDTH", "Bollinger Width", "volatility", "(upper - lower) / middle band", _band_width)
    yield of("BOLL_POSITION", "Bollinger %B", "volatility", "(close - lower) / (upper - lower band)", _band_position)
    yield of("OBV", "OBV", "volume", "on-balance volume of the klines given, coins", _indicator("OBV"))
    yield of("VWAP_DEV", "VWAP Deviation", "volume", "(close - VWAP of the day) / close", _away_from("VWAP"))
    yield of("VOLUME_SMA_RATIO", "Volume/SMA20 Ratio", "volume", "volume / mean of the 20 before it", _volume_ratio)


def _flows() -> Iterator[FlowFactor]:
    of, kind = FlowFactor, "microstructure"
    yield of("CVD_RATIO", "CVD Ratio", kind, "(taker buys - sells) / both, USD", _cumulative_ratio)
    yield of("OI_CHANGE_PCT", "OI Change %", kind, "change of open interest in percent", _interest_change)
    yield of("FUNDING_RATE", "Funding Rate", kind, "mean funding rate in millionths", _mean_rate)
    yield of("TAKER_BUY_RATIO", "Taker Buy Ratio", kind, "taker buys / buys and sells, USD", _buy_ratio)
    yield of("DEPTH_RATIO", "Depth Ratio", kind, "mean of bid / ask depth of five levels", _depth_ratio)


RegistryFactor = KlineFactor | FlowFactor


def _all() -> Iterator[RegistryFactor]:
    yield from _klines()
    yield from _flows()


#: The factors that have no expression, by name; they are found before all others.
REGISTRY_FACTORS: Mapping[str, RegistryFactor] = {each.name: each for each in _all()}
