"""A fault as somebody gives it: in words, as on a command line, as a table, or as what it is."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from .fault import Fault, FaultProblems
from .fault_kinds import KINDS

#: A fault, a table of one, or words that say one.
FaultLike: TypeAlias = str | Fault | Mapping[str, Any]


def fault_of(given: FaultLike) -> Fault:
    """Return the fault that somebody gives. Raises `FaultProblems` for what is none."""
    if isinstance(given, str):
        return worded_fault(given)
    is_table = isinstance(given, Mapping) and isinstance(given.get("kind"), str)
    if not (is_table or isinstance(given, Fault)):
        raise FaultProblems([f"fault: {given!r} is no fault: perpsim.faults.outage(...), or the name of a kind"])
    return Fault.of(given)


def worded_fault(text: str) -> Fault:
    """Return the fault that words say: a kind, ``KIND:VALUE`` with its strength (a percentage, a delay, or a duration:
    "outage:4h", "rejects:25"), or ``KIND:key=value,...``.

    Raises `FaultProblems` where they say none; whether it can be as it is said is another question.
    """
    name, colon, rest = (part.strip() for part in text.partition(":"))
    kind = KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, KINDS, 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
        raise FaultProblems([f"fault: there is no such kind as {name!r}; {hint}"])
    if not colon:
        return Fault(name)
    if "=" not in rest:
        return Fault(name, {kind.figure or "duration": _value(rest)})
    return Fault(name, dict(_parted(text, each) for each in rest.split(",")))


def _parted(text: str, part: str) -> tuple[str, Any]:
    key, equals, value = part.partition("=")
    if not equals:
        raise FaultProblems([f"fault {text}: {part.strip()} is not of the form key=value"])
    key, value = key.strip(), value.strip()
    if key == "symbols":  # as a table has them, too: ["BTC"]
        return key, [each.strip(" []\"'") for each in value.split("+")]
    return key, _value(value)


def _value(text: str) -> Any:
    """Return a number where a text is one."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
