"""Data that somebody holds, or reads, and that cannot be worked out anew for another future."""

from __future__ import annotations

import dis
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from .other_tables import FEWEST_VALUES, OtherTables, is_regular
from .reachable_things import held_things

#: So many bytes may hold more than a key or a picture of a word.
_FEWEST_BYTES = 1_000
#: What reads files and the like, by the name that it is called by.
_READERS = (
    "open read_csv read_parquet read_pickle read_feather read_json read_hdf read_sql read_sql_query read_sql_table "
    "read_excel read_table read_text read_bytes loadtxt genfromtxt fromfile memmap urlopen connect"
).split()
_IN_TEXT = re.compile(rf"\b({'|'.join(_READERS)})\(")
#: Many numbers, one after another.
_LITERALS = re.compile(rf"(?:[-+]?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?\s*[,:]\s*){{{FEWEST_VALUES - 1},}}[-+]?\d")
_LOADED = re.compile("LOAD_(GLOBAL|NAME)")


def data_left(held_by: Iterable[object], tables: OtherTables) -> list[str]:
    """Return names of what can be reached from `held_by`, holds data, and is not exchanged by `tables`, whole or in
    part; and of what is read there.
    """
    left: list[str] = []
    for held in held_things(held_by):
        other = held.value if held.put is None else tables.of(held.name, held.value)
        if other is held.value and _is_data(held.value):
            left.append(held.name)
        if isinstance(held.value, FunctionType):
            left.extend(
                f"what {held.value.__qualname__.rpartition('<locals>.')[2]} reads by {name}"
                for name in _read_by(held.value.__code__)
            )
    return [*dict.fromkeys([*tables.only_cut, *left])]


def data_in_text(code: str, may_read: bool) -> list[str]:
    """Return what data a source text seems to hold, and to read if it may; it is not compiled."""
    found = ["the numbers in its text"] if _LITERALS.search(code) else []
    return found + [f"what it reads by {name}" for name in dict.fromkeys(_IN_TEXT.findall(code)) if may_read]


def _read_by(code: CodeType) -> Iterator[str]:
    """Yield the names by which a function reads; the open of a kline is an attribute, and no call of a global."""
    names = set(code.co_names) & set(_READERS)
    if "open" in names and not any(
        each.argval == "open" and _LOADED.fullmatch(each.opname) for each in dis.get_instructions(code)
    ):
        names.discard("open")
    yield from sorted(names)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _read_by(each)


def _is_data(value: object) -> bool:
    """Tell whether a value holds so many numbers, times or bytes that it may be drawn from a market."""
    if isinstance(value, np.ndarray):
        return value.size >= FEWEST_VALUES and not (value.ndim == 1 and is_regular(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return len(value) >= _FEWEST_BYTES
    if isinstance(value, dict):
        return _are_numbers(value.values(), len(value)) or _are_numbers(value.keys(), len(value))
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return _are_numbers(value, len(value)) and not (isinstance(value, Sequence) and is_regular(np.array(value)))
    hint = getattr(type(value), "__length_hint__", None)
    return hint is not None and isinstance(value, Iterator) and hint(value) >= FEWEST_VALUES


def _are_numbers(values: Iterable[Any], count: int) -> bool:
    first = list(islice(values, FEWEST_VALUES))
    return count >= FEWEST_VALUES and all(isinstance(each, (int, float, np.generic, date)) for each in first)
