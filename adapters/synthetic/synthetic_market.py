"""A seeded synthetic market: regimes of drift and volatility, jumps, a daily rhythm of activity, small opening gaps.

A series depends on its symbol, the seed, the start and the parameters only: not on the other symbols, and a longer
series begins with exactly the shorter one. Each ingredient has a random stream of its own, so that this stays so.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import ConfigurationError, KlineColumns
from engine.periods import DAY_MS, MINUTE_MS

_YEAR_MINUTES = 365 * 1440
_SIGNIFICANT_DIGITS = 6
_MOST_DECIMALS = 6  # what the platform's NUMERIC(18,6) holds
_VOLUME_DECIMALS = 2

_SHORTEST_REGIME_MINUTES = 240
_MEAN_REGIME_MINUTES = 2_880
_JUMP_CHANCE = 1 / 7_200  # one in five days
_JUMP_SIZE = 0.006
_GAP_CHANCE = 1 / 100
_GAP_SIZE = 0.15  # of a minute's deviation
_WICK_SIZE = 0.45
_NOTIONAL_USD = 900_000.0  # traded in an ordinary minute

#: Share of time, drift (in yearly volatilities per year) and volatility of each regime, relative to the whole.
_REGIMES = np.array(
    [
        (0.35, 0.0, 0.6),  # quiet
        (0.25, 0.0, 1.0),  # ordinary
        (0.17, 9.0, 1.0),  # up
        (0.15, -9.0, 1.1),  # down
        (0.08, -4.0, 2.0),  # turbulent
    ]
)


@dataclass(frozen=True)
class SyntheticSymbol:
    """What a synthetic symbol starts at (USD) and how it moves; percents are per year."""

    initial_price: float
    annual_volatility_pct: float = 80.0
    annual_drift_pct: float = 5.0

    def __post_init__(self) -> None:
        problems = []
        if not (math.isfinite(self.initial_price) and 0.001 <= self.initial_price <= 1e9):
            problems.append(f"initial_price {self.initial_price} is not between 0.001 and 1,000,000,000")
        if not 0 <= self.annual_volatility_pct <= 1000:
            problems.append(f"annual_volatility_pct {self.annual_volatility_pct} is not between 0 and 1000")
        if not -1000 <= self.annual_drift_pct <= 1000:
            problems.append(f"annual_drift_pct {self.annual_drift_pct} is not between -1000 and 1000")
        if problems:
            raise ConfigurationError(problems)


_KNOWN = {
    "BTC": SyntheticSymbol(42_000.0, annual_volatility_pct=55.0),
    "ETH": SyntheticSymbol(2_300.0, annual_volatility_pct=70.0),
    "SOL": SyntheticSymbol(100.0, annual_volatility_pct=95.0),
}


def synthetic_symbol(symbol: str) -> SyntheticSymbol:
    """Return how a symbol moves by default; for others than BTC, ETH and SOL a price that its name decides."""
    if symbol in _KNOWN:
        return _KNOWN[symbol]
    share = zlib.crc32(symbol.encode()) / 2**32
    return SyntheticSymbol(float(f"{10 ** (3 * share):.3g}"))


def synthetic_klines(
    symbol: str, start_ms: int, minutes: int, seed: int, parameters: SyntheticSymbol | None = None
) -> KlineColumns:
    """Return `minutes` 1m klines from `start_ms` (a whole minute) without a gap.

    Prices have as many decimals as give the initial price six digits, at most six, and volumes two, so that every
    database keeps them exactly. Raises `ConfigurationError`.
    """
    _check(symbol, start_ms, minutes, seed)
    chosen = parameters if parameters is not None else synthetic_symbol(symbol)
    open_ms = start_ms + MINUTE_MS * np.arange(minutes, dtype=np.int64)
    drift, deviation = _regimes(symbol, seed, minutes, chosen)
    deviation = deviation * _rhythm(open_ms)
    returns = drift + deviation * random_stream(symbol, seed, "returns").standard_normal(minutes)
    returns += _jumps(symbol, seed, minutes)
    decimals = _decimals(chosen.initial_price)
    tick = 10.0**-decimals
    close = np.maximum(np.round(chosen.initial_price * np.exp(np.cumsum(returns)), decimals), tick)
    opened = np.concatenate(([round(chosen.initial_price, decimals)], close[:-1]))
    opened = np.maximum(np.round(opened * (1 + deviation * _gaps(symbol, seed, minutes)), decimals), tick)
    wicks = deviation[:, None] * _WICK_SIZE * np.abs(random_stream(symbol, seed, "wicks").standard_normal((minutes, 2)))
    high = np.round(np.maximum(opened, close) * (1 + wicks[:, 0]), decimals)
    low = np.maximum(np.round(np.minimum(opened, close) * (1 - wicks[:, 1]), decimals), tick)
    volume = _volume(symbol, seed, close, returns, deviation, chosen)
    return KlineColumns(MINUTE_MS, open_ms, opened, high, low, close, volume)


def _check(symbol: str, start_ms: int, minutes: int, seed: int) -> None:
    problems = []
    if not symbol:
        problems.append("symbol is empty")
    if start_ms % MINUTE_MS:
        problems.append(f"start_ms {start_ms} is not a whole minute")
    if minutes < 1:
        problems.append(f"minutes {minutes} is not positive")
    if seed < 0:
        problems.append(f"seed {seed} is negative")
    if problems:
        raise ConfigurationError(problems)


def random_stream(symbol: str, seed: int, purpose: str) -> np.random.Generator:
    """Return the random stream of one ingredient of a symbol's market."""
    return np.random.default_rng([seed, zlib.crc32(symbol.encode()), zlib.crc32(purpose.encode())])


