"""A journal is whole when each line has its hash, and its cause before it, from the first line to the last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import DataError
from ..version import VERSION
from .chained_lines import hash_after
from .damage import damage_of, parted
from .line_making import FORMAT
from .rules import RULES

_LAST = "end"


def checked_records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield each line of a journal as a dict. Raises `DataError` with where it is damaged, and how, when it is."""
    before, number, message, at = "", 0, "", None
    following = iter(lines)
    for line in following:
        number += 1
        if message == _LAST:
            raise DataError(f"line {number} comes after the end of the journal")
        parts = parted(line.rstrip(b"\n"))
        if parts is None or hash_after(before, parts[0]) != parts[1]:
            raise DataError(damage_of(number, before, line, following))
        record = json.loads(parts[0])
        _require_order(number, record)
        _require_known(number, record, at)
        before, message, at = parts[1], record["message"], record["at"]
        yield {**record, "~hash": before}
    if message != _LAST:
        cut = f"it ends with line {number}" if number else "it is empty"
        raise DataError(f"the journal is not whole: {cut}, and the line of the end is missing")


def _require_known(number: int, record: dict[str, Any], before_ms: int | None) -> None:
    """Raise `DataError` for a line that goes back in time, or has a rule that is not in the table."""
    at, rule = record.get("at"), record.get("rule")
    if type(at) is not int:
        raise DataError(f"line {number} is of no time ({at!r}): the journal was written anew")
    if before_ms is not None and at < before_ms:
        raise DataError(
            f"line {number} is of {at}, before the line before it ({before_ms}): the journal was written anew"
        )
    if rule is not None and rule not in RULES:
        raise DataError(f"line {number} names the rule {rule!r}, which this perpsim ({VERSION}) does not have")


def _require_order(number: int, record: dict[str, Any]) -> None:
    """Raise `DataError` for a line that follows the chain and cannot be: no journal of this version, or none at all."""
    if number == 1 and record.get("format") != FORMAT:
        found = record.get("format")
        raise DataError(
            f"it is a journal of format {found!r}, made by perpsim {record.get('engine')}; this perpsim reads format "
            f"{FORMAT}: read it with that version"
        )
    cause, line = record.get("cause"), record.get("id")
    if line != number - 1:
        raise DataError(f"line {number} has the id {line!r} in place of {number - 1}: the journal was written anew")
    if cause is not None and not (type(cause) is int and 0 < cause < number - 1):
        raise DataError(f"line {number} names the cause {cause!r}, which does not come before it")
