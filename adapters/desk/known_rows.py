"""The rows of all stored results, read once: the list is sorted and filtered by what their configurations say, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from ..database import Database, backtest_results
from ..results import epoch_ms, platform_programs
from .result_notes import NO_NOTES
from .row_items import ITEM_COLUMNS, result_item

Item = dict[str, Any]

#: So many rows are read at once, and so many of the newest are looked at for others under their ids.
_CHUNK, _FEW = 500, 20


class KnownRows:
    """Items of the stored results of one database, as if nothing was noted of them. Those of runs that are over are
    kept: their rows change no more.

    In SQLite a row's status stands behind its whole curve: to read it again for all of them would take seconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[int, Item] = {}
        self._lock = Lock()

    def ids(self, connection: Connection) -> list[int]:
        """Return the ids of all results, the newest first; what is kept of others is forgotten."""
        c = backtest_results.c
        found = [*connection.execute(select(c.id).where(c.backtest_type == "program").order_by(c.id.desc())).scalars()]
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

    def _read(self, connection: Connection, run_ids: Iterable[int]) -> dict[int, Item]:
        programs = platform_programs(connection)
        found: dict[int, Item] = {}
        for chunk in _chunks(run_ids, _CHUNK):
            wanted = select(*ITEM_COLUMNS).where(backtest_results.c.id.in_(chunk))
            for row in connection.execute(wanted).mappings():
                found[row["id"]] = {**result_item(row, programs), **NO_NOTES.to_dict()}
        with self._lock:
            self._kept.update({run_id: item for run_id, item in found.items() if item["state"].is_over})
        return found

    def _forget_replaced(self, connection: Connection, run_ids: Sequence[int]) -> None:
        """Forget what is kept of results whose ids were given to others since: SQLite gives those after the greatest
        that is there, so below one that is still the same all are.
        """
        known = [run_id for run_id in run_ids if run_id in self._kept]
        c = backtest_results.c
        for chunk in _chunks(known, _FEW):
            rows = connection.execute(select(c.id, c.created_at).where(c.id.in_(chunk)))
            begun = {row.id: epoch_ms(row.created_at) for row in rows}
            for run_id in chunk:
                if begun.get(run_id) == self._kept[run_id]["created_at"]:
                    return
                with self._lock:
                    del self._kept[run_id]


def _chunks(run_ids: Iterable[int], size: int) -> Iterator[list[int]]:
    left = iter(run_ids)
    while chunk := [*islice(left, size)]:
        yield chunk
