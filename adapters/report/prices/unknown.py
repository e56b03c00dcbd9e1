"""What was asked for is not stored."""

from __future__ import annotations

from engine import DataError


class NotStored(DataError):
    """A result, a trigger of it or a series that the database does not have."""
