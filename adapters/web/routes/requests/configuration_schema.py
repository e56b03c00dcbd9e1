"""The JSON schema of a configuration, from the settings of its fields."""

from __future__ import annotations

import math
from typing import Any

from engine.config import SETTINGS
from engine.periods import DAY_MS
from engine.settings import Setting

from ...forms import LARGEST_ID, LONGEST_KEY, LONGEST_NAME, MOST_ITEMS, MOST_PARAMETERS, NAME_PATTERN, SERVED_DEFAULTS
from ...safety import LONGEST_CODE
from .schema_of_faults import TIME, fault_schema

Schema = dict[str, Any]

_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": NAME_PATTERN}

_SHAPES: dict[str, Schema] = {
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "choice": {"type": "string"},
    "exchange name": _NAME,
    "program": {"type": "string", "maxLength": LONGEST_CODE},
    "table": {
        "type": "object",
        "additionalProperties": True,
        "maxProperties": MOST_PARAMETERS,
        "propertyNames": {"maxLength": LONGEST_KEY},
    },
    "time": TIME,
    "interval": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1, "description": "seconds"}]},
    "symbol list": {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True},
    "pools": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}, "uniqueItems": True},
    "hours": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": DAY_MS},
        "anyOf": [{"maxItems": 0}, {"minItems": MOST_ITEMS["hours"]}],
    },
    "several": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "faults": {"type": "array", "items": fault_schema()},
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
    if setting.kind in MOST_ITEMS:
        shape["maxItems"] = MOST_ITEMS[setting.kind]
    if setting.kind == "several":
        shape = {**shape, "items": {"type": "string", "enum": list(setting.choices)}, "maxItems": len(setting.choices)}
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
