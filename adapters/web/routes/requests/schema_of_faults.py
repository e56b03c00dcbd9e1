"""The JSON schema of a fault in a configuration: a table for each kind, from the table of kinds."""

from __future__ import annotations

from typing import Any

from engine.faults import KINDS, FaultKind, taken_by
from engine.instants import FIRST_MS, LAST_MS

from ...forms import LONGEST_NAME, MOST_IN_FAULT, NAME_PATTERN

#: An instant: what is written with an offset, and not only the day.
TIME: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": FIRST_MS, "maximum": LAST_MS, "description": "epoch ms"},
        {
            "type": "string",
            "description": "ISO time with an offset or Z, from 1974 on",
            "maxLength": 40,
            "pattern": r"^(197[4-9]|19[89][0-9]|20[0-9][0-9])-(0[1-9]|1[012])-(0[1-9]|1[0-9]|2[0-8])[T ]"
            r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$",
        },
    ]
}
_LENGTH = {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,3})?(ms|[wdhms])$", "description": "such as 90s"}
_SYMBOL = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": NAME_PATTERN}
_VALUES: dict[str, dict[str, Any]] = {
    "start": {"anyOf": [*TIME["anyOf"], {"type": "array", "items": TIME, "minItems": 1, "maxItems": MOST_IN_FAULT}]},
    "duration": _LENGTH,
    "every": {**_LENGTH, "description": "a minute or more"},
    "delay": _LENGTH,
    "skew": {**_LENGTH, "pattern": "^-?" + str(_LENGTH["pattern"])[1:]},
    "times": {"type": "integer", "minimum": 0, "maximum": 100_000},
    "rate_per_day": {"type": "number", "minimum": 0, "maximum": 1_440},
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**63},
    "intensity": {"type": "number", "minimum": 0, "maximum": 1_000},
    "symbols": {"type": "array", "items": _SYMBOL, "minItems": 1, "maxItems": MOST_IN_FAULT},
}


def fault_schema() -> dict[str, Any]:
    """Return the schema of one fault; what its values must be together, a refusal says."""
    return {"oneOf": [_of(kind) for kind in KINDS.values()]}


def _of(kind: FaultKind) -> dict[str, Any]:
    own = {
        "percent": {"type": "number", "minimum": 0, "maximum": kind.most},
        "direction": {"type": "string", "enum": list(kind.directions)},
    }
    return {
        "type": "object",
        "title": kind.name,
        "description": kind.about,
        "properties": {"kind": {"const": kind.name}, **{name: {**_VALUES, **own}[name] for name in taken_by(kind)}},
        "required": ["kind"],
        "additionalProperties": False,
    }
