"""Whole minutes among 15-second rows: a platform's back-fill stores 1m klines as rows, stamped at their open."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...periods import MINUTE_MS
from ..series import FloatColumn, TimeColumn


def back_filled(times_ms: TimeColumn, vwap: FloatColumn, sell_count: FloatColumn) -> npt.NDArray[np.bool_]:
    """Return which rows are 1m klines: on whole minutes, one after another, with neither vwap nor count of sells."""
    alike = np.isnan(vwap) & ~(sell_count > 0) & (times_ms % MINUTE_MS == 0)
    found = np.zeros(len(times_ms), bool)
    follows = alike[1:] & alike[:-1] & (np.diff(times_ms) == MINUTE_MS)
    found[1:] |= follows
    found[:-1] |= follows
    return found


def known_at_close(
    times_ms: TimeColumn, filled: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return when each row is known, with the back-filled ones at the close of their minute, and which rows count.

    A minute in which real rows are known needs no back-fill: its kline would count their trades a second time.
    """
    real = times_ms[~filled]
    ends = times_ms + np.where(filled, MINUTE_MS, 0)
    has_real = np.searchsorted(real, ends, side="right") > np.searchsorted(real, times_ms, side="right")
    return ends, ~(filled & has_real)
