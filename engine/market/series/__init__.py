"""Columns in order of time, and the search in them."""

from .klines import FloatColumn, Kline, KlineColumns, TimeColumn, read_only
from .ready_klines import ReadyKlines
from .search import TimeIndex, blocks, extremes_between, first_beyond, first_outside

# columns in order of time
__all__ = ["FloatColumn", "Kline", "KlineColumns", "ReadyKlines", "TimeColumn", "TimeIndex", "read_only"]
# the search in them
__all__ += ["blocks", "extremes_between", "first_beyond", "first_outside"]
