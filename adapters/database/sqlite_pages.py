"""Numbers out of SQLite as columns, without a Python object for each of them: those take longer than all else.

SQLite copies the rows into a temporary table in memory, whose pages are read here as sqlite.org/fileformat2.html
describes them: pages in its section 1.6, records and the kinds of their values in 2.1.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..runs import deaf_call, long_step, unseen
from .interface import Columns

#: How many rows are copied at once, so that the two copies which there are for a while stay below 200 MB.
_BLOCK_ROWS = 1 << 20

_TABLE = "perpsim_rows"
_PAGE_BYTES = 65_536  # few pages, because each takes a step in Python
_LEAF = 13  # the first byte of a page with rows; all others name pages below them
_LEAF_HEADER_BYTES, _INNER_HEADER_BYTES = 8, 12
_LAST_BYTE = 0x7F  # the most that the last byte of an integer of variable length can be

#: Kinds of values: NULL; integers of 1, 2, 3, 4, 6, 8 bytes; doubles; the integers 0 and 1; then texts and blobs.
_NULL, _DOUBLE, _ZERO, _ONE = 0, 7, 8, 9
_WIDTHS = np.array([0, 1, 2, 3, 4, 6, 8, 8, 0, 0])
_WORD_BYTES = 8

Column = npt.NDArray[Any]
Places = npt.NDArray[np.int64]


def prepare_pages(raw: sqlite3.Connection) -> None:
    """Keep temporary tables of a new connection in memory, in large pages."""
    raw.execute("PRAGMA temp_store = MEMORY")
    raw.execute(f"PRAGMA temp.page_size = {_PAGE_BYTES}")


def read_numbers(
    raw: sqlite3.Connection, statement: str, values: Sequence[Any], dtype: np.dtype[Any]
) -> Columns | None:
    """Return the rows that a statement without a LIMIT selects as columns, bit for bit: int64 or float64, of which a
    NULL is NaN. None where a value is no number, or among int64 no integer, and where SQLite does not give its pages.
    """
    if not hasattr(raw, "serialize"):
        return None
    names = dtype.names or ()
    parts: list[list[Column]] = []
    advance: Callable[[int], None] = unseen
    with ExitStack() as bar:
        while not parts or len(parts[-1][0]) == _BLOCK_ROWS:
            limits = (_BLOCK_ROWS, len(parts) * _BLOCK_ROWS)
            pages = _copied(raw, f"{statement} LIMIT ? OFFSET ?", [*values, *limits], len(names))
            part = pages.numbers([dtype[name] for name in names])
            if part is None:
                return None
            parts.append(part)
            if len(parts) == 1 and len(part[0]) == _BLOCK_ROWS:  # there is more, and it takes long
                advance = bar.enter_context(long_step("reading", partial(_count, raw, statement, values)))
            advance(len(part[0]))
    if len(parts) == 1:
        return dict(zip(names, parts[0], strict=True))
    return {name: np.concatenate([part.pop(0) for part in parts]) for name in names}  # never all of them twice


def _count(raw: sqlite3.Connection, statement: str, values: Sequence[Any]) -> int:
    ((count,),) = raw.execute(f"SELECT count(*) FROM ({statement})", values)
    return int(count)


def _copied(raw: sqlite3.Connection, statement: str, values: Sequence[Any], width: int) -> _Pages:
    """Return the pages of a table of what a statement selects.

    Its columns have no type, so that every value stays what it is.
    """
    try:
        raw.execute(f"CREATE TEMPORARY TABLE {_TABLE} ({', '.join(f'c{place}' for place in range(width))})")
        with deaf_call(raw.interrupt):
            raw.execute(f"INSERT INTO temp.{_TABLE} {statement}", values)
        ((page_bytes,),) = raw.execute("PRAGMA temp.page_size")
        ((root,),) = raw.execute("SELECT rootpage FROM sqlite_temp_master WHERE name = ?", [_TABLE])
        return _Pages(raw.serialize(name="temp"), page_bytes, root)
    finally:
        raw.execute(f"DROP TABLE IF EXISTS temp.{_TABLE}")


class _Pages:
    """The pages of a database in which one table, whose first page is `root`, holds the rows in their order."""

    def __init__(self, pages: bytes, page_bytes: int, root: int) -> None:
        self._pages, self._page_bytes, self._root = pages, page_bytes, root
        self._bytes = np.frombuffer(pages, np.uint8)
        self._words = np.ndarray(len(pages) - _WORD_BYTES + 1, ">i8", pages, strides=(1,))  # those at every byte

    def numbers(self, dtypes: Sequence[np.dtype[Any]]) -> list[Column] | None:
        """Return the columns; None where one holds something else."""
        cells = np.concatenate([self._pointers(page, _LEAF_HEADER_BYTES) for page in self._leaves()])
        header = self._behind_varint(self._behind_varint(cells))  # they are the size of the row and its number
        if (self._bytes[header] != 1 + len(dtypes)).any():  # a kind of several bytes: a long text
            return None
        end = header + 1 + len(dtypes)
        columns = []
        for place, dtype in enumerate(dtypes, 1):
            kinds = self._bytes[header + place]
            if (kinds > _ONE).any():
                return None
            end += _WIDTHS[kinds]
            column = _numbers(kinds, self._words[end - _WORD_BYTES].astype(np.int64), dtype)
            if column is None:
                return None
            columns.append(column)
        return columns

    def _leaves(self) -> list[int]:
        """Return where the pages with rows begin, in their order."""
        pages = [self._page(self._root)]
        while self._pages[pages[0]] != _LEAF:
            pages = [below for page in pages for below in self._below(page)]
        return pages

    def _below(self, page: int) -> Iterator[int]:
        """Yield where the pages begin that a page names: in its cells and, for the last one, in its header."""
        for place in (*self._pointers(page, _INNER_HEADER_BYTES).tolist(), page + _LEAF_HEADER_BYTES):
            yield self._page(int.from_bytes(self._pages[place : place + 4]))

    def _page(self, number: int) -> int:
        return (number - 1) * self._page_bytes

    def _pointers(self, page: int, header_bytes: int) -> Places:
        """Return where the cells of a page are."""
        count = int.from_bytes(self._pages[page + 3 : page + 5])
        return page + np.frombuffer(self._pages, ">u2", count, page + header_bytes).astype(np.int64)

    def _behind_varint(self, places: Places) -> Places:
        """Return what is behind the integers of variable length that stand in some places."""
        while (goes_on := self._bytes[places] > _LAST_BYTE).any():
            places = places + goes_on
        return places + 1


def _numbers(kinds: npt.NDArray[np.uint8], words: Places, dtype: np.dtype[Any]) -> Column | None:
    """Return values of which the kinds are known, and the words of eight bytes at whose ends they stand."""
    is_double = kinds == _DOUBLE
    if dtype.kind == "f" and is_double.all():
        return words.view(dtype)
    unused = 8 * (_WORD_BYTES - _WIDTHS[kinds])
    integers = words << unused >> unused  # the rest is the sign
    is_small = kinds >= _ZERO
    integers[is_small] = kinds[is_small] - _ZERO
    if dtype.kind == "f":
        return np.where(kinds == _NULL, np.nan, np.where(is_double, words.view(dtype), integers))
    return None if (is_double | (kinds == _NULL)).any() else integers
