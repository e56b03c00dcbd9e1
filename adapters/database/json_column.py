"""Columns that hold JSON: as text, or where the platform made the table on PostgreSQL, as values already."""

from __future__ import annotations

import json
from typing import Any


def stored_json(stored: Any) -> Any:
    """Return what a JSON column says, None for NULL; `ValueError` or `RecursionError` for a text that is no JSON."""
    return json.loads(stored) if isinstance(stored, str) else stored
