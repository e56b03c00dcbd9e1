"""Facts of triggers kept small: what recurs is kept once, as a form, and of each trigger the numbers alone."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

#: What stands in a form as it is.
_CONSTANT = frozenset((str, int, bool, type(None)))
_TEXTS = frozenset((str,))
#: What a signal is set to, and not what it has seen.
_SETTING = "threshold"

Facts = tuple[Mapping[str, Any], ...]
Form = tuple[Any, ...]


class _NotPlainError(TypeError):
    """A value that no form has a place for."""


class PackedFacts:
    """Tuples of dicts of plain values, by the number of their form and the place of their numbers."""

    def __init__(self) -> None:
        self._forms: list[Form] = []
        self._form_numbers: dict[Form, int] = {}
        self._numbers = array("d")

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, facts: Facts) -> int | None:
        """Keep facts, whose numbers stand from `len` before on, and return the number of their form; None where they
        hold anything but dicts with texts as keys, lists, tuples, texts, numbers, true, false and nothing.
        """
        numbers: list[float] = []
        try:
            form = _form((("", fact) for fact in facts), numbers)
        except _NotPlainError:
            return None
        self._numbers.extend(numbers)
        number = self._form_numbers.get(form)
        if number is None:
            number = self._form_numbers[form] = len(self._forms)
            self._forms.append(form)
        return number

    def at(self, form: int, place: int) -> Facts:
        """Return the facts of a form whose numbers stand from `place` on."""
        facts: Facts = tuple(_values(self._forms[form], self._numbers, place))
        return facts


def _form(entries: Iterable[tuple[str, Any]], numbers: list[float]) -> Form:
    """Return what recurs of named values, each float as its place among `numbers`, to which a new one is added."""
    parts: list[Any] = []
    for name, value in entries:
        kind = type(value)
        if kind is str:
            parts.append(value)
        elif kind is float:
            parts.append((float, value.hex() if name.endswith(_SETTING) else _place(value, numbers)))
        elif kind in _CONSTANT:
            parts.append((kind, value))
        elif kind is dict:
            parts.append((dict, _keys(value), _form(value.items(), numbers)))
        elif kind in (list, tuple):
            parts.append((kind, _form((("", each) for each in value), numbers)))
        else:
            raise _NotPlainError
    return tuple(parts)


def _place(value: float, numbers: list[float]) -> int:
    for place, number in enumerate(numbers):
        if number is value:
            return place
    numbers.append(value)
    return len(numbers) - 1


def _keys(value: dict[Any, Any]) -> tuple[str, ...]:
    if not _TEXTS.issuperset(map(type, value)):
        raise _NotPlainError
    return tuple(value)


def _values(form: Form, numbers: Sequence[float], start: int) -> Iterator[Any]:
    """Yield the values of a form whose numbers stand from `start` on."""
    for part in form:
        if type(part) is str:
            yield part
            continue
        kind, held, *form_of_dict = part
        if kind is float:
            yield numbers[start + held] if type(held) is int else float.fromhex(held)
        elif kind is dict:
            yield dict(zip(held, _values(form_of_dict[0], numbers, start), strict=True))
        else:
            yield held if kind in _CONSTANT else kind(_values(held, numbers, start))
