"""What is found of a configuration before it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: So many names are listed.
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the stored data do not allow, or that would surprise: the `field` to change, and a sentence that
    says what is there and what to do. A "problem" keeps the run from being made, a "warning" does not.
    """

    field: str
    message: str
    is_problem: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def named(names: Sequence[str]) -> str:
    """Return names as a list, of many the first ones and how many more there are."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
