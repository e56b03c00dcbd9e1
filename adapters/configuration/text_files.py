"""Text files of users, TOML among them, read with a sentence for what is wrong with one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import ConfigurationError

from ..input import MOST_DEPTH, MOST_TEXT_BYTES, open_input, read_at_most

_BITS = 64
_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{MOST_DEPTH}}}""")
_TOO_DEEP = f"is nested more than {MOST_DEPTH} levels deep"


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file; `ValueError` says what is wrong with it, but not which file it is."""
    with open_input(path) as file:
        data = read_at_most(file, MOST_TEXT_BYTES)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"is no UTF-8 text (byte {error.start + 1})") from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; `ConfigurationError` names the file and what is wrong with it."""
    try:
        return toml_values(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: is no TOML: {error}"]) from error
    except ValueError as error:
        raise ConfigurationError([f"{path}: {error}"]) from error


def toml_values(text: str) -> dict[str, Any]:
    """Return what a TOML text holds; `TOMLDecodeError` when it is none, another `ValueError` for what is too deep, for
    integers beyond 64 bits, as TOML has none, and for NULs, which no database and no path can hold.
    """
    if _LONG_KEY.search(text):  # which would be parsed in the square of its length
        raise ValueError(_TOO_DEEP)
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise ValueError(f"holds an integer of more than {_BITS} bits") from None
    _check(values)
    return values


def _check(values: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(values, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise ValueError(_TOO_DEEP)
        if isinstance(value, int) and value.bit_length() > _BITS:
            raise ValueError(f"holds an integer of more than {_BITS} bits")
        if isinstance(value, str) and "\0" in value:
            raise ValueError("holds a text with a NUL")
        if isinstance(value, Mapping):
            waiting += [(key, depth) for key in value]
        if isinstance(value, (Mapping, list)):
            waiting += [(each, depth + 1) for each in (value.values() if isinstance(value, Mapping) else value)]
