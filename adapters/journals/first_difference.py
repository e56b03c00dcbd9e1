"""Two journals line by line: the first line that is not the same, and the messages that descend from it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from engine.plain_values import shown

from .journal_of import NamedJournal
from .money_of_run import MoneyOfRun

Record = Mapping[str, Any]
#: The first and the last line say what was run and what it came to: other configurations may do the same.
_FRAME = ("start", "end")
#: Fields of a configuration that its digest is not of.
_PROGRAM = ("code", "strategy", "language")
_MOST_SHOWN = 5
#: Fields that follow from the others of a line.
_FOLLOWING = ("account.", "postings")


@dataclass
class Descent:
    """The messages of one run that descend from a line by their causes, by kind; the first few of them whole."""

    count: Counter[str] = field(default_factory=Counter)
    shown: list[Record] = field(default_factory=list)
    _ids: set[int] = field(default_factory=set)

    def begin(self, record: Record) -> None:
        """Take the line that all others descend from."""
        self._ids.add(record["id"])

    def take(self, record: Record) -> None:
        """Take a later line, which may be one of them."""
        if record["cause"] in self._ids:
            self._ids.add(record["id"])
            self.count[kind_of(record)] += 1
            if len(self.shown) < _MOST_SHOWN:
                self.shown.append(record)


@dataclass
class FirstDifference:
    """The first line that differs, of each run; None of a run that has no more lines then. `fields` tells by name what
    it says in the first and in the second run, where both tell the same kind of message. `later` counts lines after it.
    """

    first: Record | None
    second: Record | None
    followed: tuple[Descent, Descent] = field(default_factory=lambda: (Descent(), Descent()))
    later: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What differs between the two lines, by the names of the fields."""
        if self.first is None or self.second is None or kind_of(self.first) != kind_of(self.second):
            return {}
        found = dict(_differing(self.first, self.second, ""))
        return dict(sorted(found.items(), key=lambda each: each[0].startswith(_FOLLOWING)))


@dataclass
class ComparedJournals:
    """Two journals that were read side by side: what their money did, where they part (None: nowhere between the first
    and the last line), what else their first and their last lines say, in which fields their configurations differ
    where these are known, how many lines they have, and their heads.
    """

    money: tuple[MoneyOfRun, MoneyOfRun]
    difference: FirstDifference | None = None
    start: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    end: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    settings: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=lambda: [0, 0])
    heads: list[str] = field(default_factory=lambda: ["", ""])


def compared(first: NamedJournal, second: NamedJournal) -> ComparedJournals:
    """Read two journals side by side. Raises `DataError` for one that is damaged."""
    found = ComparedJournals((MoneyOfRun(first.name), MoneyOfRun(second.name)))
    for pair in zip_longest(first.records(), second.records()):
        for place, record in enumerate(pair):
            if record is not None:
                found.lines[place] += 1
                found.heads[place] = record["~hash"]
                found.money[place].take(record)
        _follow(found, *pair)
    if "configuration" in found.start and first.config is not None and second.config is not None:
        fields = _differing(_settings(first.config), _settings(second.config), "")
        found.settings = {name: each for name, each in fields if name not in _PROGRAM}
    return found


def _settings(config: Mapping[str, Any]) -> Any:
    """Return a configuration as it is stored, whether it was or not."""
    return json.loads(json.dumps(dict(config)))


def money_of(journal: NamedJournal) -> MoneyOfRun:
    """Return what moved the money of one journal. Raises `DataError` where it is damaged."""
    found = MoneyOfRun(journal.name, remarks=journal.remarks)
    for record in journal.records():
        found.take(record)
    return found


def kind_of(record: Record) -> str:
    """Return what a message is called, of an order with what happens to it."""
    event = record.get("event")
    return f"{record['message']}: {event}" if event else str(record["message"])


def _follow(found: ComparedJournals, first: Record | None, second: Record | None) -> None:
    difference = found.difference
    if difference is None:
        if first is not None and second is not None and not _is_other(first, second):
            if first["message"] in _FRAME:
                told = found.start if first["message"] == "start" else found.end
                told.update(_differing(first, second, ""))
            return
        found.difference = FirstDifference(first, second)
        for descent, record in zip(found.difference.followed, (first, second), strict=True):
            if record is not None:
                descent.begin(record)
        return
    for place, record in enumerate((first, second)):
        if record is not None:
            difference.later[place] += 1
            difference.followed[place].take(record)


def _is_other(first: Record, second: Record) -> bool:
    """Whether two lines of one place tell something else; the frame does not count, where both have it."""
    if first["message"] == second["message"] and first["message"] in _FRAME:
        return False
    return _plain(first) != _plain(second)


def _plain(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "~hash"}


def _differing(first: Record, second: Record, before: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield by name what differs; fields of fields under the names of both."""
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        if name == "~hash" or one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _differing(one, other, f"{before}{name}.")
        else:
            yield f"{before}{name}", (one, other)


def words_of(record: Record) -> str:
    """Return a message in words: what it is, of which symbol, and its own fields."""
    parts = [kind_of(record)]
    for name in ("trigger", "symbol", "operation", "side", "size", "price", "amount", "purpose", "reason", "why"):
        value = record.get(name)
        if value not in (None, "", {}):
            parts.append(f"{name} {value if isinstance(value, (str, int, float)) else shown(value)}")
    if record.get("rule"):
        parts.append(f"by {record['rule']}")
    return ", ".join(parts)
