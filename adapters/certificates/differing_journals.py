"""The first line in which two journals differ, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.plain_values import shown

from .futures import moment_text

#: What every line has another of when one before it is another.
_CHAIN = ("~hash", "id", "cause")
_MOST_FIELDS = 4
#: Where the two journals of a look-ahead were made.
FUTURES = ("with the recorded future", "with another future")


class Difference(NamedTuple):
    """Where two journals differ first: `line` counts from 1, `at_ms` is the instant, `words` say what differs."""

    line: int
    at_ms: int
    words: str


def first_difference(
    ours: Sequence[bytes], theirs: Sequence[bytes], names: tuple[str, str] = FUTURES
) -> Difference | None:
    """Return where the lines of a journal first differ from `ours`, those of the real run; None where they are the
    same bytes. `names` say where the two were made.
    """
    if ours == theirs:
        return None
    same = next((n for n, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two), None)
    place = min(len(ours), len(theirs)) if same is None else same
    one = json.loads(ours[place]) if place < len(ours) else None
    two = json.loads(theirs[place]) if place < len(theirs) else None
    times = [int(each["at"]) for each in (one, two) if each is not None]
    return Difference(place + 1, min(times), _words(one, two, names))


def _words(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None, names: tuple[str, str]) -> str:
    here, there = names
    if one is None or two is None:
        line, which = (two, there) if one is None else (one, here)
        assert line is not None
        return f"{_line(line)} comes {which} only"
    if (one["at"], one["message"]) != (two["at"], two["message"]):
        return f"{_line(one)} comes {here}, {_line(two)} {there}"
    fields = [name for name in (*one, *(each for each in two if each not in one)) if one.get(name) != two.get(name)]
    changed = [_change(name, one.get(name), two.get(name)) for name in fields if name not in _CHAIN]
    more = f" and {len(changed) - _MOST_FIELDS} more" * (len(changed) > _MOST_FIELDS)
    return f"{_line(one)} has, {here} and {there}, {', '.join(changed[:_MOST_FIELDS])}{more}"


def _line(entry: Mapping[str, Any]) -> str:
    decision = entry.get("decision")
    about = decision if isinstance(decision, dict) else entry
    words = [str(about[name]) for name in ("operation", "symbol") if about.get(name)]
    told = f" ({' '.join(words)})" if words else ""
    return f"{entry['message']}{told} at {moment_text(int(entry['at']))}"


def _change(name: str, one: Any, two: Any) -> str:
    if isinstance(one, dict) and isinstance(two, dict):
        inner = [_change(key, one.get(key), two.get(key)) for key in {**one, **two} if one.get(key) != two.get(key)]
        return f"{name} ({', '.join(inner[:_MOST_FIELDS])})"
    return f"{name} {_told(one)} and {_told(two)}"


def _told(value: Any) -> str:
    return shown(dict(_present(value)) if isinstance(value, dict) else value, 60)


def _present(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in values.items() if value is not None)
