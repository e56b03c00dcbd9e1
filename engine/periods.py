"""Kline periods, in milliseconds."""

from __future__ import annotations

from .plain_values import shown

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

#: Length of each kline period in milliseconds, shortest first. Periods start at multiples of it since the epoch.
PERIOD_MS: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
}


def period_name(period_ms: int) -> str:
    """Return the name of a period of that length, or the length itself where it has none."""
    return next((name for name, length in PERIOD_MS.items() if length == period_ms), f"{period_ms} ms")


def interval_ms(value: object) -> int:
    """Return the length of an interval, a period name or whole seconds; `ValueError` for anything else."""
    if isinstance(value, str) and value in PERIOD_MS:
        return PERIOD_MS[value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value * SECOND_MS
    raise ValueError(f"{shown(value)} is neither one of {', '.join(PERIOD_MS)} nor a whole number of seconds above 0")
