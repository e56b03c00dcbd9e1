"""The page's rules of style as one text: a file holds them all."""

from __future__ import annotations

import re
from functools import cache

from .page_scripts import STATIC

_IMPORT = re.compile(r'^@import url\("([\w./-]+)"\);\n', re.MULTILINE)


@cache
def page_style() -> str:
    """Return the rules of all pages: style.css with the files that it imports in the place of their imports."""
    text = (STATIC / "style.css").read_text("utf-8")
    return _IMPORT.sub(lambda found: (STATIC / found[1]).read_text("utf-8"), text)
