"""What trials of a study differ in, and how that is written, as in ``threshold=20:40:2`` or ``stop=0.5%,1%``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from engine.config import SETTINGS, no_such_field
from engine.plain_values import shown

from ..configuration import parse_field, parse_value

#: More values one parameter cannot have: a slip of a step would make millions.
MOST_VALUES = 100_000

#: A text in quotes, a list and a table are none, whatever stands in them, nor is a time with its date.
_RANGE = re.compile(r"""(?!\s*(?:["'\[{]|\d{4}-\d\d-\d\d[Tt ]))\s*([^:]+):([^:]+):([^:]+)\s*""")
_STEPLESS = re.compile(r"\s*[-+]?[0-9.]+\s*:\s*[-+]?[0-9.]+\s*")
_DISTRIBUTION = re.compile(r"\s*(int|float)\((.*)\)\s*")
_PERCENT = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*%\s*")
_BRACKETS = {"[": "]", "{": "}", "(": ")"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What varies under `name`: a parameter of the program, or with `is_field` a field of the configuration.

    It takes each of `values`, or, where these are None, anything from `low` to `high`, both included: whole numbers
    with `is_integer`, in steps of `step` where that is not None, evenly on a scale of logarithms with `is_log`.
    """

    name: str
    is_field: bool = False
    values: tuple[Any, ...] | None = None
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    is_integer: bool = False
    is_log: bool = False

    def grid(self) -> tuple[Any, ...]:
        """Return all values, in order. Raises `ValueError` for an interval without steps."""
        if self.values is not None:
            return self.values
        if self.step is None and not self.is_integer:
            raise ValueError(f"{self.name}: an interval without a step has no list of values: give low:high:step")
        return _steps(str(self.low), str(self.high), str(self.step or 1))


def parse_parameter(text: str, is_field: bool = False) -> Parameter:
    """Return what ``NAME=VALUES`` says. VALUES is a range ``low:high:step`` with both ends, a list ``a,b,c``, one
    value, or an interval: ``int(low,high)``, ``int(low,high,step)``, or the same with ``float``, with ``log`` as a last
    word. A value is TOML, or else text; ``0.5%`` is 0.005, and 0.5 of a field in percent; ``none`` is that of a field
    which need not have one.

    Raises `ValueError` with what is wrong.
    """
    name, equals, written = text.partition("=")
    name = name.strip()
    if not equals or not name or not written.strip():
        raise ValueError(f"{shown(text)} is not of the form NAME=VALUES")
    if is_field and name not in SETTINGS:
        raise ValueError(f"{name}: {no_such_field(name)}")
    try:
        return _parsed(name, is_field, written)
    except ValueError as error:
        raise ValueError(f"{name}: {str(error).removeprefix(f'{name}: ')}") from None


def listed_parameter(name: str, values: Sequence[Any], is_field: bool = False) -> Parameter:
    """Return what takes each of some values, in their order: of a field that holds a list one that is none stands for a
    list of it, and times become texts. `ValueError` for none, one that is there twice, and a field that is not there.
    """
    if is_field and name not in SETTINGS:
        raise ValueError(f"{name}: {no_such_field(name)}")
    found = tuple(_field_value(name, value) for value in values) if is_field else tuple(values)
    if not found:
        raise ValueError(f"{name}: has no values: give at least one")
    texts = [repr(each) for each in found]
    repeated = next((each for place, each in enumerate(found) if texts[place] in texts[:place]), None)
    if repeated is not None:
        raise ValueError(f"{name}: {shown(repeated)} is there twice")
    return Parameter(name, is_field, found)


def _field_value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    holds_list = isinstance(SETTINGS[name].default, list)
    if isinstance(value, tuple):
        return list(value)
    return [value] if holds_list and not isinstance(value, list) else value


def combinations(parameters: Sequence[Parameter]) -> Iterator[tuple[Any, ...]]:
    """Yield every combination of values, the last parameter first to change."""
    return product(*(each.grid() for each in parameters))


def _parsed(name: str, is_field: bool, written: str) -> Parameter:
    if match := _DISTRIBUTION.fullmatch(written):
        words = [word.strip() for word in match[2].split(",")]
        return _interval(Parameter(name, is_field), match[1] == "int", words)
    is_time = is_field and SETTINGS[name].kind == "time"
    if not is_time and (match := _RANGE.fullmatch(written)):
        return Parameter(name, is_field, _steps(*(_in_unit(name, is_field, word) for word in match.groups())))
    if _STEPLESS.fullmatch(written):
        raise ValueError(f"{written.strip()} has no step: give low:high:step, or a text in quotes")
    return listed_parameter(name, [_value(name, is_field, word) for word in _split(written)], is_field)


def _interval(parameter: Parameter, is_integer: bool, words: list[str]) -> Parameter:
    is_log = words[-1] == "log"
    if is_log:
        words.pop()
    if len(words) not in (2, 3):
        raise ValueError("an interval has two ends, and a step at most: int(10,45), float(0.1,10,log)")
    name, is_field = parameter.name, parameter.is_field
    low, high, *step = (float(_decimal(_in_unit(name, is_field, word))) for word in words)
    if is_integer and not all(each == int(each) for each in (low, high, *step)):
        raise ValueError("the ends and the step of int(...) are whole numbers")
    if low >= high:
        raise ValueError(f"is empty: {words[0]} is not below {words[1]}")
    if step and (step[0] <= 0 or is_log):
        raise ValueError("a step is above 0, and there is none with log")
    if is_log and low <= 0:
        raise ValueError("a scale of logarithms begins above 0")
    kind = int if is_integer else float
    width = kind(step[0]) if step else None
    return replace(parameter, low=kind(low), high=kind(high), step=width, is_integer=is_integer, is_log=is_log)


def _steps(low: str, high: str, step: str) -> tuple[Any, ...]:
    """Return the numbers of a range with both ends, by their decimal digits: 0.1:0.3:0.1 is 0.1, 0.2 and 0.3."""
    first, last, width = _decimal(low), _decimal(high), _decimal(step)
    if width == 0 or (last - first) / width < 0:
        raise ValueError(f"is empty: no step of {step} leads from {low} to {high}")
    count = int((last - first) / width) + 1
    if count > MOST_VALUES:
        raise ValueError(f"has {count:,} values; at most {MOST_VALUES:,} can be")
    is_whole = all(each == each.to_integral_value() for each in (first, width))
    return tuple((int if is_whole else float)(first + place * width) for place in range(count))


def _value(name: str, is_field: bool, word: str) -> Any:
    if not word.strip():
        raise ValueError("a value is missing between commas")
    if _PERCENT.fullmatch(word):
        return float(_in_unit(name, is_field, word))
    return parse_field(name, word.strip()) if is_field else parse_value(word.strip())


def _in_unit(name: str, is_field: bool, word: str) -> str:
    """Return a number without its percent sign: as a share of 1, or as it is where a field is in percent."""
    match = _PERCENT.fullmatch(word)
    if match is None:
        return word
    in_percent = is_field and SETTINGS[name].unit == "%"
    return match[1] if in_percent else str(_decimal(match[1]) / 100)


def _split(text: str) -> list[str]:
    """Split at commas that stand in no brackets and no quotes."""
    parts, closing, quote = [""], [], ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _BRACKETS:
            closing.append(_BRACKETS[character])
        elif closing and character == closing[-1]:
            closing.pop()
        elif character == "," and not closing:
            parts.append("")
            continue
        parts[-1] += character
    return parts


def _decimal(word: str) -> Decimal:
    try:
        number = Decimal(word.strip())
    except InvalidOperation:
        raise ValueError(f"{shown(word.strip())} is no number") from None
    if not math.isfinite(number):
        raise ValueError(f"{word.strip()} is no finite number")
    return number
