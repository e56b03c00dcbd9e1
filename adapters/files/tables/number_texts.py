"""Numbers as people write them: with separators of thousands, with a decimal comma, behind the sign of a currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from engine.plain_values import shown

if TYPE_CHECKING:
    from .table_file import TableFile

_SIGN, _TAIL = r"[+-]?", r"(?:[eE][+-]?\d+)?(?:\s?%)?"
#: 1,234,567.8 and 1.234.567,8; what a comma alone means is told by the digits around it.
_POINT = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d*)?{_TAIL}")
_COMMA = re.compile(rf"{_SIGN}(?:\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+)(?:,\d+)?{_TAIL}")
_PLAIN = re.compile(rf"{_SIGN}(?:\d+\.?\d*|\.\d+){_TAIL}")
_CURRENCY = re.compile(r"^([+-]?)[$€£¥₿]\s?")
#: Spaces of some kinds and apostrophes separate thousands too.
_GAP = re.compile("(?<=\\d)[ '\u2019\u00a0\u2009\u202f](?=\\d{3}(?!\\d))")
#: A point that may stand before three decimals or behind thousands.
_THREE_BEHIND_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")


def is_number(text: str) -> bool:
    """Whether a text is a number, in one of these ways of writing, or says that there is none (nan)."""
    try:
        float(text)
    except ValueError:
        return bool(_POINT.fullmatch(text) or _COMMA.fullmatch(text))
    return True


def uses_comma(table: TableFile) -> bool | None:
    """Return whether numbers of a table have a decimal comma, None where all are plain.

    Raises `FileFormatError` where that cannot be told.
    """
    said = table.options.decimal
    if said is not None:
        return said == "comma"
    point, comma, unclear = False, False, None
    for field, column in table.values.items():
        for text in _strange_texts(column):
            with_point, with_comma = _forms(text)
            point, comma = point or with_point > with_comma, comma or with_comma > with_point
            if with_point and with_comma:
                unclear = unclear or (field, text)
    if unclear is not None and point == comma:
        problem = (
            f"the comma in {shown(unclear[1])} may stand before decimals or thousands; say --decimal point or comma"
        )
        table.fail(unclear[0], problem)
    return comma and not point if point or comma else None


def may_be_thousands(column: pd.Series[Any]) -> bool:
    """Whether all numbers of a column have three digits behind a point, as thousands do where a comma is decimal."""
    if column.dtype.kind == "f":
        known = column.dropna()
        return bool(len(known) and known.abs().between(1, 1_000).all() and (known.round(3) == known).all())
    return all(_THREE_BEHIND_POINT.fullmatch(str(text)) for text in column.dropna().unique())


def plain_column(column: pd.Series[Any], with_comma: bool) -> pd.Series[Any]:
    """Return a column whose numbers are written in the plain way; what is no number stays as it is. In a file of
    decimal commas a column may have decimal points all the same.
    """
    if column.dtype.kind in "iufMb":
        return column
    texts = column.dropna().unique()
    if with_comma and any(_is_with_point(text) for text in texts) and not any("," in str(text) for text in texts):
        return column
    return column.astype(object).map(partial(_plain, with_comma=with_comma))


def _strange_texts(column: pd.Series[Any]) -> Iterator[str]:
    """Yield the texts of a column that may be numbers which are not written in the plain way."""
    if column.dtype.kind not in "iufMb":
        texts = (text for text in column.dropna().unique() if isinstance(text, str))
        yield from (text for text in texts if "," in text or _CURRENCY.match(text) or _GAP.search(text))


def _bare(text: str) -> str:
    return _GAP.sub("", _CURRENCY.sub(r"\1", text.strip()))


def _forms(text: str) -> tuple[bool, bool]:
    """Return whether a text is a number with a decimal point, and with a decimal comma."""
    bare = _bare(text)
    return bool(_POINT.fullmatch(bare) or _PLAIN.fullmatch(bare)), bool(_COMMA.fullmatch(bare))


def _is_with_point(text: Any) -> bool:
    """Whether a text is a number whose point stands before decimals."""
    bare = _bare(str(text))
    return bool(_PLAIN.fullmatch(bare) and not _COMMA.fullmatch(bare))


def _plain(text: Any, with_comma: bool) -> Any:
    """Return a number in the plain way of writing; what is none stays as it is."""
    if not isinstance(text, str):
        return text
    bare = _bare(text)
    if with_comma and _COMMA.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if not with_comma and _POINT.fullmatch(bare):
        return bare.replace(",", "")
    if with_comma and _PLAIN.fullmatch(bare):
        return f"{text} (among decimal commas)"
    return bare if _PLAIN.fullmatch(bare) else text
