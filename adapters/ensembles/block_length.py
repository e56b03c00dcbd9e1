"""How long a block is, as people write it."""

from __future__ import annotations

import re

from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS
from engine.plain_values import shown

_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*")
_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}


def block_ms(text: str) -> int:
    """Return the length that a text such as 90m, 4h, 2d or 1w says, in ms; `ValueError` for anything else."""
    found = _LENGTH.fullmatch(text)
    if found is None or not float(found[1]):
        raise ValueError(f"{shown(text)} is no length of time such as 90m, 4h or 2d")
    return round(float(found[1]) * _UNIT_MS[found[2]])
