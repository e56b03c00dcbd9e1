"""A seeded synthetic market: regimes of drift and volatility, jumps, a daily rhythm of activity, small opening gaps.

A series depends on its symbol, the seed, the start and the parameters only: not on the other symbols, and a longer
series begins with exactly the shorter one. Each ingredient has a random stream of its own, so that this stays so.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine import ConfigurationError, KlineColumns
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import DAY_MS, MINUTE_MS

#: The random stream of an ingredient, by its name.
Streams = Callable[[str], np.random.Generator]

_YEAR_MINUTES = 365 * 1440
_PIECE_MINUTES = 100 * 1440  # of which there is never more than one in memory
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


def _refuse(problems: Mapping[str, object]) -> None:
    found = [text for text, is_so in problems.items() if is_so]
    if found:
        raise ConfigurationError(found)


@dataclass(frozen=True)
class SyntheticSymbol:
    """What a synthetic symbol starts at (USD) and how it moves; percents are per year."""

    initial_price: float
    annual_volatility_pct: float = 80.0
    annual_drift_pct: float = 5.0

    def __post_init__(self) -> None:
        price, volatility, drift = self.initial_price, self.annual_volatility_pct, self.annual_drift_pct
        problems = {
            f"initial_price {price} is not between 0.001 and 1,000,000,000": not 0.001 <= price <= 1e9,
            f"annual_volatility_pct {volatility} is not between 0 and 1000": not 0 <= volatility <= 1000,
            f"annual_drift_pct {drift} is not between -1000 and 1000": not -1000 <= drift <= 1000,
        }
        _refuse(problems)


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
    pieces = list(synthetic_pieces(symbol, start_ms, minutes, seed, parameters))
    names = ("open_ms", "open", "high", "low", "close", "volume")
    columns = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in names)
    return pieces[0] if len(pieces) == 1 else KlineColumns(MINUTE_MS, *columns)


def synthetic_pieces(
    symbol: str, start_ms: int, minutes: int, seed: int, parameters: SyntheticSymbol | None = None
) -> Iterator[KlineColumns]:
    """Return the same klines as `synthetic_klines` in pieces of whole days, one after another, of which no more than
    one need be in memory.
    """
    problems = {
        "symbol is empty": not symbol,
        f"start_ms {start_ms} is not a whole minute": start_ms % MINUTE_MS,
        f"minutes {minutes} is not positive": minutes < 1,
        f"seed {seed} is negative": seed < 0,
    }
    _refuse(problems)
    return _pieces(random_streams(symbol, seed), start_ms, minutes, parameters or synthetic_symbol(symbol))


def _pieces(fresh: Streams, start_ms: int, minutes: int, chosen: SyntheticSymbol) -> Iterator[KlineColumns]:
    stream = cache(fresh)  # each goes on where the last piece has left it
    regimes = _Regimes(stream, minutes, chosen)
    level, price = 0.0, round(chosen.initial_price, _decimals(chosen))
    for begin in range(0, minutes, _PIECE_MINUTES):
        count = min(_PIECE_MINUTES, minutes - begin)
        open_ms = start_ms + MINUTE_MS * np.arange(begin, begin + count, dtype=np.int64)
        drift, deviation = regimes.of_minutes(begin, count)
        deviation = deviation * _rhythm(open_ms)
        returns = drift + deviation * stream("returns").standard_normal(count)
        returns += _shocks(stream, "jump", _JUMP_CHANCE, _JUMP_SIZE, count)
        levels = np.cumsum(np.concatenate(([level], returns)))[1:]
        prices = _prices(stream, levels, deviation, price, chosen)
        level, price = levels[-1], prices[-1][-1]
        yield KlineColumns(MINUTE_MS, open_ms, *prices, _volume(stream, prices[-1], returns, deviation, chosen))


def _decimals(chosen: SyntheticSymbol) -> int:
    whole_digits = math.floor(math.log10(chosen.initial_price)) + 1
    return min(max(_SIGNIFICANT_DIGITS - whole_digits, 0), _MOST_DECIMALS)


def _prices(
    stream: Streams, levels: FloatColumn, deviation: FloatColumn, before: float, chosen: SyntheticSymbol
) -> tuple[FloatColumn, FloatColumn, FloatColumn, FloatColumn]:
    """Return opens, highs, lows and closes of klines; `before` is the close before them."""
    decimals, count = _decimals(chosen), len(levels)
    tick = 10.0**-decimals
    close = np.maximum(np.round(chosen.initial_price * np.exp(levels), decimals), tick)
    opened = np.concatenate(([before], close[:-1]))
    gaps = _shocks(stream, "gap", _GAP_CHANCE, _GAP_SIZE, count)
    opened = np.maximum(np.round(opened * (1 + deviation * gaps), decimals), tick)
    wicks = deviation[:, None] * _WICK_SIZE * np.abs(stream("wicks").standard_normal((count, 2)))
    high = np.round(np.maximum(opened, close) * (1 + wicks[:, 0]), decimals)
    low = np.maximum(np.round(np.minimum(opened, close) * (1 - wicks[:, 1]), decimals), tick)
    return opened, high, low, close


def random_streams(symbol: str, seed: int) -> Streams:
    """Return what gives the random stream of each ingredient of a symbol's market by its name."""
    start = seed, zlib.crc32(symbol.encode())
    return lambda ingredient: np.random.default_rng([*start, zlib.crc32(ingredient.encode())])


