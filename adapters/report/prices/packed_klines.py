"""Klines as few bytes, which `packed.js` reads: a year of minutes is small enough for a page.

A price stands as a whole multiple of a step, as the difference from what can be expected of it: an open from the close
before, a close from its open, a high and a low from the nearer of both.
"""

from __future__ import annotations

import json
import zlib

import numpy as np

from engine import KlineColumns
from engine.market import aggregate
from engine.periods import PERIOD_MS

from ...packing import NEXT_STEP, Step, deflated_columns, finest_step

#: Of the largest value: what cannot be seen in a chart.
_COARSEST = 1e-5
#: What a size is estimated from.
_SAMPLES, _SAMPLE_ROWS = 6, 4_000
#: What is deflated in small parts takes about a tenth more.
_OF_SAMPLES = 0.9
#: A kline takes at least about so many bytes.
_LEAST_BYTES = 1.5


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
        step = step.coarser(NEXT_STEP)
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
    return deflated_columns({"step": step, "period_ms": columns.period_ms}, columns.open_ms, differences)


def unpacked_period(packed: bytes) -> int:
    """Return the period of packed klines in ms."""
    start = zlib.decompressobj().decompress(packed, 1_000)
    return int(json.loads(start[4 : 4 + int.from_bytes(start[:4], "little")])["period_ms"])
