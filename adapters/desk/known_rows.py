"""The rows of all stored results, read once: the list is sorted and filtered by what their configurations say, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from ..database import Database, backtest_results
from ..results import epoch_ms, platform_programs
from .result_notes import NO_NOTES
from .row_items import SHORT_COLUMNS, result_item

Item = dict[str, Any]

#: So many rows are read at once, and so many of the newest are looked at for others under their ids.
_CHUNK, _FEW = 500, 20

_c = backtest_results.c


class KnownRows:
    """Items of the stored results of one database, as if nothing was noted of them. Those of runs that are over are
    kept: their rows change no more.

    In SQLite a row's status stands behind its whole curve: many are read by an index that has all but the long texts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[int, Item] = {}
        self._lock = Lock()

    def ids(self, connection: Connection) -> list[int]:
        """Return the ids of all results, the newest first; what is kept of others is forgotten."""
        found = [
            *connection.execute(select(_c.id).where(_c.backtest_type == "program").order_by(_c.id.desc())).scalars()
        ]
        with self._lock:
            for gone in self._kept.keys() - found:
                del self._kept[gone]
        self._forget_replaced(connection, found)
        return found

    def items(self, connection: Connection, run_ids: Sequence[int]) -> list[Item]:
        """Return the items of some results in their order; those that are not there are left out."""
        found: dict[int, Item] = {}
        with self._lock:
            for run_id in run_ids:
                if run_id in self._kept:
                    found[run_id] = self._kept[run_id]
        lacking = [run_id for run_id in run_ids if run_id not in found]
        if lacking:
            found.update(self._read(connection, lacking))
        return [found[run_id] for run_id in run_ids if run_id in found]

    def _read(self, connection: Connection, run_ids: Sequence[int]) -> dict[int, Item]:
        programs = platform_programs(connection)
        rows = {row["id"]: row for row in _short_rows(connection, run_ids)}
        found: dict[int, Item] = {}
        for chunk in _chunks(rows, _CHUNK):
            configs = select(_c.id, _c.config).where(_c.id.in_(chunk))
            for run_id, config in connection.execute(configs):
                row = {**rows[run_id], "config": config}
                found[run_id] = {**result_item(row, programs), **NO_NOTES.to_dict()}
        with self._lock:
            self._kept.update({run_id: item for run_id, item in found.items() if item["state"].is_over})
        return found

    def _forget_replaced(self, connection: Connection, run_ids: Sequence[int]) -> None:
        """Forget what is kept of results whose ids were given to others since: SQLite gives those after the greatest
        that is there, so below one that is still the same all are.
        """
        known = [run_id for run_id in run_ids if run_id in self._kept]
        for chunk in _chunks(known, _FEW):
            rows = connection.execute(select(_c.id, _c.created_at).where(_c.id.in_(chunk)))
            begun = {row.id: epoch_ms(row.created_at) for row in rows}
            for run_id in chunk:
                if begun.get(run_id) == self._kept[run_id]["created_at"]:
                    return
                with self._lock:
                    del self._kept[run_id]


def _short_rows(connection: Connection, run_ids: Sequence[int]) -> Iterator[Mapping[Any, Any]]:
    """Yield what the rows of some results have beside their long texts: of many by the index, which has all of that."""
    wanted = select(*SHORT_COLUMNS).where(_c.backtest_type == "program")
    if len(run_ids) > _FEW:
        known = {*run_ids}
        yield from (row for row in connection.execute(wanted).mappings() if row["id"] in known)
    else:
        yield from connection.execute(wanted.where(_c.id.in_(run_ids))).mappings()


def _chunks(run_ids: Iterable[int], size: int) -> Iterator[list[int]]:
    left = iter(run_ids)
    while chunk := [*islice(left, size)]:
        yield chunk
