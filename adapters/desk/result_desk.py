"""The list of stored results by pages: sorted by any column, filtered, with what is noted of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ..database import Database, Fingerprint, backtest_results
from ..results import HIDDEN_MS, ResultFilter
from .desk_columns import PARAMETER, columns_told, in_order
from .desk_filter import DeskFilter
from .known_rows import Item, KnownRows
from .result_notes import NO_NOTES, Notes, hidden_ids, read_notes
from .run_states import RunState

#: So many choices of one kind are told.
_MOST_CHOICES = 500
#: When an item was deleted that can be brought back.
_HIDDEN = "deleted_at"


class _Whole(NamedTuple):
    """All results at one state of the database, the newest first: those that are there, those that were deleted."""

    kept: list[Item]
    hidden: list[Item]


class ResultDesk:
    """Lists the stored results of a database; several threads may ask at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = KnownRows(database)
        self._making = Lock()
        self._last: tuple[Fingerprint | None, _Whole] = None, _Whole([], [])

    def page(
        self,
        wanted: DeskFilter,
        offset: int,
        limit: int,
        *,
        sort: str = "id",
        descending: bool = True,
        hidden: bool = False,
        waiting: Collection[int] = (),
    ) -> dict[str, Any]:
        """Return one page of the results that are wanted, in the order of a column, how many of these there are and of
        how many; with `hidden` of those that were deleted a while ago. Of equal ones the newest is first; `waiting` are
        the ids of runs that wait.
        """
        if sort == "id" and wanted.is_any:
            return self._by_id(offset, limit, descending, hidden, waiting)
        found, stored = self._found(wanted, sort, descending, hidden, waiting)
        return {"total": len(found), "stored": stored, "offset": offset, "items": found[offset : offset + limit]}

    def every(
        self, wanted: DeskFilter, *, sort: str, descending: bool, hidden: bool, waiting: Collection[int]
    ) -> list[Item]:
        """Return all of the results of which `page` gives pages."""
        return self._found(wanted, sort, descending, hidden, waiting)[0]

    def _found(
        self, wanted: DeskFilter, sort: str, descending: bool, hidden: bool, waiting: Collection[int]
    ) -> tuple[list[Item], int]:
        """Return the results that are wanted, in order, and of how many they are."""
        whole = self._whole()
        every = [_at(each, waiting) for each in (whole.hidden if hidden else whole.kept)]
        texts = self._with_text(wanted.text)
        found = in_order((each for each in every if wanted.accepts(each, each["id"] in texts)), sort, descending)
        return found, len(every)

    def _by_id(
        self, offset: int, limit: int, descending: bool, hidden: bool, waiting: Collection[int]
    ) -> dict[str, Any]:
        """Return one page in the order of ids, for which only its own rows are read."""
        with self._database.reading() as connection:
            gone = hidden_ids(self._database, connection)
            ids = [run_id for run_id in self._ids(connection) if (run_id in gone) is hidden]
            of_page = (ids if descending else ids[::-1])[offset : offset + limit]
            notes = read_notes(self._database, connection, of_page) if of_page else {}
            items = [_at(_noted(each, notes), waiting) for each in self._rows.items(connection, of_page)]
        return {"total": len(ids), "stored": len(ids), "offset": offset, "items": items}

    def choices(self) -> dict[str, Any]:
        """Return the columns of the list and what it can be filtered by, each with how many results have it; and how
        many have been deleted that can be brought back.
        """
        items, hidden = self._whole()
        return {
            "columns": columns_told(),
            "further_columns": _counted(f"{PARAMETER}{name}" for item in items for name in item["parameters"]),
            "exchanges": _counted(item["exchange"] for item in items),
            "symbols": _counted(symbol for item in items for symbol in item["symbols"]),
            "programs": _counted(item["program"] for item in items),
            "tags": _counted(tag for item in items for tag in item["tags"]),
            "deleted": len(hidden),
            "kept_deleted_ms": HIDDEN_MS,
        }

    def notes(self, run_id: int) -> dict[str, Any]:
        """Return what is noted of a result, as plain values."""
        with self._database.reading() as connection:
            return read_notes(self._database, connection, [run_id]).get(run_id, NO_NOTES).to_dict()

    def _whole(self) -> _Whole:
        """Return all results, read again where the database may have changed since."""
        with self._making:  # who comes meanwhile waits for the same
            return self._read_whole()

    def _read_whole(self) -> _Whole:
        state = self._database.whole_fingerprint()
        known, whole = self._last
        if state is not None and state == known:
            return whole
        with self._database.reading() as connection:
            notes = read_notes(self._database, connection)
            items = [_noted(each, notes) for each in self._rows.items(connection, self._ids(connection))]
        whole = _Whole([each for each in items if _HIDDEN not in each], [each for each in items if _HIDDEN in each])
        self._last = state, whole
        return whole

    def _ids(self, connection: Connection) -> list[int]:
        return self._rows.ids(connection) if self._database.has_table(connection, backtest_results) else []

    def _with_text(self, text: str | None) -> set[int]:
        """Return the ids of the results with a text in their configuration."""
        if text is None:
            return set()
        found = select(backtest_results.c.id).where(ResultFilter(text=text).condition())
        with self._database.reading() as connection:
            return {*connection.execute(found).scalars()} if self._ids(connection) else set()


def _noted(item: Item, notes: Mapping[int, Notes]) -> Item:
    """Return an item with what is noted of it."""
    noted = notes.get(item["id"])
    if noted is None:
        return item
    hidden = {} if noted.deleted_ms is None else {_HIDDEN: noted.deleted_ms}
    return {**item, **noted.to_dict(), **hidden}


def _at(item: Item, waiting: Collection[int]) -> Item:
    """Return an item with what its run is at, as who runs it knows."""
    waits = item["state"] is RunState.RUNNING and item["id"] in waiting
    return {**item, "state": RunState.WAITING} if waits else item


def _counted(values: Iterable[Any]) -> list[dict[str, Any]]:
    """Return values with how often each is there, the most frequent first."""
    counts: Sequence[tuple[Any, int]] = Counter(value for value in values if value).most_common(_MOST_CHOICES)
    return [{"value": value, "count": count} for value, count in counts]
