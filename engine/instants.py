"""Instants: integer milliseconds since the Unix epoch, UTC, from what people write and back into text."""

from __future__ import annotations

from datetime import UTC, date, datetime

from .periods import MINUTE_MS, SECOND_MS
from .plain_values import shown

TimeLike = datetime | str | int

FIRST_MS = 100_000_000_000  # in 1973: a smaller number is epoch seconds, or no time of any market
LAST_MS = 253_402_300_799_999  # the end of 9999, the last year that a datetime can hold
_LIKELY_LAST_MS = 4_102_444_800_000  # 2100
#: Epoch units by their length in nanoseconds: the ranges of plausible times (1973 to 5138) do not overlap.
EPOCH_UNITS = {"seconds": 1_000_000_000, "milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}
FIRST_EPOCH_S, LAST_EPOCH_S = 10**8, 10**11


def instant_ms(value: TimeLike) -> int:
    """Return epoch ms from an aware datetime, an ISO text with an offset or Z, or integer epoch ms.

    `ValueError` says what is wrong; a time without a zone is refused.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, datetime)):
        raise ValueError(_no_time(value))
    if isinstance(value, int):
        if not FIRST_MS <= value <= LAST_MS:
            raise ValueError(f"{shown(value)} is no time in epoch ms between 1973 and 9999{_other_unit(value)}")
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"{shown(value)} is no ISO time such as 2024-01-31T00:00:00Z") from None
    else:
        moment = value
    if moment.tzinfo is None:
        raise ValueError(f"{value!s} has no time zone: write it with an offset or Z, such as 2024-01-31T00:00:00Z")
    ms = round(moment.timestamp() * SECOND_MS)
    if not FIRST_MS <= ms <= LAST_MS:
        raise ValueError(f"{value!s} is no time between 1973 and 9999")
    return ms


def _no_time(value: object) -> str:
    """Return what to give in place of what is no time at all."""
    if value is None:
        return "no time is given"
    if isinstance(value, date):
        return f"{value} is a day, and no time: give a time of it, such as {value}T00:00:00Z"
    return f"{shown(value)} is no time: give an ISO time with an offset, a datetime, or epoch ms"


def _other_unit(value: int) -> str:
    """Return what a number that is no epoch ms seems to be."""
    for unit, ms in (("seconds", value * SECOND_MS), ("microseconds", value // 1_000), ("nanoseconds", value // 10**6)):
        if FIRST_MS <= ms < _LIKELY_LAST_MS:
            return f"; as epoch {unit} it is {utc_text(ms)}: write {ms} or an ISO time"
    return ""


def utc_text(timestamp_ms: int) -> str:
    """Return an instant as ``YYYY-MM-DD HH:MM:SS UTC`` (fractions of a second are cut off)."""
    return f"{datetime.fromtimestamp(timestamp_ms // SECOND_MS, UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration_text(milliseconds: int) -> str:
    """Return a duration as the live platform writes it: ``2h 30m``, or ``12m`` below one hour."""
    hours, minutes = divmod(int(milliseconds) // MINUTE_MS, 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"
