"""A part of a whole as text."""

from __future__ import annotations


def share_text(part: int, whole: int) -> str:
    """Return a part in percent of the whole; a part never looks like nothing, nor like all of it."""
    percent = 100.0 * part / whole
    if 0 < percent < 0.01:
        return "< 0.01 %"
    if 99.99 < percent < 100.0:
        return "> 99.99 %"
    return f"{f'{percent:.2f}'.rstrip('0').rstrip('.')} %"
