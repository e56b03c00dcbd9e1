"""Kept programs in a database: saved by name, each save a version, deleted so that it can be undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from engine import utc_text

from ..database import Database, create_database
from .program_tables import MOST_DELETED, MOST_PROGRAMS, MOST_VERSIONS, PROGRAM_TABLES
from .program_tables import perp_program_versions as _versions
from .program_tables import perp_programs as _programs
from .refusals import MovedOn, NameTaken, NoSuchProgram, TooManyPrograms


@dataclass(frozen=True, slots=True)
class KeptProgram:
    """A program: its name, its newest version, how many versions are kept, and when it was made and saved, epoch ms."""

    id: int
    name: str
    version: int
    versions: int
    language: str
    characters: int
    created_ms: int
    saved_ms: int


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """The source text of one version of a program; `newest` is the number of the newest one."""

    id: int
    name: str
    version: int
    newest: int
    language: str
    code: str
    saved_ms: int


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class ProgramStore:
    """The kept programs of a database; `clock` gives epoch ms. Without their tables there are none, and saving the
    first one makes them. Writers of one store wait for one another.
    """

    def __init__(self, database: Database, clock: Callable[[], int] = _now_ms) -> None:
        self._database, self._clock = database, clock
        self._lock = Lock()
        self._is_ready = False

    def programs(self, offset: int, limit: int, text: str | None = None) -> tuple[int, list[KeptProgram]]:
        """Return how many programs there are whose names hold a text in any case, and of these, by name, some."""
        wanted: ColumnElement[bool] = _programs.c.live_name.is_not(None)
        if text is not None:
            wanted = wanted & func.lower(_programs.c.name).contains(text.lower(), autoescape=True)
        with self._database.reading() as connection:
            if not self._database.has_table(connection, _programs):
                return 0, []
            total = connection.execute(select(func.count()).select_from(_programs).where(wanted)).scalar_one()
            order = (func.lower(_programs.c.name), _programs.c.id)
            rows = connection.execute(_listing().where(wanted).order_by(*order).offset(offset).limit(limit))
            return total, [KeptProgram(**row) for row in rows.mappings()]

    def version(self, program_id: int, version: int | None = None) -> ProgramVersion:
        """Return a version of a program, the newest one unless another is named; `NoSuchProgram` without it."""
        with self._database.reading() as connection:
            row = self._required(connection, program_id)
            number = row["version"] if version is None else version
            c = _versions.c
            wanted = select(c.version, c.language, c.code, c.saved_ms)
            wanted = wanted.where(c.program_id == program_id, c.version == number)
            found = connection.execute(wanted).mappings().one_or_none()
        if found is None:
            raise NoSuchProgram(f"program {program_id} has no version {number}; its newest is {row['version']}")
        return ProgramVersion(program_id, row["name"], newest=row["version"], **found)

    def versions(self, program_id: int, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """Return how many versions of a program are kept and, newest first, some of them without their texts."""
        c = _versions.c
        mine = c.program_id == program_id
        listed = select(c.version, c.language, func.length(c.code).label("characters"), c.saved_ms).where(mine)
        with self._database.reading() as connection:
            self._required(connection, program_id)
            total = connection.execute(select(func.count()).select_from(_versions).where(mine)).scalar_one()
            rows = connection.execute(listed.order_by(c.version.desc()).offset(offset).limit(limit)).mappings()
            return total, [dict(row) for row in rows]

    def add(self, name: str, code: str, language: str) -> ProgramVersion:
        """Keep a new program; `NameTaken` and `TooManyPrograms` where that cannot be."""
        at = self._clock()
        with self._lock:
            self._make_ready()
            with self._database.writing() as connection:
                self._refuse_taken(connection, name)
                self._refuse_too_many(connection)
                row = {"name": name, "live_name": name, "version": 1, "created_ms": at, "saved_ms": at}
                key = connection.execute(insert(_programs).values(row)).inserted_primary_key
                assert key is not None
                program_id = int(key[0])
                _write_version(connection, program_id, 1, code, language, at)
        return ProgramVersion(program_id, name, 1, 1, language, code, at)

    def save(self, program_id: int, code: str, language: str, after: int) -> ProgramVersion:
        """Keep a new version of a program that was worked on from version `after`. The newest one once more is no new
        one. `MovedOn` where another was saved meanwhile.
        """
        at = self._clock()
        with self._lock, self._database.writing() as connection:
            row = self._required(connection, program_id)
            newest = row["version"]
            if _is_same(connection, program_id, newest, code, language):
                return ProgramVersion(program_id, row["name"], newest, newest, language, code, row["saved_ms"])
            c = _programs.c
            written = update(_programs).where(c.id == program_id, c.version == after)
            if connection.execute(written.values(version=after + 1, saved_ms=at)).rowcount != 1:
                raise _moved_on(row, after)
            _write_version(connection, program_id, after + 1, code, language, at)
            oldest = after + 1 - MOST_VERSIONS
            mine = (_versions.c.program_id == program_id) & (_versions.c.version <= oldest)
            connection.execute(delete(_versions).where(mine))
        return ProgramVersion(program_id, row["name"], after + 1, after + 1, language, code, at)

    def rename(self, program_id: int, name: str) -> None:
        """Give a program another name; `NameTaken` where another one bears it."""
        with self._lock, self._database.writing() as connection:
            self._required(connection, program_id)
            self._refuse_taken(connection, name, program_id)
            connection.execute(update(_programs).where(_programs.c.id == program_id).values(name=name, live_name=name))

    def delete(self, program_id: int) -> None:
        """Delete a program so that `undelete` brings it back, as long as it is among the last that were deleted."""
        with self._lock, self._database.writing() as connection:
            self._required(connection, program_id)
            gone = update(_programs).where(_programs.c.id == program_id)
            connection.execute(gone.values(live_name=None, deleted_ms=self._clock()))
            c = _programs.c
            order = (c.deleted_ms.desc(), c.id.desc())
            deleted = connection.execute(select(c.id).where(c.deleted_ms.is_not(None)).order_by(*order)).scalars().all()
            for old in deleted[MOST_DELETED:]:
                connection.execute(delete(_versions).where(_versions.c.program_id == old))
                connection.execute(delete(_programs).where(c.id == old))

    def undelete(self, program_id: int) -> None:
        """Bring a deleted program back under its name; one that is there stays. `NameTaken` where another one has its
        name by now.
        """
        with self._lock, self._database.writing() as connection:
            row = self._required(connection, program_id, is_deleted=None)
            if row["live_name"] is not None:
                return
            self._refuse_taken(connection, row["name"])
            self._refuse_too_many(connection)
            back = update(_programs).where(_programs.c.id == program_id)
            connection.execute(back.values(live_name=row["name"], deleted_ms=None))

    def _make_ready(self) -> None:
        if not self._is_ready:
            create_database(self._database, only=PROGRAM_TABLES)
            self._is_ready = True

    def _required(self, connection: Connection, program_id: int, is_deleted: bool | None = False) -> RowMapping:
        """Return the row of a program, deleted or not as is asked (None: either); `NoSuchProgram` without it."""
        row = None
        if self._database.has_table(connection, _programs):
            wanted = select(_programs).where(_programs.c.id == program_id)
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None or (is_deleted is not None and (row["live_name"] is None) != is_deleted):
            raise NoSuchProgram(f"there is no program {program_id}; it may be deleted")
        return row

    def _refuse_taken(self, connection: Connection, name: str, but: int | None = None) -> None:
        taken = connection.execute(select(_programs.c.id).where(_programs.c.live_name == name)).scalar()
        if taken is not None and taken != but:
            raise NameTaken(f"program {taken} is called {name} already; take another name, or save a version of it")

    def _refuse_too_many(self, connection: Connection) -> None:
        live = select(func.count()).select_from(_programs).where(_programs.c.live_name.is_not(None))
        if connection.execute(live).scalar_one() >= MOST_PROGRAMS:
            raise TooManyPrograms(f"{MOST_PROGRAMS:,} programs are kept already; delete some first")


def _listing() -> Any:
    p, v = _programs.c, _versions.c
    each = _versions.alias()
    kept = select(func.count()).select_from(each).where(each.c.program_id == p.id).scalar_subquery()
    columns = (p.id, p.name, p.version, kept.label("versions"), v.language, func.length(v.code).label("characters"))
    newest = (v.program_id == p.id) & (v.version == p.version)
    return select(*columns, p.created_ms, p.saved_ms).join_from(_programs, _versions, newest)


def _is_same(connection: Connection, program_id: int, version: int, code: str, language: str) -> bool:
    c = _versions.c
    wanted = select(c.code, c.language).where(c.program_id == program_id, c.version == version)
    return connection.execute(wanted).one_or_none() == (code, language)


def _write_version(
    connection: Connection, program_id: int, version: int, code: str, language: str, saved_ms: int
) -> None:
    row = {"program_id": program_id, "version": version, "language": language, "code": code, "saved_ms": saved_ms}
    connection.execute(insert(_versions).values(row))


def _moved_on(row: RowMapping, after: int) -> MovedOn:
    newest, saved_ms = row["version"], row["saved_ms"]
    return MovedOn(
        f"version {newest} of {row['name']} was saved at {utc_text(saved_ms)}, and this was made from version {after}: "
        "look at the difference, then save it as the next one or under another name",
        newest,
        saved_ms,
    )
