"""What a user notes of a stored result: what it is called, a note, a star, tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, insert, select, update

from ..database import Database, backtest_desk, backtest_labels, backtest_results, backtest_tags
from ..results import add_tables, kept_results, write_label

LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 2_000, 30, 20


@dataclass(frozen=True, slots=True)
class Notes:
    """What is noted of one result; `deleted_ms` is when it was hidden, None where it is there."""

    label: str | None = None
    note: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()
    deleted_ms: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is told of a result that is there, as plain values."""
        return {"label": self.label, "note": self.note, "starred": self.starred, "tags": [*self.tags]}


NO_NOTES = Notes()


def read_notes(database: Database, connection: Connection, run_ids: Sequence[int] | None = None) -> dict[int, Notes]:
    """Return what is noted of some results, or of all, by their ids; those of which nothing is are not among them."""
    found: dict[int, dict[str, Any]] = {}
    for row in _rows(database, connection, backtest_labels, run_ids):
        found.setdefault(row["backtest_id"], {})["label"] = row["label"]
    for row in _rows(database, connection, backtest_desk, run_ids):
        noted = {"note": row["note"] or "", "starred": bool(row["is_starred"]), "deleted_ms": row["deleted_ms"]}
        found.setdefault(row["backtest_id"], {}).update(noted)
    for row in _rows(database, connection, backtest_tags, run_ids):
        of_it = found.setdefault(row["backtest_id"], {})
        of_it["tags"] = (*of_it.get("tags", ()), row["tag"])
    return {run_id: Notes(**of_it) for run_id, of_it in found.items()}


def hidden_ids(database: Database, connection: Connection) -> set[int]:
    """Return the ids of the results that were deleted and can be brought back."""
    if not database.has_table(connection, backtest_desk):
        return set()
    found = select(backtest_desk.c.backtest_id).where(backtest_desk.c.deleted_ms.is_not(None))
    return {*connection.execute(found).scalars()}


def _rows(
    database: Database, connection: Connection, table: Table, run_ids: Sequence[int] | None
) -> Iterable[Mapping[Any, Any]]:
    if not database.has_table(connection, table):
        return ()
    found: Select[Any] = select(table)
    if run_ids is not None:
        found = found.where(table.c.backtest_id.in_(run_ids))
    if table is backtest_tags:
        found = found.order_by(table.c.id)
    return connection.execute(found).mappings()


class NotesChanged(Exception):
    """Somebody else has changed meanwhile what was to be changed: `name` is what, `now` what is noted of it."""

    def __init__(self, name: str, now: Any) -> None:
        super().__init__(name, now)
        self.name, self.now = name, now

    def __str__(self) -> str:
        now = ", ".join(self.now) if isinstance(self.now, list) else self.now
        return f"its {_CALLED[self.name]} was changed elsewhere meanwhile, to {now or 'none'!r}: nothing was stored"


_CALLED = {"label": "name", "note": "note", "starred": "star", "tags": "tags"}


def change_notes(
    database: Database, run_id: int, changes: Mapping[str, Any], seen: Mapping[str, Any] = MappingProxyType({})
) -> bool:
    """Change some of what is noted of a result: `label` (None: none), `note`, `starred`, `tags`. Return whether there
    is such a result: nothing is changed where there is none. `seen` is what somebody saw of it who changes it: raises
    `NotesChanged` where that is another thing now.
    """
    with database.reading() as connection:
        if not _is_there(database, connection, run_id):
            return False
    add_tables(database, [backtest_labels, backtest_desk, backtest_tags])
    with database.writing() as connection:
        if not _is_there(database, connection, run_id, is_held=True):
            return False
        now = read_notes(database, connection, [run_id]).get(run_id, NO_NOTES).to_dict()
        for name, value in seen.items():
            if now[name] != value:
                raise NotesChanged(name, now[name])
        _change(connection, run_id, changes)
    return True


def _is_there(database: Database, connection: Connection, run_id: int, is_held: bool = False) -> bool:
    """Tell whether there is such a result; with `is_held` nobody else may change it until the transaction is over."""
    if not database.has_table(connection, backtest_results):
        return False
    c = backtest_results.c
    found = select(c.id).where(c.id == run_id, kept_results(database, connection))
    return connection.execute(found.with_for_update() if is_held else found).first() is not None


def _change(connection: Connection, run_id: int, changes: Mapping[str, Any]) -> None:
    if "label" in changes:
        write_label(connection, run_id, changes["label"])
    named = {"note": "note", "starred": "is_starred"}
    values = {column: changes[name] for name, column in named.items() if name in changes}
    of_it = backtest_desk.c.backtest_id == run_id
    if values:
        if connection.execute(select(backtest_desk.c.backtest_id).where(of_it)).first() is None:
            connection.execute(insert(backtest_desk).values(backtest_id=run_id))
        connection.execute(update(backtest_desk).where(of_it).values(values))
    if "tags" in changes:
        connection.execute(delete(backtest_tags).where(backtest_tags.c.backtest_id == run_id))
        rows = [{"backtest_id": run_id, "tag": tag} for tag in changes["tags"]]
        if rows:
            connection.execute(insert(backtest_tags), rows)
