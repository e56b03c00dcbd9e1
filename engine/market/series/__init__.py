"""Columns in order of time, and the search in them."""

from .forming import FormingKline
from .klines import FloatColumn, Kline, KlineColumns, TimeColumn, read_only
from .ready_klines import ReadyKlines
from .search import (
    BLOCK_ROWS,
    FurthestAhead,
    TimeIndex,
    blocks,
    extremes_between,
    first_beyond,
    first_outside,
    smallest_step,
)

# columns in order of time
__all__ = ["FloatColumn", "FormingKline", "Kline", "KlineColumns", "ReadyKlines", "TimeColumn", "TimeIndex"]
__all__ += ["read_only"]
# the search in them
__all__ += ["BLOCK_ROWS", "FurthestAhead", "blocks", "extremes_between", "first_beyond", "first_outside"]
__all__ += ["smallest_step"]
