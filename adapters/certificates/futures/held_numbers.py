"""Numbers of a whole market that a program holds: a price of the end, a mean of all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from engine import MarketHistory
from engine.market.series import FloatColumn

from .reachable_things import held_things

#: A number with fewer digits may be chosen by anybody.
_FEWEST_DIGITS = 5
_SAME = 1e-12


def early_numbers(held_by: Iterable[object], market: MarketHistory, start_ms: int, end_ms: int) -> Iterator[str]:
    """Yield a sentence for each number reached from `held_by` that only who has seen all of a market's klines can know:
    their last close, highest high, lowest low, or mean and deviation of closes, in all of them or in those of the run.
    """
    numbers = [each for each in held_things(held_by) if type(each.value) is float and _has_digits(each.value)]
    if not numbers:
        return
    known = list(_of_whole(market, start_ms, end_ms))
    said: set[float] = set()
    for held in numbers:
        for what, value in known:
            if math.isclose(held.value, value, rel_tol=_SAME) and held.value not in said:
                said.add(held.value)
                yield f"{held.name} is {held.value!r}, {what}"


def _has_digits(value: float) -> bool:
    return math.isfinite(value) and float(f"{value:.{_FEWEST_DIGITS - 1}g}") != value


def _of_whole(market: MarketHistory, start_ms: int, end_ms: int) -> Iterator[tuple[str, float]]:
    for symbol, history in market.symbols.items():
        columns = history.base.columns
        spans = {"all": slice(None), "the run's": slice(*columns.open_ms.searchsorted((start_ms, end_ms)).tolist())}
        for which, part in spans.items():
            if len(columns.close[part]):
                yield from _of_columns(f"{which} klines of {symbol}", *(each[part] for each in columns.figures[1:4]))


def _of_columns(what: str, high: FloatColumn, low: FloatColumn, close: FloatColumn) -> Iterator[tuple[str, float]]:
    yield f"the last close of {what}", float(close[-1])
    yield f"the highest high of {what}", float(high.max())
    yield f"the lowest low of {what}", float(low.min())
    yield f"the highest close of {what}", float(close.max())
    yield f"the lowest close of {what}", float(close.min())
    yield f"the mean close of {what}", float(close.mean())
    yield f"the median close of {what}", float(np.median(close))
    for degrees in (0, 1):
        if len(close) > degrees:
            yield f"the deviation of the closes of {what}", float(close.std(ddof=degrees))
