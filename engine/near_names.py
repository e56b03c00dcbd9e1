"""Names that are nearly right: which of those that are there a wrong one is most like."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_LONGEST = 100
_LIKENESS = 0.65


def nearest(name: str, there: Collection[str]) -> str | None:
    """Return the name that is most like a wrong one, or None when none is."""
    found = get_close_matches(name, there, 1, _LIKENESS) if len(name) <= _LONGEST else []
    return found[0] if found else None


def near(name: str, there: Collection[str]) -> str:
    """Return "did you mean ...?" with the name that is most like a wrong one, or "" when none is."""
    found = nearest(name, there)
    return "" if found is None else f"did you mean {found}?"
