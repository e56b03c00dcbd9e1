"""Instants as people write them, in epoch ms."""

from __future__ import annotations

from datetime import datetime

from .periods import SECOND_MS

TimeLike = datetime | str | int

LAST_MS = 253_402_300_799_999  # the end of 9999, the last year that a datetime can hold


def instant_ms(value: TimeLike) -> int:
    """Return epoch ms from an aware datetime, an ISO text with an offset or Z, or integer epoch ms.

    `ValueError` says what is wrong; a time without a zone is refused.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, datetime)):
        raise ValueError(f"{value!r} is no time: give an ISO time with an offset, a datetime, or epoch ms")
    if isinstance(value, int):
        if not 0 <= value <= LAST_MS:
            raise ValueError(f"{value} is no time in epoch ms between 1970 and 9999")
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"{value!r} is no ISO time such as 2024-01-31T00:00:00Z") from None
    else:
        moment = value
    if moment.tzinfo is None:
        raise ValueError(f"{value!s} has no time zone: write it with an offset or Z, such as 2024-01-31T00:00:00Z")
    return round(moment.timestamp() * SECOND_MS)
