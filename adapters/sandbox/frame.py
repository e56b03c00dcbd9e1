"""Frames: bytes with their length before them. What a worker writes in one is JSON, and read without believing it."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import MISSING, fields
from typing import Any, NoReturn

from engine import ActionType, Decision
from engine.contract import FIELDS, decision_values

MOST_FRAME_BYTES = 4 << 20
MOST_TEXT = 10_000
MOST_WHOLE = 1 << 1_000
HEADER_BYTES = 4
#: A read that is nearly always enough: Python has memory for so few bytes at hand.
QUICK_READ_BYTES = 448
#: A message of the parent that is an instant (epoch ms) and nothing else, framed; no other is as short.
INSTANT = struct.Struct("<iq")
INSTANT_BYTES = INSTANT.size - HEADER_BYTES
#: What a value takes in memory beside its characters, with its place in what holds it.
_OVERHEAD_BYTES = 64

#: What a frame without content says: the program was asked and decided nothing, and nothing else is to be said.
NOTHING: dict[str, Any] = {"kind": "answer"}
EMPTY_FRAME = bytes(HEADER_BYTES)
#: What says in one byte that the program decided nothing, and asked the same as at the last trigger at which it asked.
AGAIN: dict[str, Any] = {"kind": "answer", "again": True}
_SAME = b"="
AGAIN_FRAME = len(_SAME).to_bytes(HEADER_BYTES, "little") + _SAME

_KNOWN = frozenset(FIELDS)
_REQUIRED = frozenset(each.name for each in fields(Decision) if each.default is MISSING)
#: What the fields of a decision are where a program says nothing of them: that is not told. The rest is never so.
_DEFAULTS = tuple(object() if each.name in _REQUIRED else each.default for each in fields(Decision))

_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


class FrameError(Exception):
    """A frame that no honest worker writes."""


def encode(value: object) -> bytes:
    """Return a value as JSON."""
    return _encode(value).encode("ascii")


def framed(payload: bytes) -> bytes:
    """Return a payload with its length before it."""
    return len(payload).to_bytes(HEADER_BYTES, "little") + payload


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


#: Made once: that takes three times as long as reading a frame with it.
_read_json = json.JSONDecoder(parse_constant=_refuse).decode


def decode(payload: bytes | bytearray) -> dict[str, Any]:
    """Return a frame. Raises `FrameError` for anything that is not a JSON object with a text as its kind."""
    if not payload:
        return NOTHING
    if payload == _SAME:
        return AGAIN
    try:
        value = _read_json(payload.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise FrameError("a frame that is no JSON") from error
    if type(value) is not dict or type(value.get("kind")) is not str:
        raise FrameError("a frame without a kind")
    return value


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return what is set in a decision, for a frame. Raises `TypeError` or `ValueError` with what is wrong with it."""
    values = zip(FIELDS, decision_values(decision), _DEFAULTS, strict=True)
    return {name: _field_to_json(name, value) for name, value, default in values if value is not default}


def _field_to_json(name: str, value: object) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if isinstance(value, float) and kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, int) and kind is int:
        if abs(value) > MOST_WHOLE:
            raise ValueError(f"{name} of the Decision is too large")
        return value
    if isinstance(value, ActionType):
        return value.value
    if isinstance(value, str) and kind is str:
        if len(value) > MOST_TEXT:
            raise ValueError(f"{name} of the Decision is longer than {MOST_TEXT:,} characters")
        return value.encode("utf-8", "backslashreplace").decode()
    raise TypeError(f"{name} of the Decision is of the type {kind.__name__}, not text or a number")


def decision_from_json(values: Any) -> Decision:
    """Return the decision of a frame. Raises `FrameError` unless it is plain values of fields, and of all that must be
    set.
    """
    if type(values) is not dict or not (_REQUIRED <= values.keys() <= _KNOWN):
        raise FrameError("a decision of other values")
    return Decision(**{name: _field_from_json(value) for name, value in values.items()})


def _field_from_json(value: Any) -> Any:
    kind = type(value)
    if kind is float and not math.isfinite(value):
        raise FrameError("a number that is not finite")
    if kind is int and abs(value) > MOST_WHOLE:
        raise FrameError("a number that is too large")
    if kind is str and (len(value) > 2 * MOST_TEXT or not value.isascii()):
        check_text(value, 10 * MOST_TEXT)
    if kind is dict:
        text = value.get("float")
        if len(value) != 1 or text not in ("nan", "inf", "-inf"):
            raise FrameError("an object in a decision")
        return float(text)
    if kind not in (float, int, str, bool) and value is not None:
        raise FrameError("a list in a decision")
    return value


def kept_bytes(value: Any, depth: int, most: int) -> int:
    """Return about how much memory a value takes that is kept: plain, or of lists and objects at most `depth` deep.
    Raises `FrameError` for any other, and as soon as it is more than `most`.
    """
    kind = type(value)
    if kind is str:
        return _OVERHEAD_BYTES + len(check_text(value, MOST_TEXT))
    size = _OVERHEAD_BYTES
    if kind not in (list, dict):
        return size
    if depth == 0:
        raise FrameError("a value that nests too deeply")
    for each in [*value, *value.values()] if kind is dict else value:
        size += kept_bytes(each, depth - 1, most - size)
        if size > most:
            raise FrameError("a value that is too large")
    return size


def check_text(value: Any, most: int) -> str:
    """Return a text of at most `most` characters that can be written to a file; `FrameError` for anything else."""
    if type(value) is not str or len(value) > most:
        raise FrameError("a text that is none, or too long")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FrameError("a text that is no text") from None
    return value
