"""Round places along an axis, and numbers as short texts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.instants import utc_text
from engine.market.series import TimeColumn
from engine.periods import DAY_MS, HOUR_MS

#: From how many days on ticks stand at months, and at years.
_MONTHS, _YEARS = 75, 1_500
_STEPS_MS = (*(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)), *(days * DAY_MS for days in (1, 2, 5, 10)))


def brief(value: float) -> str:
    """Return a number with about three digits that count, millions as M."""
    size = abs(value)
    if not math.isfinite(value) or size >= 999.5e6:
        return f"{value:.3g}"
    if size >= 999_500:
        return f"{value / 1e6:.3g}M"
    return f"{value:,.0f}" if size >= 999.5 else f"{value + 0.0:.3g}"


def even(value: float, span: float) -> str:
    """Return a number with as many decimals as its like have that differ by as much as `span` in all."""
    decimals = 2 - math.floor(math.log10(span)) if span > 0.0 else 7
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if 0 <= decimals <= 6 else brief(value)


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Return at most about that many round numbers from low to high."""
    width = (high - low) / max(most - 1, 1)
    if width <= 0.0 or not math.isfinite(width):
        return [low]
    power = 10.0 ** math.floor(math.log10(width))
    step = next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= width * (1.0 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [place * step + 0.0 for place in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten from low to high, both above 0; the powers alone where these are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = (1.0, 2.0, 5.0) if len(powers) <= 4 else (1.0,)
    found = [digit * 10.0**power for power in powers for digit in digits]
    within = [each for each in found if low * (1.0 - 1e-9) <= each <= high * (1.0 + 1e-9)]
    return within if len(within) > 1 else [low, high]


def time_ticks(start_ms: int, end_ms: int) -> list[tuple[int, str]]:
    """Return about eight round times from start to end (epoch ms) and how they are written, UTC."""
    days = (end_ms - start_ms) / DAY_MS
    if days > _MONTHS:
        return _month_ticks(start_ms, end_ms, days)
    step = next((each for each in _STEPS_MS if (end_ms - start_ms) / each <= 8), _STEPS_MS[-1])
    times = range(-(-start_ms // step) * step, end_ms + 1, step)
    length = len("YYYY-MM-DD") if step >= DAY_MS else len("YYYY-MM-DD HH:MM")
    return [(each, utc_text(each)[:length][5 if step < DAY_MS else 0 :].replace("T", " ")) for each in times]


def _month_ticks(start_ms: int, end_ms: int, days: float) -> list[tuple[int, str]]:
    step = 12 * max(round(days / 365 / 8), 1) if days > _YEARS else next(n for n in (1, 2, 3, 6) if days / 30 / n <= 9)
    first, last = (int(np.datetime64(at, "ms").astype("datetime64[M]").astype(int)) for at in (start_ms, end_ms))
    months: TimeColumn = np.arange(-(-first // step) * step, last + 1, step)
    times = months.astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64).tolist()
    return [(each, utc_text(each)[:7]) for each in times if start_ms <= each <= end_ms]


def readable(widths: Sequence[float], spacing: float) -> int:
    """Return of how many evenly spaced labels one can stand, so that none touches the next."""
    return max(math.ceil((max(widths, default=0.0) + 6.0) / max(spacing, 0.1)), 1)
