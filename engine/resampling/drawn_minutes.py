"""Which recorded stretch of time stands for each stretch of a market that is drawn anew, the same for all symbols."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError, DataError
from ..instants import utc_text
from ..market import MarketHistory, SymbolHistory
from ..market.series import TimeColumn
from .stationary_bootstrap import stationary_bootstrap_indices

_NEVER_ENDS = np.iinfo(np.int64).max
#: The tables of a flow whose rows move with their minutes.
MOVED_TABLES = ("trades", "book", "mark_price", "open_interest", "oracle_price", "funding_rate")


class _Part(NamedTuple):
    """What is recorded from `first_ms` to `last_ms`."""

    first_ms: int
    last_ms: int


class _Klines(NamedTuple):
    """The base klines of a symbol in the range: when they open, and between which times there are any."""

    symbol: str
    period_ms: int
    opened: TimeColumn
    recorded: _Part


class DrawnMinutes:
    """For each stretch of `step_ms` from `start_ms` to `end_ms` the stretch that was drawn for it.

    The step is the longest base period of the symbols (of several that do not divide one another, the shortest time
    that all of them divide). Drawn are stretches of the same range for which every symbol that is recorded has all its
    klines: what moved together stays together. Where the one symbol or table begins or ends, the draws begin anew, and
    what is drawn for a time at which something is recorded comes from times at which it is.
    """

    def __init__(
        self, market: MarketHistory, start_ms: int, end_ms: int, mean_block_ms: float, generator: np.random.Generator
    ) -> None:
        self.step_ms = math.lcm(*(each.base.period_ms for each in market.symbols.values()))
        self._first = start_ms // self.step_ms
        self._range = start_ms, end_ms
        self._klines = [_klines_part(each, start_ms, end_ms) for each in market.symbols.values()]
        self._tables = [part for each in market.symbols.values() for part in _other_parts(each, self.step_ms)]
        self._count = end_ms // self.step_ms + 1 - self._first
        if not mean_block_ms >= self.step_ms:
            given, least = (f"{length / 1000:g} s" for length in (mean_block_ms, self.step_ms))
            raise ConfigurationError([f"blocks of {given} are shorter than a kline: give {least} or more"])
        self._draw(mean_block_ms / self.step_ms, generator)

    def sources(self, stretches: TimeColumn) -> TimeColumn:
        """Return for each stretch (its begin / `step_ms`) how many stretches later its source is; a stretch in which no
        symbol has a kline, and one outside of the range, is its own.
        """
        place = stretches - self._first
        inside = (place >= 0) & (place < self._count)
        return np.where(inside, self._later[np.where(inside, place, 0)], 0)

    def _draw(self, mean_block: float, generator: np.random.Generator) -> None:
        self._later = np.zeros(self._count, np.int64)
        present = np.logical_or.reduce([self._present(part.opened) > 0 for part in self._klines])
        whole = [self._whole(part) for part in self._klines]
        for begin, end in self._spans():
            targets = begin + np.flatnonzero(present[begin:end])
            if not len(targets):
                continue
            pool = np.flatnonzero(self._allowed(begin, whole))
            if not len(pool):
                raise DataError(self._nothing_whole(begin))
            drawn = stationary_bootstrap_indices(len(pool), mean_block, generator, len(targets))
            self._later[targets] = pool[drawn] - targets

    def _present(self, opened: TimeColumn) -> TimeColumn:
        """Return how many klines open in each stretch."""
        return np.bincount(opened // self.step_ms - self._first, minlength=self._count)

    def _whole(self, part: _Klines) -> npt.NDArray[np.bool_]:
        """Return in which stretches, of those that lie in the range as a whole, all klines are there."""
        found: npt.NDArray[np.bool_] = self._present(part.opened) == self.step_ms // part.period_ms
        begins = (self._first + np.arange(self._count)) * self.step_ms
        start_ms, end_ms = self._range
        within: npt.NDArray[np.bool_] = (begins >= start_ms) & (begins + self.step_ms <= end_ms)
        return within & found

    def _bounds(self, part: _Part) -> tuple[int, int]:
        """Return the stretches [begin, end) in which something is recorded."""
        begin = max(part.first_ms // self.step_ms - self._first, 0)
        end = min(part.last_ms // self.step_ms + 1 - self._first, self._count)
        return begin, max(end, begin)

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Yield the stretches [begin, end) between which the same symbols and tables are recorded."""
        cuts = {0, self._count}
        for part in (*(each.recorded for each in self._klines), *self._tables):
            cuts.update(min(bound, self._count) for bound in self._bounds(part))
        ordered = sorted(cuts)
        yield from pairwise(ordered)

    def _allowed(self, begin: int, whole: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
        """Return which stretches may be drawn for those of the span that begins at `begin`."""
        allowed = np.ones(self._count, bool)
        for part, complete in zip(self._klines, whole, strict=True):
            if self._lasts(part.recorded, begin):
                allowed &= complete
        for table in self._tables:
            if self._lasts(table, begin):
                first, stop = self._bounds(table)
                allowed[:first] = False
                allowed[stop:] = False
        return allowed

    def _lasts(self, part: _Part, stretch: int) -> bool:
        first, stop = self._bounds(part)
        return first <= stretch < stop

    def _nothing_whole(self, begin: int) -> str:
        names = [part.symbol for part in self._klines if self._lasts(part.recorded, begin)]
        start, end = map(utc_text, self._range)
        return (
            f"nothing can be drawn: between {start} and {end} no stretch of {self.step_ms // 1000} s has the "
            f"klines of all of {', '.join(names)} in it; take fewer symbols or a longer range"
        )


def _klines_part(history: SymbolHistory, start_ms: int, end_ms: int) -> _Klines:
    columns = history.base.columns
    opened = columns.open_ms[slice(*columns.open_ms.searchsorted((start_ms, end_ms + 1)).tolist())]
    first, last = (int(opened[0]), int(opened[-1])) if len(opened) else (0, -1)
    return _Klines(history.symbol, columns.period_ms, opened, _Part(first, last))


def _other_parts(history: SymbolHistory, step_ms: int) -> Iterator[_Part]:
    """Yield when what is recorded of a symbol beside its klines; a feature lasts from its first value on."""
    for name in MOVED_TABLES:
        times = history.flow.times(name)
        if times is not None and len(times):
            yield _recorded(times, step_ms)
    if history.mark_klines is not None and len(history.mark_klines):
        yield _recorded(history.mark_klines.open_ms + history.mark_klines.period_ms, step_ms)
    for name in history.feature_names:
        feature = history.feature(name)
        if feature is not None and len(feature.rows):
            yield _Part(int(feature.rows.timestamp_ms[0]), _NEVER_ENDS)


def _recorded(times: TimeColumn, step_ms: int) -> _Part:
    """Return from when to when rows, each recorded at the end of what it tells, stand for something: from their usual
    distance before the first one on, and where that is more than a step, up to as much after the last one.
    """
    usual = int(np.median(np.diff(times))) if len(times) > 1 else 0
    return _Part(int(times[0]) - usual, int(times[-1]) + max(usual - step_ms, 0) - 1)
