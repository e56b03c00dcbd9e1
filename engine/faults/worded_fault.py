"""A fault in words, as on a command line."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from .fault import Fault, FaultProblems
from .fault_kinds import KINDS


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
    return key, value.split("+") if key == "symbols" else _value(value)


def _value(text: str) -> Any:
    """Return a number where a text is one."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
