"""What every kind of file gives to those who read tables: titles, and the columns at some places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.market import INDEX_TITLES, letters_of

#: What the index of a frame of pandas is called in a file, if it has no name of its own.
INDEX_LETTERS = tuple(map(letters_of, INDEX_TITLES))
#: What messages call a column of no title.
NO_TITLE = "(no title)"
#: How many texts of a file a message lists, and how many characters of each.
_MOST_LISTED, _LONGEST_LISTED = 20, 40


class SourceColumns(NamedTuple):
    """Columns by field. `rows` are the places of their rows in the file (None: all), `left_out` the others."""

    values: dict[str, pd.Series[Any]]
    rows: npt.NDArray[np.int64] | None = None
    left_out: tuple[tuple[int, str], ...] = ()


class TableSource(Protocol):
    """An open file of rows and columns."""

    @property
    def titles(self) -> Sequence[str]:
        """The titles of the columns; where there are none, as many texts."""

    @property
    def has_titles(self) -> bool:
        """Whether the columns have titles."""

    @property
    def may_have_commas(self) -> bool:
        """Whether a text may be a number with a comma."""

    @property
    def may_have_points(self) -> bool:
        """Whether a point in a number may stand behind thousands."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user should know."""

    def read_columns(self, places: Mapping[str, int], as_text: bool = False) -> SourceColumns:
        """Return the columns at some places, by field; `as_text` leaves the texts of a text file as they are."""


def numbered_places(titles: Sequence[str]) -> range | None:
    """Return the places of the values where titles are only the numbers that pandas gives to columns without names
    (0, 1, 2, ..., maybe beside the column of its index); None for all other titles.
    """
    first = 1 if titles and letters_of(titles[0]) in INDEX_LETTERS else 0
    last = len(titles) - (len(titles) > 1 and titles[-1] == "__index_level_0__")
    places = range(first, last)
    is_numbered = len(places) > 1 and [*titles[first:last]] == [str(place - first) for place in places]
    return places if is_numbered else None


def listed(texts: Sequence[str]) -> str:
    """Return texts of a file as a message lists them: not too many, and none of them too long."""
    short = [text[:_LONGEST_LISTED] + "..." * (len(text) > _LONGEST_LISTED) for text in texts[:_MOST_LISTED]]
    more = f" and {len(texts) - _MOST_LISTED:,} more" if len(texts) > _MOST_LISTED else ""
    return ", ".join(short) + more or "none"