def _regimes(
    symbol: str, seed: int, minutes: int, chosen: SyntheticSymbol
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the drift and the standard deviation of the log return of each minute."""
    share, drift, volatility = _REGIMES.T
    volatility = volatility / np.sqrt(np.sum(share * volatility**2))
    drift = drift - np.sum(share * drift)
    most = minutes // _SHORTEST_REGIME_MINUTES + 1
    lengths = random_stream(symbol, seed, "regime lengths").standard_exponential(most)
    lengths = _SHORTEST_REGIME_MINUTES + (_MEAN_REGIME_MINUTES - _SHORTEST_REGIME_MINUTES) * lengths
    kinds = np.searchsorted(np.cumsum(share), random_stream(symbol, seed, "regime kinds").random(most), side="right")
    kinds = np.minimum(kinds, len(share) - 1)
    regime = kinds[np.searchsorted(np.cumsum(lengths), np.arange(minutes), side="right")]
    yearly = chosen.annual_volatility_pct / 100
    whole = chosen.annual_drift_pct / 100 - yearly**2 / 2
    return (whole + drift[regime] * yearly) / _YEAR_MINUTES, volatility[regime] * yearly / math.sqrt(_YEAR_MINUTES)


def _rhythm(open_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how active each minute of the day is, 1 in the mean square: a low at night, two humps by day (UTC)."""
    minute = np.arange(1440) / 1440 * 2 * math.pi
    day = 1 - 0.25 * np.cos(minute - 0.7) - 0.15 * np.cos(2 * minute - 1.9)
    day /= math.sqrt(np.mean(day**2))
    return np.asarray(day[open_ms % DAY_MS // MINUTE_MS])


def _jumps(symbol: str, seed: int, minutes: int) -> npt.NDArray[np.float64]:
    happens = random_stream(symbol, seed, "jump times").random(minutes) < _JUMP_CHANCE
    return np.where(happens, _JUMP_SIZE * random_stream(symbol, seed, "jump sizes").standard_normal(minutes), 0.0)


def _gaps(symbol: str, seed: int, minutes: int) -> npt.NDArray[np.float64]:
    happens = random_stream(symbol, seed, "gap times").random(minutes) < _GAP_CHANCE
    return np.where(happens, _GAP_SIZE * random_stream(symbol, seed, "gap sizes").standard_normal(minutes), 0.0)


def _volume(
    symbol: str,
    seed: int,
    close: npt.NDArray[np.float64],
    returns: npt.NDArray[np.float64],
    deviation: npt.NDArray[np.float64],
    chosen: SyntheticSymbol,
) -> npt.NDArray[np.float64]:
    """Return coins: more where the minute is active, and more where it moved far."""
    ordinary = max(chosen.annual_volatility_pct, 1.0) / 100 / math.sqrt(_YEAR_MINUTES)
    activity = np.exp(0.6 * random_stream(symbol, seed, "volume").standard_normal(len(close)) - 0.18)
    activity *= 0.5 + 0.25 * deviation / ordinary + 0.3 * np.abs(returns) / ordinary
    return np.maximum(np.round(_NOTIONAL_USD / close * activity, _VOLUME_DECIMALS), 10.0**-_VOLUME_DECIMALS)


def _decimals(price: float) -> int:
    return min(max(_SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(price)), 0), _MOST_DECIMALS)
