"""Lengths of time, as people write them: ``180d``, ``2w``, ``12h``, ``30m``; short ones ``30s``, ``500ms``."""

from __future__ import annotations

import re
from datetime import timedelta

from .periods import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from .plain_values import shown

_UNITS = {"w": 7 * DAY_MS, "d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS}
_SHORT_UNITS = {**_UNITS, "s": SECOND_MS, "ms": 1}
_LENGTH = re.compile(r"(-?)([0-9]+(?:\.[0-9]+)?)(ms|[wdhms])")
_WRITTEN = re.compile(r"([0-9]+)([wdhm])")
_OTHER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*")
#: What people call units, of which the first letter is ours; a month or a year has no fixed length.
_WORDS = ("weeks", "days", "hours", "hrs", "minutes", "mins")
_DAYS_OF = {"mo": 30, "month": 30, "months": 30, "y": 365, "yr": 365, "year": 365, "years": 365}
_LONGEST_DAYS = 100_000


def parse_duration(value: str | timedelta) -> int:
    """Return a duration in ms: whole weeks, days, hours or minutes as text, or a `timedelta` of whole minutes.

    Raises `ValueError` with what to write instead.
    """
    if isinstance(value, timedelta):
        return _of_timedelta(value)
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no duration: write 180d, 2w, 12h or 30m")
    match = _WRITTEN.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{shown(value)} is no duration: write {_meant(value)}")
    return _checked(value, int(match[1]) * _UNITS[match[2]])


def parse_length(value: str | timedelta | int, signed: bool = False) -> int:
    """Return a length of time in ms that may be short, too: a text such as 2h, 90s or 500ms, a number of whole seconds,
    or a `timedelta`; below 0 only where it is `signed`. Raises `ValueError` with what to write instead.
    """
    if isinstance(value, timedelta):
        length_ms = round(value / timedelta(milliseconds=1))
    elif isinstance(value, int) and not isinstance(value, bool):
        length_ms = value * SECOND_MS
    else:
        match = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError(f"{shown(value)} is no duration: write 2h, 30m, 90s or 500ms")
        length_ms = round(float(match[2]) * _SHORT_UNITS[match[3]]) * (-1 if match[1] else 1)
    if length_ms < 0 and not signed:
        raise ValueError(f"{shown(value)} is below 0")
    _checked(str(value), abs(length_ms))
    return length_ms


def duration_name(length_ms: int) -> str:
    """Return a duration of whole minutes as it is written: in the longest unit below weeks of which it is a multiple,
    ``0d`` for none.
    """
    unit = next(name for name in "dhm" if length_ms % _UNITS[name] == 0)
    return f"{length_ms // _UNITS[unit]}{unit}"


def _of_timedelta(value: timedelta) -> int:
    length_ms, rest = divmod(value, timedelta(milliseconds=1))
    if rest or length_ms < 0 or length_ms % MINUTE_MS:
        raise ValueError(f"{value} is no duration of whole minutes")
    return _checked(str(value), length_ms)


def _checked(written: str, length_ms: int) -> int:
    if length_ms > _LONGEST_DAYS * DAY_MS:
        raise ValueError(f"{shown(written)} is longer than any data: at most {_LONGEST_DAYS}d can be")
    return length_ms


def _meant(text: str) -> str:
    """Return what may have been meant."""
    match = _OTHER.fullmatch(text)
    if match is None:
        return "180d, 2w, 12h or 30m"
    number, unit = float(match[1]), match[2]
    if unit.lower() in _DAYS_OF or unit == "M":
        days = round(number * _DAYS_OF.get(unit.lower(), 30))
        return f"days, as months and years have no fixed length: {days}d"
    unit = unit.lower()
    if not unit:
        return f"the unit too: {match[1]}d for days" if number == int(number) else "180d, 2w, 12h or 30m"
    found = next((word[0] for word in _WORDS if word == unit or word.rstrip("s") == unit or word[0] == unit), None)
    if found is None:
        return "180d, 2w, 12h or 30m"
    return _exactly(number * _UNITS[found])


def _exactly(length_ms: float) -> str:
    """Return how a length is written in whole units; what is there is a minute at least."""
    minutes = round(length_ms / MINUTE_MS)
    return duration_name(MINUTE_MS * (max(minutes, 1) if length_ms > 0.0 else minutes))
