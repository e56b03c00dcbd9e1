"""Numbers as people write them: with separators of thousands, with a decimal comma, behind the sign of a currency."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from engine.errors import FileFormatError
from engine.plain_values import shown

if TYPE_CHECKING:
    from .table_file import TableFile

_SIGN, _TAIL = r"[+-]?", r"(?:[eE][+-]?\d+)?(?:\s?%)?"
#: 1,234,567.8 and 1.234.567,8; what a comma alone means is told by the digits around it.
_POINT = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d*)?{_TAIL}")
_COMMA = re.compile(rf"{_SIGN}(?:\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+)(?:,\d+)?{_TAIL}")
_PLAIN = re.compile(rf"{_SIGN}(?:\d+\.?\d*|\.\d+){_TAIL}")
_CURRENCY = re.compile(r"^([+-]?)[$€£¥₿]\s?")


def is_number(text: str) -> bool:
    """Whether a text is a number, in one of these ways of writing, or says that there is none (nan)."""
    try:
        float(text)
    except ValueError:
        return bool(_POINT.fullmatch(text) or _COMMA.fullmatch(text))
    return True


class NumberStyle:
    """Which of the ways of writing the texts of a table follow, as far as they tell."""

    def __init__(self) -> None:
        self.point = self.comma = False
        self.unclear: tuple[str, str] | None = None
        self.is_strange = False

    def look_at(self, field: str, column: pd.Series[Any]) -> None:
        """Look at the texts of one column."""
        for text in column.dropna().unique():
            if not isinstance(text, str) or not ("," in text or _CURRENCY.match(text)):
                continue
            point, comma = _forms(text)
            self.is_strange |= point or comma
            self.point |= point and not comma and "," in text
            self.comma |= comma and not point and "," in text
            if point and comma and "," in text:
                self.unclear = self.unclear or (field, text)


def _forms(text: str) -> tuple[bool, bool]:
    """Return whether a text is a number with a decimal point, and with a decimal comma."""
    bare = _CURRENCY.sub(r"\1", text.strip())
    return bool(_POINT.fullmatch(bare) or _PLAIN.fullmatch(bare)), bool(_COMMA.fullmatch(bare))


def uses_comma(table: TableFile) -> bool | None:
    """Return whether numbers of a table have a decimal comma, None where all are plain.

    Raises `FileFormatError` where that cannot be told.
    """
    style, decimal = NumberStyle(), table.options.decimal
    for field, column in table.values.items():
        if column.dtype.kind not in "iufMb":
            style.look_at(field, column)
    if decimal is not None:
        return decimal == "comma"
    if not style.is_strange:
        return None
    if style.unclear is not None and style.point == style.comma:
        field, text = style.unclear
        problem = f"the comma in {shown(text)} may stand before decimals or thousands; say --decimal point or comma"
        raise FileFormatError(table.path, None, table.titles[field], problem)
    return style.comma and not style.point


def plain_number(text: Any, with_comma: bool) -> Any:
    """Return a number in the plain way of writing; what is none stays as it is, and one in the other way is marked."""
    if not isinstance(text, str):
        return text
    bare = _CURRENCY.sub(r"\1", text.strip())
    if with_comma and _COMMA.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if not with_comma and _POINT.fullmatch(bare):
        return bare.replace(",", "")
    if with_comma and _PLAIN.fullmatch(bare):
        return f"{text} (in a file of decimal commas)"
    return bare if _PLAIN.fullmatch(bare) else text
