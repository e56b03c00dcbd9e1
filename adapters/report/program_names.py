"""What a program is called, by the configuration of its run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: A class at the margin, or a method that decides, of the class before it.
_CLASS_OR_METHOD = re.compile(r"^class[ \t]+(\w+)|^[ \t]+def[ \t]+should_trade\b", re.MULTILINE)


def shown_name(config: Mapping[str, Any]) -> str | None:
    """Return the name of the program's class, or else of the strategy that ran from Python."""
    return program_name(str(config.get("code") or "")) or config.get("strategy")


def program_name(code: str) -> str | None:
    """Return the first class of a text that decides, or else its last; the text is searched and not parsed."""
    name = None
    for found in _CLASS_OR_METHOD.finditer(code):
        if found[1] is None and name is not None:
            return name
        name = found[1] or name
    return name