class _Regimes:
    """The regime of each minute of a market, by the ends of the regimes."""

    def __init__(self, stream: Streams, minutes: int, chosen: SyntheticSymbol) -> None:
        share, drift, volatility = _REGIMES.T
        volatility = volatility / np.sqrt(np.sum(share * volatility**2))
        drift = drift - np.sum(share * drift)
        most = minutes // _SHORTEST_REGIME_MINUTES + 1
        lengths = stream("regime lengths").standard_exponential(most)
        self._ends = np.cumsum(_SHORTEST_REGIME_MINUTES + (_MEAN_REGIME_MINUTES - _SHORTEST_REGIME_MINUTES) * lengths)
        kinds = np.searchsorted(np.cumsum(share), stream("regime kinds").random(most), side="right")
        self._kinds = np.minimum(kinds, len(share) - 1)
        yearly = chosen.annual_volatility_pct / 100
        whole = chosen.annual_drift_pct / 100 - yearly**2 / 2
        self._drift = (whole + drift * yearly) / _YEAR_MINUTES
        self._deviation = volatility * yearly / math.sqrt(_YEAR_MINUTES)

    def of_minutes(self, begin: int, count: int) -> tuple[FloatColumn, FloatColumn]:
        """Return the drift and the standard deviation of the log return of `count` minutes."""
        regime = self._kinds[np.searchsorted(self._ends, np.arange(begin, begin + count), side="right")]
        return self._drift[regime], self._deviation[regime]


def _rhythm(open_ms: TimeColumn) -> FloatColumn:
    """Return how active each minute of the day is, 1 in the mean square: a low at night, two humps by day (UTC)."""
    minute = np.arange(1440) / 1440 * 2 * math.pi
    day = 1 - 0.25 * np.cos(minute - 0.7) - 0.15 * np.cos(2 * minute - 1.9)
    day /= math.sqrt(np.mean(day**2))
    return np.asarray(day[open_ms % DAY_MS // MINUTE_MS])


def _shocks(stream: Streams, name: str, chance: float, size: float, minutes: int) -> FloatColumn:
    happens = stream(f"{name} times").random(minutes) < chance
    return np.where(happens, size * stream(f"{name} sizes").standard_normal(minutes), 0.0)


def _volume(
    stream: Streams, close: FloatColumn, returns: FloatColumn, deviation: FloatColumn, chosen: SyntheticSymbol
) -> FloatColumn:
    """Return coins: more where the minute is active, and more where it moved far."""
    ordinary = max(chosen.annual_volatility_pct, 1.0) / 100 / math.sqrt(_YEAR_MINUTES)
    activity = np.exp(0.6 * stream("volume").standard_normal(len(close)) - 0.18)
    activity *= 0.5 + 0.25 * deviation / ordinary + 0.3 * np.abs(returns) / ordinary
    return np.maximum(np.round(_NOTIONAL_USD / close * activity, _VOLUME_DECIMALS), 10.0**-_VOLUME_DECIMALS)
