"""The JSON schema of a request for a study, from the fields that it may have."""

from __future__ import annotations

from ...forms import FIELDS, KINDS
from .configuration_schema import Schema, config_schema


def asked_schema() -> Schema:
    """Return the schema of the body of POST /api/studies: which fields a kind has stands with each of them."""
    about = "; ".join(f"{kind}: {text}" for kind, (_, text) in KINDS.items())
    return {
        "title": "AskedStudy",
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": [*KINDS], "description": about},
            "config": config_schema(),
            **{each.name: each.schema() for each in FIELDS},
        },
        "required": ["kind", "config"],
        "additionalProperties": False,
    }
