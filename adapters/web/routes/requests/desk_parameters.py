"""The parameters and bodies of requests about the list of results, with their limits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import StringConstraints

from ....desk import CONDITION, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, NAMES, PARAMETER, DeskFilter, RunState, condition
from ....input import LINE, LINES, are_lines, is_line
from ....results import LONGEST_LABEL, RunStatus
from ...forms import LARGEST_ID
from ...safety import wrong_field
from .parameters import Name, SearchText, TimeMs

#: So many results are deleted by one request, and so many compared.
MOST_DELETED, MOST_COMPARED = 500, 20

DeskColumn = Annotated[
    str,
    Query(
        max_length=80,
        pattern=rf"^({'|'.join(NAMES)}|{PARAMETER}[^\x00-\x1f\x7f]{{1,64}})$",
        description=f"a column of the list; {PARAMETER}NAME is a parameter of the program",
    ),
]
ComparedIds = Annotated[
    str,
    Query(
        max_length=10 * MOST_COMPARED,
        pattern=rf"^[1-9][0-9]{{0,8}}(,[1-9][0-9]{{0,8}}){{1,{MOST_COMPARED - 1}}}$",
        description=f"2 to {MOST_COMPARED} ids of back-tests, with commas between them",
    ),
]
_Program = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Tag = Annotated[str, StringConstraints(max_length=LONGEST_TAG, pattern=LINE)]
_Condition = Annotated[str, StringConstraints(max_length=150, pattern=CONDITION)]


def _filter(
    state: Annotated[list[RunState] | None, Query(max_length=len(RunState), description="any of these")] = None,
    status: RunStatus | None = None,
    symbol: Name | None = None,
    exchange: Name | None = None,
    program: _Program | None = None,
    tag: Annotated[list[_Tag] | None, Query(max_length=MOST_TAGS, description="all of these")] = None,
    starred: bool | None = None,
    since: TimeMs | None = None,
    until: TimeMs | None = None,
    q: SearchText | None = None,
    where: Annotated[
        list[_Condition] | None,
        Query(max_length=10, description=f"conditions such as net_pnl > 0 or {PARAMETER}NAME <= 20; all must hold"),
    ] = None,
) -> DeskFilter:
    return DeskFilter(
        states=tuple(state or ()),
        status=status,
        symbol=symbol,
        exchange=exchange,
        program=program,
        tags=tuple(tag or ()),
        starred=starred,
        since_ms=since,
        until_ms=until,
        text=q,
        where=tuple(condition(each) for each in where or ()),
    )


Wanted = Annotated[DeskFilter, Depends(_filter)]

_IDS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    "minItems": 1,
    "maxItems": MOST_DELETED,
    "uniqueItems": True,
}
IDS_SCHEMA: dict[str, Any] = {
    "title": "Ids",
    "type": "object",
    "properties": {"ids": _IDS},
    "required": ["ids"],
    "additionalProperties": False,
}
NOTES_SCHEMA: dict[str, Any] = {
    "title": "Notes",
    "type": "object",
    "properties": {
        "label": {
            "anyOf": [{"type": "string", "maxLength": LONGEST_LABEL, "pattern": LINE}, {"type": "null"}],
            "description": "what it is called, null for no name",
        },
        "note": {"type": "string", "maxLength": LONGEST_NOTE, "pattern": LINES, "description": "several lines"},
        "starred": {"type": "boolean"},
        "tags": {
            "type": "array",
            "items": {"type": "string", "maxLength": LONGEST_TAG, "pattern": LINE},
            "maxItems": MOST_TAGS,
            "uniqueItems": True,
        },
    },
    "minProperties": 1,
    "additionalProperties": False,
}


def checked_ids(values: dict[str, Any]) -> list[int]:
    """Return the ids of a body. Refuses what is none."""
    ids = values.get("ids")
    _refuse_foreign(values, ("ids",))
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_DELETED:
        raise wrong_field("ids", f"is no list of 1 to {MOST_DELETED} ids")
    found = [_whole(each) for each in ids]
    if len({*found}) != len(found):
        raise wrong_field("ids", "has an id twice")
    return found


def _whole(value: Any) -> int:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1
    if not is_number or not 1 <= value <= LARGEST_ID:
        raise wrong_field("ids", "has what is no id of a back-test")
    return int(value)


def checked_notes(values: dict[str, Any]) -> dict[str, Any]:
    """Return the changes that a body describes. Refuses what is none."""
    _refuse_foreign(values, NOTES_SCHEMA["properties"])
    if not values:
        raise wrong_field("label", "nothing is to be changed: give label, note, starred or tags")
    for name, value in values.items():
        problem = _CHECKS[name](value)
        if problem:
            raise wrong_field(name, problem)
    return values


def _refuse_foreign(values: dict[str, Any], names: Any) -> None:
    foreign = sorted(values.keys() - {*names})
    if foreign:
        raise wrong_field(foreign[0], "there is no such field")


def _no_label(value: Any) -> str:
    is_label = value is None or (isinstance(value, str) and is_line(value, LONGEST_LABEL))
    return "" if is_label else f"is no line of 1 to {LONGEST_LABEL} characters without blanks around it"


def _no_note(value: Any) -> str:
    is_note = isinstance(value, str) and are_lines(value, LONGEST_NOTE)
    return "" if is_note else f"is no text of at most {LONGEST_NOTE:,} characters that can be printed"


def _no_flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "is neither true nor false"


def _no_tags(value: Any) -> str:
    if not isinstance(value, list) or len(value) > MOST_TAGS:
        return f"is no list of at most {MOST_TAGS} tags"
    if not all(isinstance(each, str) and is_line(each, LONGEST_TAG) for each in value):
        return f"each tag is a line of 1 to {LONGEST_TAG} characters without blanks around it"
    return "" if len({*value}) == len(value) else "has a tag twice"


_CHECKS = {"label": _no_label, "note": _no_note, "starred": _no_flag, "tags": _no_tags}
