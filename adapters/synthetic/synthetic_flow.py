"""Seeded order flow for a synthetic market: 15-second rows that the given 1m klines could have been made of.

Takers buy in a rising price and sell in a falling one, and lean to one side for minutes and hours; open interest,
funding and the order book drift along. As with the klines, the flow of a longer market begins with exactly that of the
shorter one, and each ingredient has a random stream of its own.
"""

from __future__ import annotations

import numpy as np

from engine import BookRows, ConfigurationError, FlowHistory, KlineColumns, TimedValues, TradeRows
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn
from engine.periods import MINUTE_MS

from .synthetic_market import Streams, random_streams

_ROWS = MINUTE_MS // ROW_MS
_PRICE_DECIMALS, _COIN_DECIMALS, _USD_DECIMALS, _RATE_DECIMALS = 6, 8, 6, 8  # what the platform's columns hold

_MINUTES_LEAN, _HOURS_LEAN = 20, 480  # rows over which takers lean to one side
_OPEN_INTEREST_USD = 5e8
_OPEN_INTEREST_STEP = 1.2e-4  # relative, each row
_FUNDING_RATE, _FUNDING_SPREAD = 1.25e-5, 8e-6
_DEPTH_USD = 2e7
_SPREAD = 1e-5  # of the price
_PREMIUM = 2e-4


def synthetic_flow_history(symbol: str, klines: KlineColumns, seed: int) -> FlowHistory:
    """Return trade rows, book snapshots, mark and oracle prices, open interest and funding rates for 1m klines.

    Four rows for each kline, at its close and the three quarters before: their extremes, last price and volume are the
    kline's. Every value has as few decimals as the platform's columns keep. Raises `ConfigurationError` for klines of
    another period.
    """
    if klines.period_ms != MINUTE_MS:
        raise ConfigurationError(["flow rows are made for 1m klines"])
    stream = random_streams(symbol, seed)
    rows = _ROWS * len(klines)
    times = (klines.open_ms[:, None] + ROW_MS * np.arange(1, _ROWS + 1, dtype=np.int64)).reshape(-1)
    path = _path(stream, klines)
    before, price = path[:, :-1].reshape(-1), path[:, 1:].reshape(-1)
    high, low = _extremes(klines, path)
    lean = _lean(stream, rows)
    trades = _trades(stream, klines, before, price, lean)
    drift = _drift(stream, "funding", rows, 960)
    premium = _PREMIUM * _drift(stream, "premium", rows, 240)
    return FlowHistory(
        TradeRows(times, *trades, np.round((before + price) / 2, _PRICE_DECIMALS), high, low),
        BookRows(times, *_book(stream, price, lean), np.round(price * _SPREAD, _PRICE_DECIMALS)),
        TimedValues(times, price),
        TimedValues(times, _open_interest(stream, klines, lean)),
        TimedValues(times, np.round(_FUNDING_RATE + _FUNDING_SPREAD * drift, _RATE_DECIMALS)),
        TimedValues(times, np.round(price * (1 - premium), _PRICE_DECIMALS)),
    )


def _path(stream: Streams, klines: KlineColumns) -> FloatColumn:
    """Return the price at the open, at each quarter and at the close of each kline, one kline a row."""
    share = np.linspace(0.0, 1.0, _ROWS + 1, dtype=np.float64)
    path = klines.open[:, None] + (klines.close - klines.open)[:, None] * share
    noise = stream("flow path").standard_normal((len(klines), _ROWS + 1))
    path = path + 0.3 * (klines.high - klines.low)[:, None] * noise * np.sqrt(share * (1 - share))
    inside = np.clip(path, klines.low[:, None], klines.high[:, None])
    path = np.asarray(np.round(inside, _PRICE_DECIMALS))
    path[:, 0], path[:, -1] = klines.open, klines.close
    return np.asarray(path)


def _extremes(klines: KlineColumns, path: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return high and low of each row; the row that comes nearest to the kline's extreme has it."""
    high, low = np.maximum(path[:, 1:], path[:, :-1]), np.minimum(path[:, 1:], path[:, :-1])
    each = np.arange(len(klines))
    high[each, high.argmax(axis=1)] = klines.high
    low[each, low.argmin(axis=1)] = klines.low
    return high.reshape(-1), low.reshape(-1)


def _trades(
    stream: Streams, klines: KlineColumns, before: FloatColumn, price: FloatColumn, lean: FloatColumn
) -> tuple[FloatColumn, FloatColumn, FloatColumn, FloatColumn]:
    """Return coins and USD that takers bought and sold in each row; the coins of a kline add up to its volume."""
    parts = stream("flow parts").gamma(2.0, size=(len(klines), _ROWS))
    volume = np.round(klines.volume[:, None] * parts / parts.sum(axis=1, keepdims=True), _COIN_DECIMALS)
    volume[:, -1] = np.maximum(np.round(klines.volume - volume[:, :-1].sum(axis=1), _COIN_DECIMALS), 0.0)
    total = volume.reshape(-1)
    noise = stream("flow share").standard_normal(len(total))
    pushed = np.tanh((price - before) / before / 4e-4)
    share = np.clip(0.5 + 0.09 * lean + 0.08 * pushed + 0.07 * noise, 0.02, 0.98)
    bought = np.round(total * share, _COIN_DECIMALS)
    sold = np.round(total - bought, _COIN_DECIMALS)
    mean = (before + price) / 2
    return bought, sold, np.round(bought * mean, _USD_DECIMALS), np.round(sold * mean, _USD_DECIMALS)


def _open_interest(stream: Streams, klines: KlineColumns, lean: FloatColumn) -> FloatColumn:
    """Return coins held: a random walk, with more opened where takers lean to one side."""
    steps = stream("open interest").standard_normal(len(lean))
    steps = _OPEN_INTEREST_STEP * (steps + 0.05 * (np.abs(lean) - 0.8))
    first = klines.open[:1]
    return np.asarray(np.round(_OPEN_INTEREST_USD / first * np.exp(np.cumsum(steps)), _COIN_DECIMALS))


def _book(stream: Streams, price: FloatColumn, lean: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return bid and ask depth in coins."""
    size = np.exp(0.3 * stream("depth").standard_normal(len(price)))
    tilt = np.tanh(0.4 * _drift(stream, "tilt", len(price), 40) + 0.2 * lean)
    depth = _DEPTH_USD / price * size
    return np.round(depth * (1 + tilt), _COIN_DECIMALS), np.round(depth * (1 - tilt), _COIN_DECIMALS)


def _lean(stream: Streams, rows: int) -> FloatColumn:
    """Return how far takers lean to buying (> 0) or selling, about 1 in size."""
    minutes = _drift(stream, "lean of minutes", rows, _MINUTES_LEAN)
    hours = _drift(stream, "lean of hours", rows, _HOURS_LEAN)
    return np.asarray((minutes + 0.7 * hours) / np.hypot(1, 0.7))


def _drift(stream: Streams, name: str, rows: int, over: int) -> FloatColumn:
    """Return a slow series of standard deviation 1: white noise averaged over so many rows."""
    total = np.cumsum(stream(name).standard_normal(rows + over))
    return np.asarray((total[over:] - total[:-over]) / np.sqrt(over))
