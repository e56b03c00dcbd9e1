"""Columns of numbers as few bytes, which `packed.js` reads: a year of minutes is small enough for a page.

A value stands as a whole multiple of a step, as the difference from what can be expected of it: an open from the close
before, a close from its open, a high and a low from the nearer of both. The bytes of the differences of a column stand
by their weight, the lowest of all first, and everything is deflated.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine import KlineColumns
from engine.market import aggregate
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import PERIOD_MS

Whole = npt.NDArray[np.int64]

#: Of the largest value: what a float32 cannot tell apart, and what cannot be seen in a chart.
_FINEST, _COARSEST = 6e-8, 1e-5
#: Of the largest value: what is taken for the error of a float.
_SAME = 1e-10
_MOST_DIGITS = 15
#: How deep it is deflated: deeper takes four times as long and saves a tenth.
_LEVEL = 1
#: What a size is estimated from.
_SAMPLES, _SAMPLE_ROWS = 6, 4_000
#: What is deflated in small parts takes about a tenth more.
_OF_SAMPLES = 0.9
#: A kline takes at least about so many bytes.
_LEAST_BYTES = 1.5
#: So many times a step is less than the next one, whichever it is.
_NEXT = 1.5


class Step(NamedTuple):
    """A step as `times / over`: one of them is 1, so that a multiple of it comes out as it was written."""

    times: int
    over: int

    def whole(self, values: FloatColumn) -> Whole:
        """Return values as multiples of it."""
        return np.asarray(np.rint(values * self.over / self.times), np.int64)

    def coarser(self, factor: float) -> Step:
        """Return the next step of 1, 2 or 5 times a power of ten that is at least so many times as long."""
        wanted = self.times / self.over * factor * (1 - 1e-9)
        return next(
            each
            for power in range(-_MOST_DIGITS, 2 * _MOST_DIGITS)
            for each in (_step(digit, power) for digit in (1, 2, 5))
            if each.times / each.over >= wanted
        )


def _step(digit: int, power: int) -> Step:
    if power >= 0:
        return Step(digit * 10**power, 1)
    over = 10**-power
    return Step(1, over // digit) if digit > 1 else Step(1, over)


def finest_step(*columns: FloatColumn) -> Step:
    """Return the step that all values are multiples of, or else one that is finer than what a float32 tells apart."""
    top = max((float(np.abs(each).max(initial=0.0)) for each in columns), default=0.0) or 1.0
    for power in range(_MOST_DIGITS):
        step = _step(1, -power)
        if 1 / step.over < top * _FINEST:
            break
        if all(
            np.abs(each - np.rint(each * step.over) / step.over).max(initial=0.0) <= top * _SAME for each in columns
        ):
            return step
    return Step(1, 10**_MOST_DIGITS).coarser(max(top * _FINEST * 10**_MOST_DIGITS, 1.0))


def pack_curve(times: TimeColumn, values: FloatColumn, most_bytes: int) -> bytes:
    """Return a series of values at times (epoch ms, rising), to as fine a step as that many bytes hold."""
    step = finest_step(values)
    while True:
        packed = _deflated({"step": step}, times, [np.diff(step.whole(values), prepend=0)])
        if len(packed) <= most_bytes or not len(values):
            return packed
        step = step.coarser(_NEXT)


def pack_klines(columns: KlineColumns, most_bytes: int) -> bytes:
    """Return klines, to as fine a step as that many bytes hold; where none that can still be told apart is coarse
    enough, they are put together into longer ones.
    """
    columns = _fitting(columns, most_bytes)
    finest = step = finest_step(columns.open, columns.high, columns.low, columns.close)
    coarsest = float(columns.high.max(initial=0.0)) * _COARSEST
    while True:
        if _estimated(columns, step) <= most_bytes:
            packed = _packed_klines(columns, step)
            if len(packed) <= most_bytes or not len(columns):
                return packed
        step = step.coarser(_NEXT)
        if step.times / step.over > coarsest:
            longer = next((each for each in PERIOD_MS.values() if each > columns.period_ms), None)
            if longer is None:
                return _packed_klines(columns, step)
            columns, step = aggregate(columns, longer), finest


def _estimated(columns: KlineColumns, step: Step) -> int:
    """Return how many bytes klines take at least, from some stretches of them; 0 where they are few."""
    if len(columns) <= 2 * _SAMPLES * _SAMPLE_ROWS:
        return 0
    starts = np.linspace(0, len(columns) - _SAMPLE_ROWS, _SAMPLES).astype(int).tolist()
    size = sum(len(_packed_klines(columns.slice(start, start + _SAMPLE_ROWS), step)) for start in starts)
    return int(_OF_SAMPLES * size * len(columns) / (_SAMPLES * _SAMPLE_ROWS))


def _fitting(columns: KlineColumns, most_bytes: int) -> KlineColumns:
    """Return klines, put together into so long ones that they can fit into that many bytes."""
    for period_ms in PERIOD_MS.values():
        if len(columns) * _LEAST_BYTES <= most_bytes:
            break
        if period_ms > columns.period_ms:
            columns = aggregate(columns, period_ms)
    return columns


def _packed_klines(columns: KlineColumns, step: Step) -> bytes:
    opened, high, low, close = (step.whole(each) for each in (columns.open, columns.high, columns.low, columns.close))
    before = np.concatenate((np.zeros(1, np.int64), close[:-1]))[: len(close)]
    differences = (opened - before, close - opened, high - np.maximum(opened, close), np.minimum(opened, close) - low)
    return _deflated({"step": step, "period_ms": columns.period_ms}, columns.open_ms, differences)


def _deflated(head: dict[str, Any], times: TimeColumn, differences: Sequence[Whole]) -> bytes:
    unit = int(np.gcd.reduce(np.diff(times))) if len(times) > 1 else 1
    first = int(times[0]) if len(times) else 0
    columns = [np.diff(times, prepend=first) // unit, *differences]
    zigzag = [(each << 1) ^ (each >> 63) for each in columns]
    widths = [(int(each.max(initial=0)).bit_length() + 7) // 8 for each in zigzag]
    text = json.dumps({**head, "rows": len(times), "first": first, "unit": unit, "widths": widths}).encode()
    planes = (
        each.astype("<i8").view(np.uint8).reshape(-1, 8)[:, place].tobytes()
        for each, width in zip(zigzag, widths, strict=True)
        for place in range(width)
    )
    return zlib.compress(b"".join((len(text).to_bytes(4, "little"), text, *planes)), _LEVEL)


def unpacked_period(packed: bytes) -> int:
    """Return the period of packed klines in ms."""
    start = zlib.decompressobj().decompress(packed, 1_000)
    return int(json.loads(start[4 : 4 + int.from_bytes(start[:4], "little")])["period_ms"])
