"""Columns of numbers as few bytes: for pages, and for what is stored beside a result.

A value stands as a whole multiple of a step, as the difference from the one before. The bytes of the differences of a
column stand by their weight, the lowest of all first, and everything is deflated; `packed.js` reads it, too.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.market.series import FloatColumn, TimeColumn

Whole = npt.NDArray[np.int64]

#: Of the largest value: what a float32 cannot tell apart.
_FINEST = 6e-8
#: Of the largest value: what is taken for the error of a float.
_SAME = 1e-10
_MOST_DIGITS = 15
#: How deep it is deflated: deeper takes four times as long and saves a twentieth.
_LEVEL = 1
#: So many times a step is less than the next one, whichever it is.
NEXT_STEP = 1.5


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
        packed = deflated_columns({"step": step}, times, [np.diff(step.whole(values), prepend=0)])
        if len(packed) <= most_bytes or not len(values):
            return packed
        step = step.coarser(NEXT_STEP)


def deflated_columns(head: dict[str, Any], times: TimeColumn, differences: Sequence[Whole]) -> bytes:
    """Return times (epoch ms, rising) and the differences of further columns behind a head that says what they are."""
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
    return _deflated(b"".join((len(text).to_bytes(4, "little"), text, *planes)))


def _deflated(data: bytes) -> bytes:
    """Return bytes deflated. The lowest bytes of prices hardly repeat one another: where only runs of one byte are
    looked for, that is quicker and mostly takes less.
    """
    runs = zlib.compressobj(strategy=zlib.Z_RLE)
    return min(runs.compress(data) + runs.flush(), zlib.compress(data, _LEVEL), key=len)


def unpack_curve(packed: bytes) -> tuple[TimeColumn, FloatColumn]:
    """Return times (epoch ms) and values of what `pack_curve` has packed. `ValueError` for what it has not."""
    try:
        data = zlib.decompress(packed)
        length = int.from_bytes(data[:4], "little")
        head = json.loads(data[4 : 4 + length])
        place, columns = 4 + length, []
        for width in head["widths"]:
            columns.append(_column(data[place:], head["rows"], width))
            place += head["rows"] * width
        times, values = columns
        (step, over), first, unit = head["step"], head["first"], head["unit"]
    except (zlib.error, ValueError, KeyError) as error:
        raise ValueError(f"the columns cannot be unpacked: {error}") from None
    return first + np.cumsum(times * unit), np.cumsum(values) * step / over


def _column(data: bytes, rows: int, width: int) -> Whole:
    """Return the differences of a column: of each two numbers one is negative."""
    planes = np.zeros((rows, 8), np.uint8)
    planes[:, :width] = np.frombuffer(data[: rows * width], np.uint8).reshape(width, rows).T
    numbers = planes.view("<i8").reshape(rows)
    return np.asarray((numbers >> 1) ^ -(numbers & 1), np.int64)
