"""Facts of triggers kept small: what recurs once, of each trigger the numbers alone; nothing where they can be made
again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, Self

from ..kept_values import KeptValues

#: What stands in a form as it is.
_CONSTANT = frozenset((str, int, bool, type(None)))
_TEXTS = frozenset((str,))
#: What a signal is set to, and not what it has seen.
_SETTING = "threshold"
#: What stands for facts that cannot be kept so.
NOT_PLAIN = 0, -1

Facts = tuple[Mapping[str, Any], ...]
Form = tuple[Any, ...]


class FactMaker(Protocol):
    """What makes the facts of triggers, the same ones whenever it is asked."""

    def facts_at(self, place: int) -> Facts:
        """Return the facts of the trigger at a place."""


class RepeatableFacts(tuple[Mapping[str, Any], ...]):
    """The facts of a trigger that its `maker` makes again for its `place`: the log need not keep them."""

    maker: FactMaker
    place: int

    def __reduce__(self) -> tuple[Any, ...]:
        # elsewhere they are what was found here
        return tuple, (tuple(self),)

    @classmethod
    def of(cls, maker: FactMaker, place: int) -> Self:
        """Return the facts of the trigger at a place."""
        facts = cls(maker.facts_at(place))
        facts.maker, facts.place = maker, place
        return facts


class _NotPlainError(TypeError):
    """A value that no form has a place for."""


class PackedFacts:
    """The facts of triggers, by the numbers of what they are made of, and of the place of their numbers.

    What recurs of a fact is its form; how facts stand together, and which of their numbers are equal, is a combination
    of forms. Each is kept once while it recurs.
    """

    def __init__(self) -> None:
        self._forms, self._combinations = KeptValues(), KeptValues(())
        self._numbers = array("d")
        self._makers: list[FactMaker] = []
        self._maker_numbers: dict[int, int] = {}

    def add(self, facts: Facts) -> tuple[int, int]:
        """Keep facts and return the two numbers that `at` takes, 0 and 0 for none; `NOT_PLAIN` where they hold anything
        but dicts with texts as keys, lists, tuples, texts, numbers, true, false and nothing.
        """
        if type(facts) is RepeatableFacts:
            return -1 - self._number_of(facts.maker), facts.place
        if type(facts) is not tuple:
            return NOT_PLAIN
        places: dict[str, int] = {}
        numbers: list[float] = []
        try:
            parts = tuple([self._part(fact, places, numbers) for fact in facts])
        except _NotPlainError:
            return NOT_PLAIN
        place = len(self._numbers)
        self._numbers.extend(numbers)
        return self._combinations.number(parts, parts), place

    def __getstate__(self) -> dict[str, Any]:
        # a maker elsewhere has another identity
        return {**vars(self), "_maker_numbers": {}}

    def _number_of(self, maker: FactMaker) -> int:
        number = self._maker_numbers.get(id(maker))
        if number is None:
            number = self._maker_numbers[id(maker)] = len(self._makers)
            self._makers.append(maker)
        return number

    def _part(self, fact: Any, places: dict[str, int], numbers: list[float]) -> tuple[int, ...]:
        """Return the number of a fact's form, and for each of its numbers its place among those of the trigger."""
        seen: list[float] = []
        form = _form((("", fact),), seen)
        for number in seen:
            text = number.hex()
            if text not in places:
                places[text] = len(numbers)
                numbers.append(number)
        return self._forms.number(form, form), *[places[number.hex()] for number in seen]

    def at(self, combination: int, place: int) -> Facts:
        """Return the facts that these numbers stand for."""
        if combination < 0:
            return self._makers[-1 - combination].facts_at(place)
        facts: list[Any] = []
        for form, *places in self._combinations[combination]:
            facts += _values(self._forms[form], (self._numbers[place + each] for each in places))
        return tuple(facts)


def _form(entries: Iterable[tuple[str, Any]], numbers: list[float]) -> Form:
    """Return what recurs of named values; each float that is no setting is added to `numbers`."""
    parts: list[Any] = []
    for name, value in entries:
        kind = type(value)
        if kind is str:
            parts.append(value)
        elif kind is float:
            parts.append((float, _number(name, value, numbers)))
        elif kind in _CONSTANT:
            parts.append((kind, value))
        elif kind is dict:
            parts.append((dict, _keys(value), _form(value.items(), numbers)))
        elif kind in (list, tuple):
            parts.append((kind, _form((("", each) for each in value), numbers)))
        else:
            raise _NotPlainError
    return tuple(parts)


def _number(name: str, value: float, numbers: list[float]) -> str | None:
    """Return a setting as text; add what was seen to the numbers."""
    if name.endswith(_SETTING):
        return value.hex()
    numbers.append(value)
    return None


def _keys(value: dict[Any, Any]) -> tuple[str, ...]:
    if not _TEXTS.issuperset(map(type, value)):
        raise _NotPlainError
    return tuple(value)


def _values(form: Form, numbers: Iterator[float]) -> Iterator[Any]:
    """Yield the values of a form, which take their numbers in order."""
    for part in form:
        if type(part) is str:
            yield part
            continue
        kind, held, *form_of_dict = part
        if kind is float:
            yield next(numbers) if held is None else float.fromhex(held)
        elif kind is dict:
            yield dict(zip(held, _values(form_of_dict[0], numbers), strict=True))
        else:
            yield held if kind in _CONSTANT else kind(_values(held, numbers))
