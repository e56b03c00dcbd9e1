"""What users call things and write to them: one line, or several. Schemas say the patterns by which it is checked."""

from __future__ import annotations

import re

#: What no text may hold: control characters, what turns the direction of others or cannot be seen.
_NEVER = r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_BLANKS = r"\s\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

#: One line of text without blanks around it, at least one character long.
LINE = rf"^[^{_BLANKS}{_NEVER}]([^\t\n{_NEVER}]*[^{_BLANKS}{_NEVER}])?$"
#: Any number of lines.
LINES = rf"^[^{_NEVER}]*$"

_LINE, _LINES = re.compile(LINE), re.compile(LINES)
#: What can stand in a text of Python and in none of JSON.
_HALVES = re.compile("[\ud800-\udfff]")


def is_line(text: str, longest: int) -> bool:
    """Tell whether a text is one line of 1 to `longest` characters, as `LINE` has it; half characters are none."""
    return len(text) <= longest and _LINE.fullmatch(text) is not None and not _HALVES.search(text)


def are_lines(text: str, longest: int) -> bool:
    """Tell whether a text is of at most `longest` characters, as `LINES` has it; it may be empty."""
    return len(text) <= longest and _LINES.fullmatch(text) is not None and not _HALVES.search(text)
