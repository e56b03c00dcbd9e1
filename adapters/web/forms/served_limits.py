"""How much a configuration that comes to a server may hold: what a run can use, and so little that looking at it holds
nobody up. The schema of the API says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.config import SETTINGS, no_such_field
from engine.plain_values import shown

from ..safety import LONGEST_CODE, OneProblem

#: How many items a list of a kind may have. The hours of a day and lists of choices have their limits by what they are.
MOST_ITEMS = {"symbol list": 500, "pools": 500, "hours": 24, "faults": 100}
#: How many symbols or times one fault may name.
MOST_IN_FAULT = 500
#: The names of parameters, all levels together, and how long a name may be.
MOST_PARAMETERS, LONGEST_KEY = 10_000, 200
#: Symbols and exchanges: as long as the columns that they are stored in.
LONGEST_NAME = 20
#: The ids of what is stored.
LARGEST_ID = 2**31 - 1
#: A name has something to see in it, and no control characters.
NAME_PATTERN = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_MOST_UNKNOWN = 20

_NAME = re.compile(NAME_PATTERN)


def beyond_limits(values: Mapping[str, Any]) -> list[OneProblem]:
    """Return what of a configuration is more than a server looks at. What takes long is checked only without any."""
    return [OneProblem(field=field, message=message) for field, message in _beyond(values)]


def _beyond(values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    yield from _foreign([name for name in values if name not in SETTINGS])
    for name, value in values.items():
        if name in SETTINGS:
            yield from ((name, each) for each in _CHECKS.get(SETTINGS[name].kind, _nothing)(SETTINGS[name].kind, value))


def _foreign(names: list[str]) -> Iterator[tuple[str | None, str]]:
    """Yield what is wrong where so many names are no fields that none was meant."""
    if len(names) > _MOST_UNKNOWN:
        yield None, f"{len(names):,} names are no fields of a configuration, {shown(names[0])} among them"
    long = next((name for name in names if len(name) > LONGEST_KEY), None)
    if long is not None:
        yield None, f"{shown(long)}: {no_such_field('')}"


def _nothing(kind: str, value: Any) -> Iterator[str]:
    return iter(())


def _items(kind: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and len(value) > MOST_ITEMS[kind]:
        yield f"has {len(value):,} items, at most {MOST_ITEMS[kind]:,} are looked at"


def _symbols(kind: str, value: Any) -> Iterator[str]:
    yield from _items(kind, value)
    for each in value[: MOST_ITEMS[kind]] if isinstance(value, list) else ():
        if isinstance(each, str):
            yield from _name(kind, each)


def _name(kind: str, value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > LONGEST_NAME:
        yield f"{shown(value)} is longer than {LONGEST_NAME} characters"
    elif isinstance(value, str) and value.strip() and not _NAME.match(value):
        yield f"{shown(value)} has control characters in it"


def _pools(kind: str, value: Any) -> Iterator[str]:
    yield from _items(kind, value)
    for each in value[: MOST_ITEMS[kind]] if isinstance(value, list) else ():
        if isinstance(each, int) and not 1 <= each <= LARGEST_ID:
            yield f"{shown(each)} is no pool id: they are from 1 to {LARGEST_ID}"


def _faults(kind: str, value: Any) -> Iterator[str]:
    yield from _items(kind, value)
    for number, each in enumerate(value[: MOST_ITEMS[kind]] if isinstance(value, list) else (), 1):
        given = each if isinstance(each, dict) else {}
        if len(given) > _MOST_UNKNOWN or any(len(name) > LONGEST_KEY for name in given):
            yield f"number {number}: has {len(given):,} fields, more than any fault, or a name that is too long"
        for name, inner in given.items():
            if isinstance(inner, list) and len(inner) > MOST_IN_FAULT:
                yield f"number {number}: {shown(name)} has {len(inner):,} items, at most {MOST_IN_FAULT} are looked at"


def _code(kind: str, value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > LONGEST_CODE:
        yield f"has {len(value):,} characters, at most {LONGEST_CODE:,} are looked at"


def _parameters(kind: str, value: Any) -> Iterator[str]:
    """Yield what is wrong with the size of parameters; what is nested too deeply is said elsewhere."""
    waiting, count = [value], 0
    while waiting and count <= MOST_PARAMETERS:
        each = waiting.pop()
        if isinstance(each, dict):
            count += len(each)
            if any(len(name) > LONGEST_KEY for name in each):
                yield f"has a name that is longer than {LONGEST_KEY} characters"
                return
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    if count > MOST_PARAMETERS:
        yield f"has more than {MOST_PARAMETERS:,} names in it"


_CHECKS = {
    "symbol list": _symbols,
    "exchange name": _name,
    "pools": _pools,
    "faults": _faults,
    "program": _code,
    "table": _parameters,
}
