"""Dated values: which of them is in force at an instant, and what had to be assumed for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..instants import utc_text


class Dated(NamedTuple):
    """A value that holds from `since_ms` on. Its source shows it from `seen_ms` on (before, it is taken to hold); one
    that is not `checked` was compared with no source.
    """

    since_ms: int
    seen_ms: int
    value: Any
    checked: bool = True


class Assumptions:
    """What had to be assumed for one run, each sentence once with all the values that it is about."""

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._named: dict[str, dict[str, list[str]]] = {}
        self._others: list[str] = []

    def add(self, text: str) -> None:
        """Note a sentence of its own."""
        self._others.append(f"{self._venue} rule book: {text}")

    def about(self, ending: str, name: str, owner: str) -> None:
        """Note that `ending` is to be said of the value `name` of `owner` (a symbol, or the venue)."""
        owners = self._named.setdefault(ending, {}).setdefault(name, [])
        if owner not in owners:
            owners.append(owner)

    def texts(self) -> tuple[str, ...]:
        """Return the sentences, in the order in which they came up."""
        named = (f"{self._venue} rule book: {_listed(names)} {ending}" for ending, names in self._named.items())
        return (*self._others, *named)


def _listed(names: dict[str, list[str]]) -> str:
    """Return "a, b of X, Y; c of Z": names of values, together where they belong to the same owners."""
    by_owners: dict[str, list[str]] = {}
    for name, owners in names.items():
        by_owners.setdefault(", ".join(owners), []).append(name)
    return "; ".join(f"{', '.join(each)} of {owners}" for owners, each in by_owners.items())


class InForce:
    """Picks what is in force at the start of a run, and notes what had to be assumed for that."""

    def __init__(self, start_ms: int, end_ms: int, noted: Assumptions) -> None:
        self._start, self._end, self._noted = start_ms, end_ms, noted

    def pick(self, name: str, owner: str, own: Sequence[Dated], every: Sequence[Dated] = ()) -> Any:
        """Return the newest of the owner's own values that holds at the start, else of those that `every` owner has,
        else the earliest there is; None when there is none.
        """
        line = next((line for line in (own, every) if self._held(line)), own or every)
        if not line:
            return None
        held = self._held(line)
        chosen = max(held, key=_since) if held else min(line, key=_since)
        self._note(name, owner, chosen)
        self._note_change(name, owner, chosen, [*own, *line])
        return chosen.value

    def _held(self, line: Sequence[Dated]) -> list[Dated]:
        return [each for each in line if each.since_ms <= self._start]

    def _note(self, name: str, owner: str, chosen: Dated) -> None:
        since, seen = utc_text(chosen.since_ms), utc_text(chosen.seen_ms)
        if not chosen.checked:
            self._noted.about("could not be checked with the venue", name, owner)
        if self._start < chosen.since_ms:
            self._noted.about(f"known from {since} on only; that was assumed for the time before", name, owner)
        elif self._start < chosen.seen_ms:
            self._noted.about(f"assumed from {since} on, shown by a source from {seen} on", name, owner)

    def _note_change(self, name: str, owner: str, chosen: Dated, line: Sequence[Dated]) -> None:
        later = [each for each in line if self._start < each.since_ms <= self._end and each.value != chosen.value]
        if later:
            since = utc_text(min(later, key=_since).since_ms)
            self._noted.about(
                f"another from {since} on, within the run; what was valid at its start stays", name, owner
            )


def _since(each: Dated) -> int:
    return each.since_ms
