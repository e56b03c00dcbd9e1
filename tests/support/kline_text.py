"""Klines as the text of a CSV file."""

from __future__ import annotations

from collections.abc import Callable

from engine import KlineColumns
from tests.support.klines import random_klines

HEADER = "timestamp_ms,open,high,low,close,volume"

KLINES = random_klines(6)


def lines(klines: KlineColumns = KLINES, time: Callable[[int], object] = int, separator: str = ",") -> list[str]:
    prices = (klines.open, klines.high, klines.low, klines.close, klines.volume)
    columns = zip(klines.open_ms.tolist(), *(column.tolist() for column in prices), strict=True)
    return [separator.join([str(time(opened)), *map(repr, values)]) for opened, *values in columns]


def text(rows: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"
