"""Decisions as users give them: objects, or words as on a command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from engine import ActionType, ConfigurationError, Decision
from engine.near_names import near
from engine.plain_values import shown
from engine.program import Answer

from ..configuration import parse_value

_NAMES = tuple(each.name for each in fields(Decision))
_EXAMPLE = "buy BTC target_portion_of_balance=0.3 leverage=2"


def given_decision(decision: object) -> Answer:
    """Return what a user gives as a decision: a `Decision`, a list of them, or words. These are hold; or an operation,
    a symbol and fields, as in "buy BTC target_portion_of_balance=0.3 leverage=2"; or a JSON object of the fields.

    Raises `ConfigurationError` for anything else.
    """
    if isinstance(decision, Decision):
        return decision
    if isinstance(decision, str):
        return _of_words(decision)
    if isinstance(decision, Sequence) and decision and all(isinstance(each, Decision) for each in decision):
        return tuple(decision)
    raise _wrong(f"{shown(decision)} is no Decision, no list of them, and no text such as hold, or {_EXAMPLE}")


def _of_words(text: str) -> Answer:
    if text.strip().lower() == "hold":
        return None
    given = _of_json(text) if text.lstrip().startswith("{") else _of_pairs(text)
    for name in given:
        if name not in _NAMES:
            raise _wrong(f"a Decision has no {name}" + (f"; {meant}" if (meant := near(name, _NAMES)) else ""))
    operation = str(given.get("operation", "")).lower()
    if operation not in [*ActionType]:
        raise _wrong(f"{shown(operation)} is none of {', '.join(ActionType)}: begin with one of them, as in {_EXAMPLE}")
    if not given.get("symbol"):
        raise _wrong(f"it names no symbol: name it, as in {_EXAMPLE}")
    return Decision(**given)


def _of_json(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _wrong(f"{shown(text)} is no JSON ({error})") from error
    return dict(given)


def _of_pairs(text: str) -> dict[str, Any]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _wrong(f"{shown(text)}: {error}") from error
    given: dict[str, Any] = {"operation": words[0]} if words else {}
    if len(words) > 1 and "=" not in words[1]:
        given["symbol"] = words.pop(1)
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            raise _wrong(f"{shown(word)} is not of the form field=value, as in {_EXAMPLE}")
        given[name] = parse_value(value)
    return given


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError([f"decision: {why}"])
