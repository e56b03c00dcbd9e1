"""What a program is called, by the configuration of its run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: A class at the margin, or a method that decides, of the class before it.
_CLASS_OR_METHOD = re.compile(r"^class[ \t]+(\w+)|^[ \t]+def[ \t]+should_trade\b", re.MULTILINE)


def program_name(config: Mapping[str, Any]) -> str | None:
    """Return what the program of a configuration is called: the first class of its text that decides, or else the last;
    of a class of one's own its name. The text may be a stranger's: it is searched and not parsed.
    """
    return _class_name(str(config.get("code") or "")) or config.get("strategy")


def _class_name(code: str) -> str | None:
    name = None
    for found in _CLASS_OR_METHOD.finditer(code):
        if found[1] is None and name is not None:
            return name
        name = found[1] or name
    return name
