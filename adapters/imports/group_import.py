"""One group of files into the database: what is missing of them is read, then all of it written, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from engine.errors import FileFormatError

from ..database import (
    Database,
    FileRecord,
    TableRows,
    WriteCounts,
    crypto_klines,
    imported_files,
    record_files,
    write_klines,
    write_rows,
)
from ..files import ImportedFile, KlineFile
from ..runs import progress_bar
from .contradictions import refuse_contradiction
from .import_plan import ImportGroup
from .many_readers import read_each, readers_for
from .spool import Spool


@dataclass(frozen=True)
class Reading:
    """How files of a kind are read: each for itself by `read`, then where they are one stream put together by `join`,
    in which files that are `is_stored` only lend their edges. What else changes what is read is in `settings`; with
    `keep_edges` rows that a file may know in part only replace none that is stored.
    """

    read: Callable[[str], Any]
    join: Callable[[Iterable[Any]], Iterable[ImportedFile]] | None = None
    settings: str = ""
    keep_edges: bool = False


@dataclass(frozen=True)
class FileReport:
    """What one file was: how many rows of what, what its times are in words, and remarks."""

    path: str
    what: str
    time_unit: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class GroupReport:
    """What became of a group: its files that were read, how many were skipped because they are stored, and by the label
    of a series the rows and the range of their times.
    """

    group: ImportGroup
    files: tuple[FileReport, ...]
    skipped: int
    counts: dict[str, WriteCounts]
    ranges: dict[str, tuple[int, int]]
    rows: int = 0
    period: str | None = None


def import_group(
    database: Database, exchange: str, group: ImportGroup, reading: Reading, *, skip_stored: bool
) -> GroupReport:
    """Read the files of a group, check them all, and write them in one transaction, with a record of each.

    With `skip_stored` files that are recorded, and whose rows are there, are not read again. Raises what the reading
    raises; nothing is written then.
    """
    digests = _digests(group, reading.settings)
    stored = imported_files(database, exchange, group.symbol, group.kind) if skip_stored else set()
    missing = [path for path in group.paths if digests.get(path) not in stored]
    if not missing:
        return GroupReport(group, (), len(group.paths), {}, {})
    wanted, lent = _with_neighbours(group.paths, missing) if reading.join is not None else (missing, set())
    with Spool[ImportedFile | KlineFile]() as spool:
        totals = _Totals(database.name)
        with progress_bar(f"{group}: reading", len(wanted), "files") as advance:
            for file in _read(reading, wanted, lent, advance):
                refuse_contradiction(group, file)
                spool.put(file)
                totals.add(file, is_lent=file.path in lent)
        then = partial(_record, database, exchange, group, totals.records(digests))
        keep_edges = tuple(reading.keep_edges and path not in lent for path in (wanted[0], wanted[-1]))
        with progress_bar(f"{group}: writing", totals.rows) as advance:
            counts = _write(database, exchange, group, spool, totals, (keep_edges[0], keep_edges[-1]), advance, then)
    skipped = len(group.paths) - len(missing)
    return GroupReport(group, tuple(totals.files), skipped, counts, totals.ranges, totals.rows, totals.period)


class _Totals:
    """What is known of the files that were read, when their rows are put aside."""

    def __init__(self, name: str) -> None:
        self.rows, self.files, self.ranges = 0, list[FileReport](), dict[str, tuple[int, int]]()
        self.period: str | None = None
        self._first_path, self._name = "", name
        self._records: dict[str, FileRecord] = {}

    def add(self, file: ImportedFile | KlineFile, is_lent: bool) -> None:
        """Take a file in."""
        if isinstance(file, KlineFile):
            self._check_period(file)
            spans = [(crypto_klines.name, file.klines.open_ms)]
            what = f"{len(file.klines):,} {file.period} klines"
        else:
            spans = [(part.label, part.times_ms) for part in file.rows]
            what = f"{file.count:,} {file.kind}"
        for label, times in spans:
            self.rows += len(times)
            if len(times):
                first, last = int(times[0]), int(times[-1])
                before = self.ranges.get(label, (first, last))
                self.ranges[label] = (min(first, before[0]), max(last, before[1]))
        if is_lent:
            return
        self.files.append(FileReport(file.path, what, file.time_unit, file.remarks))
        record = FileRecord(Path(file.path).name, "", "", self.period or "", 0, 0, 0)
        for label, times in [each for each in spans if len(each[1])][:1]:
            first, last = int(times[0]), int(times[-1])
            table = label.partition(" ")[0]
            record = record._replace(table_name=table, rows=len(times), first_ms=first, last_ms=last)
        self._records[file.path] = record

    def _check_period(self, file: KlineFile) -> None:
        if self.period is None:
            self.period, self._first_path = file.period, file.path
        elif file.period != self.period:
            problem = f"these are {file.period} klines, but those of {self._first_path} are {self.period}"
            raise FileFormatError(file.path, None, None, problem)

    def records(self, digests: dict[str, str]) -> list[FileRecord]:
        """Return what is to be recorded of the files that can be known again."""
        known = ((digests.get(path), record) for path, record in self._records.items())
        return [record._replace(digest=digest) for digest, record in known if digest is not None]


class _Parts:
    """The rows of files that were put aside, to be gone through several times."""

    def __init__(self, files: Iterable[Any]) -> None:
        self._files = files

    def __iter__(self) -> Iterator[TableRows]:
        return (part for file in self._files for part in file.rows)


def _digests(group: ImportGroup, settings: str) -> dict[str, str]:
    """Return by what each file is known again: its content, and how it is read; nothing of what is no plain file."""
    found = {}
    with progress_bar(f"{group}: looking", len(group.paths), "files") as advance:
        for path in group.paths:
            if Path(path).is_file() and not path.startswith(("/dev/", "/proc/")):
                with open(path, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256")
                digest.update(f"\n{group.period} {settings}".encode())
                found[path] = digest.hexdigest()
            advance(1)
    return found


def _with_neighbours(paths: Sequence[str], missing: Sequence[str]) -> tuple[list[str], set[str]]:
    """Return the missing files with those beside them, in order, and which of them only lend their edges."""
    absent = {*missing}
    wanted = [path for place, path in enumerate(paths) if not absent.isdisjoint(paths[max(place - 1, 0) : place + 2])]
    return wanted, {*wanted} - absent


def _read(
    reading: Reading, paths: Sequence[str], lent: set[str], advance: Callable[[int], None]
) -> Iterator[ImportedFile | KlineFile]:
    def each() -> Iterator[Any]:
        found = read_each(reading.read, paths, readers_for(paths))
        for path, file in zip(paths, found, strict=True):
            yield replace(file, is_stored=True) if path in lent else file
            advance(1)

    yield from each() if reading.join is None else reading.join(each())


def _write(
    database: Database,
    exchange: str,
    group: ImportGroup,
    spool: Iterable[Any],
    totals: _Totals,
    keep_edges: tuple[bool, bool],
    advance: Callable[[int], None],
    then: Callable[[Connection], None],
) -> dict[str, WriteCounts]:
    if totals.period is None:
        return write_rows(database, exchange, group.symbol, _Parts(spool), advance, keep_edges=keep_edges, then=then)
    klines = (file.klines for file in spool)
    counts = write_klines(database, exchange, group.symbol, totals.period, klines, advance, then=then)
    return {crypto_klines.name: counts}


def _record(
    database: Database, exchange: str, group: ImportGroup, records: Sequence[FileRecord], connection: Connection
) -> None:
    if records:
        record_files(database, connection, exchange, group.symbol, group.kind, records)
