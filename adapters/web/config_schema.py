"""The JSON schema of a configuration, from the fields of `BacktestConfig`."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from engine import PERIOD_MS, BacktestConfig

#: A strategy object cannot come in as JSON.
_NOT_OVER_HTTP = ("strategy",)

_TIME = {"anyOf": [{"type": "integer"}, {"type": "string", "description": "ISO time with an offset or Z"}]}
_SPECIAL: dict[str, dict[str, Any]] = {
    "code": {"type": "string", "description": "source text of the program"},
    "start_time": _TIME,
    "end_time": _TIME,
    "params": {"type": "object", "additionalProperties": True},
    "symbols": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "signal_pool_ids": {"type": "array", "items": {"type": "integer"}},
    "base_period": {"type": "string", "enum": list(PERIOD_MS)},
    "scheduled_interval": {
        "anyOf": [{"type": "string", "enum": list(PERIOD_MS)}, {"type": "integer", "minimum": 1}, {"type": "null"}]
    },
}
_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def config_schema() -> dict[str, Any]:
    """Return the schema of the body of POST /api/backtests."""
    hints = get_type_hints(BacktestConfig)
    properties = {}
    for each in fields(BacktestConfig):
        if each.name in _NOT_OVER_HTTP:
            continue
        schema = dict(_SPECIAL.get(each.name) or _schema_of(hints[each.name]))
        if each.default is not MISSING and each.name != "code":
            schema["default"] = list(each.default) if isinstance(each.default, tuple) else each.default
        properties[each.name] = schema
    required = ["code", "symbols", "start_time", "end_time"]
    return {
        "title": "Configuration",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _schema_of(hint: Any) -> dict[str, Any]:
    origin = get_origin(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema_of(each) for each in get_args(hint)]}
    if origin in (Sequence, Mapping):
        return {"type": "array" if origin is Sequence else "object"}
    return {"type": _SIMPLE[hint]} if hint in _SIMPLE else {}
