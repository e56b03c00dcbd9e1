"""The JSON schema of a configuration, from the settings of its fields."""

from __future__ import annotations

import math
from typing import Any

from engine.config import SETTINGS
from engine.instants import FIRST_MS, LAST_MS
from engine.settings import Setting

from ...forms import SERVED_DEFAULTS

Schema = dict[str, Any]

_SHAPES: dict[str, Schema] = {
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "choice": {"type": "string"},
    "exchange name": {"type": "string", "minLength": 1},
    "program": {"type": "string"},
    "table": {"type": "object", "additionalProperties": True},
    "time": {
        "anyOf": [
            {"type": "integer", "minimum": FIRST_MS, "maximum": LAST_MS, "description": "epoch ms"},
            {"type": "string", "description": "ISO time with an offset or Z"},
        ]
    },
    "interval": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1, "description": "seconds"}]},
    "symbol list": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": True},
    "pools": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
    "hours": {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 24},
    "several": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "faults": {
        "type": "array",
        "items": {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]},
    },
}


def config_schema() -> Schema:
    """Return the schema of the body of POST /api/backtests."""
    properties = {name: field_schema(name) for name, setting in SETTINGS.items() if setting.kind in _SHAPES}
    needed = [each.name for each in SETTINGS.values() if each.is_required or each.kind == "program"]
    return {
        "title": "Configuration",
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def field_schema(name: str) -> Schema:
    """Return the schema of one field; a class or an object has none, it cannot come as JSON."""
    setting = SETTINGS[name]
    shape = {**_SHAPES[setting.kind], **_bounds(setting)}
    if setting.kind == "several":
        shape = {**shape, "items": {"type": "string", "enum": list(setting.choices)}}
    elif setting.choices:
        named = {"type": "string", "enum": list(setting.choices)}
        shape = {"anyOf": [named, *shape["anyOf"][1:]]} if "anyOf" in shape else named
    if setting.is_optional and setting.kind != "program":
        shape = {"anyOf": [*shape.get("anyOf", [shape]), {"type": "null"}]}
    default = (
        {}
        if setting.is_required or setting.kind == "program"
        else {"default": SERVED_DEFAULTS.get(setting.name, setting.default)}
    )
    return {"title": setting.label, "description": _description(setting), **shape, **default}


def _bounds(setting: Setting) -> Schema:
    if not setting.bounds or setting.choices:
        return {}
    low = {"minimum": setting.at_least} if setting.above is None else {"exclusiveMinimum": setting.above}
    return {**low, **({"maximum": setting.at_most} if math.isfinite(setting.at_most) else {})}


def _description(setting: Setting) -> str:
    unit = f" ({setting.unit})" * bool(setting.unit)
    choices = zip(setting.choices, setting.meanings, strict=bool(setting.meanings))
    return "; ".join([f"{setting.help}{unit}", *(f"{choice}: {meaning}" for choice, meaning in choices)])
