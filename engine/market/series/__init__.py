"""Columns in order of time, and the search in them."""

from .block_search import FIRST_BLOCK, first_beyond, first_outside
from .klines import FloatColumn, Kline, KlineColumns, KlineWindow, TimeColumn, read_only
from .time_index import TimeIndex

__all__ = [
    # block search
    "FIRST_BLOCK",
    "first_beyond",
    "first_outside",
    # klines
    "FloatColumn",
    "Kline",
    "KlineColumns",
    "KlineWindow",
    "TimeColumn",
    "read_only",
    # time index
    "TimeIndex",
]
