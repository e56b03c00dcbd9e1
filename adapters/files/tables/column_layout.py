"""Which columns of a file hold which fields: found by their titles, or by their places where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine import DataError
from engine.errors import FileFormatError
from engine.market import INDEX_TITLES, letters_of, place_of_title
from engine.plain_values import shown

from .table_source import INDEX_LETTERS, TableSource, listed
from .title_kinds import seems_to_be

if TYPE_CHECKING:
    import pandas as pd

#: Before the title of a column that no field was looked for in.
OTHER = "column "
WHERE = "where "
#: The field that says which of several series a row belongs to: a table is of one series.
SERIES = "series"
#: The field that says of which period a row is, where there are several in a file.
PERIODS = "periods"
#: The fields that hold the times; without one of them an index of pandas without a name does.
_TIME, _TIMES = "time", ("time", "close_time")
#: Which fields the columns of a file without titles hold: told by looking at the columns.
ColumnOrder = Callable[[str, Sequence["pd.Series[Any]"]], Sequence[str]]


@dataclass(frozen=True)
class Layout:
    """How to find the fields in a file: by the titles each may have (the first that is there counts), compared
    without case, spaces, dashes and underscores; in a file without titles, by the number of its columns.

    An `optional` field may be absent. With `takes_others` every other column is a field too, under `OTHER` and its
    title. `more_titles` finds further fields where it sees the titles of a file. `orders` tells, by the number of
    columns, which fields stand where, in files without titles in which there are several possibilities. `hints` are
    further words on fields that are absent.
    """

    titles: Mapping[str, Sequence[str]]
    headerless: Mapping[int, Sequence[str]]
    optional: frozenset[str] = frozenset()
    takes_others: bool = False
    more_titles: Callable[[Sequence[str], Mapping[str, int]], Mapping[str, int]] | None = None
    orders: Mapping[int, ColumnOrder] | None = None
    chosen: frozenset[str] = frozenset()
    hints: Mapping[str, str] | None = None

    def with_columns(self, columns: Mapping[str, str]) -> Layout:
        """Return the layout with a title of one's own for some fields, which are not optional then.

        Raises `DataError` for a field that there is none of.
        """
        unknown = [each for each in columns if each not in self.titles]
        if unknown:
            raise DataError(
                f"there is no field {shown(unknown[0])} to choose a column for; fields are {', '.join(self.titles)}"
            )
        titles = {**self.titles, **{each: (title,) for each, title in columns.items()}}
        return replace(
            self, titles=titles, optional=self.optional - columns.keys(), chosen=self.chosen | columns.keys()
        )

    def without(self, *fields: str) -> Layout:
        """Return the layout without some fields."""
        return replace(self, titles={each: titles for each, titles in self.titles.items() if each not in fields})


def find_fields(name: str, titles: Sequence[str], layout: Layout) -> dict[str, int]:
    """Return the place of each field's column."""
    places = {}
    for field, accepted in layout.titles.items():
        found = _place(name, field, accepted, titles, layout)
        if found is not None:
            places[field] = found
    if _TIME in layout.titles and places.keys().isdisjoint(_TIMES):
        index = place_of_title(INDEX_TITLES, titles)
        places |= {} if index is None else {_TIME: index}
    if layout.more_titles is not None:
        places |= layout.more_titles(titles, places)
    absent = next((field for field in layout.titles if field not in places and field not in layout.optional), None)
    if absent is not None:
        title = absent.removeprefix(WHERE)
        problem = f"there is no such column; the file has {listed(titles)}"
        if absent not in layout.chosen:
            problem += f"; say which it is with --column {title}=TITLE{(layout.hints or {}).get(absent, '')}"
        what = seems_to_be(titles, [titles[place] for place in places.values()])
        problem += "" if what is None else f"; this seems to be a file of {what}"
        raise FileFormatError(name, None, title, problem)
    return {**places, **_others(name, titles, places)} if layout.takes_others else places


def _place(name: str, field: str, accepted: Sequence[str], titles: Sequence[str], layout: Layout) -> int | None:
    """Return the place of a field's column, by its title or by the number that was chosen."""
    found = place_of_title(accepted, titles)
    if found is None:
        return _numbered(accepted[0], range(len(titles))) if field in layout.chosen else None
    _require_one(name, titles, found, field)
    return found


def places_by_number(name: str, source: TableSource, numbered: range, layout: Layout) -> dict[str, int]:
    """Return the place of each field's column in a file without titles."""
    width = len(numbered)
    own: dict[str, int] = {}
    for field in sorted(layout.chosen):
        title = layout.titles[field][0]
        place = _numbered(title, numbered)
        if place is None:
            problem = f"there is no header line that names such a column; give its number, from 1 to {width}"
            raise FileFormatError(name, None, title, problem)
        own[field] = place
    fields = list(layout.headerless.get(width, ()))
    if width in (layout.orders or {}) and not layout.chosen & layout.titles.keys() & {"open", "high", "low", "close"}:
        columns = source.read_columns({str(place): place for place in numbered}).values
        fields = list((layout.orders or {})[width](name, [columns[str(place)] for place in numbered]))
    found = {field: numbered[place] for place, field in enumerate(fields) if _is_wanted(field, layout)}
    places = {**{field: place for field, place in found.items() if place not in own.values()}, **own}
    absent = [field for field in layout.titles if field not in places and field not in layout.optional]
    if not absent:
        return places
    if fields:
        title = absent[0].removeprefix(WHERE)
        problem = f"there is no header line that names such a column; give its number with --column {title}=NUMBER"
        raise FileFormatError(name, None, title, problem)
    expected = " or ".join(map(str, sorted(layout.headerless)))
    others = f", and {width} columns are not {expected}" if expected else ""
    unnamed = dict.fromkeys([*({_TIME} & layout.titles.keys()), *absent])
    example = " ".join(f"--column {field}={number}" for number, field in enumerate(unnamed, 1))
    problem = f"there is no header line{others}; say where each stands, as {example}"
    raise FileFormatError(name, None, None, problem)


def _is_wanted(field: str, layout: Layout) -> bool:
    return field in layout.titles or field.startswith(OTHER)


def _numbered(title: str, places: range) -> int | None:
    """Return the place of the column that a user gives by its number, from 1."""
    is_number = title.isascii() and title.isdigit() and len(title) < 5
    return places[int(title) - 1] if is_number and 0 < int(title) <= len(places) else None


def _require_one(name: str, titles: Sequence[str], place: int, field: str) -> None:
    if titles.count(titles[place]) > 1:
        way_out = f"say which by its number, as --column {field.removeprefix(WHERE)}={place + 1}"
        raise FileFormatError(name, None, titles[place], f"there are several columns of this title; {way_out}")


def _others(name: str, titles: Sequence[str], places: Mapping[str, int]) -> dict[str, int]:
    """Return the places of the columns in which no field was found, by field; an index without a name is none."""
    found: dict[str, int] = {}
    for place, title in enumerate(titles):
        if place in places.values() or letters_of(title) in INDEX_LETTERS:
            continue
        if found.setdefault(f"{OTHER}{title}", place) != place:
            raise FileFormatError(name, None, title, "there are several columns of this title")
    return found
