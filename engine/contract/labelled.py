"""Texts of a fixed choice that are also shown to people."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """An enum of texts, as results and requests have them (the value) and as people read them (`label`): a member is
    written ``NAME = value, label``.
    """

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Make a member of its value and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
