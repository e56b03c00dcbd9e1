"""Why a kept program is not written or not there.

DataError
  +-- NoSuchProgram      it is not there, or not in that version
  +-- NameTaken          another one bears the name
  +-- MovedOn            somebody has saved a version meanwhile
  +-- TooManyPrograms    there is no room for one more
"""

from __future__ import annotations

from engine import DataError


class NoSuchProgram(DataError):
    """There is no such program, or no such version of it."""


class NameTaken(DataError):
    """Another program bears the name."""


class MovedOn(DataError):
    """A newer version than the one that was worked on is there: `version`, saved at `saved_ms` (epoch ms)."""

    def __init__(self, problem: str, version: int, saved_ms: int) -> None:
        self.problem, self.version, self.saved_ms = problem, version, saved_ms
        super().__init__(problem, version, saved_ms)

    def __str__(self) -> str:
        return self.problem


class TooManyPrograms(DataError):
    """As many programs are kept as may be."""
