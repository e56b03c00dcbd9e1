"""A cache of columns that a database holds, in .npy files, mapped into memory when read; it can be deleted at any time.

    ROOT / v1 / KEY / FINGERPRINT / meta.json, NAME.npy ...
    ROOT / v1 / KEY / states.json

KEY is a digest of what the columns are (file, table, series), FINGERPRINT one of the state of the data they were read
from. An entry is written aside and renamed when complete, so it is there or it is not. Whatever does not fit exactly
(version, names, sizes, checksums) or belongs to another user is treated as not there. states.json holds which
FINGERPRINT belonged to a state of the whole database that is known faster, or what the answer to a question was in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine import DataError

from ..database import Columns, Database, Fingerprint

if TYPE_CHECKING:  # what is in the cache takes none of it
    from sqlalchemy import Select

_VERSION = "v1"
_META = "meta.json"
_STATES = "states.json"
_ASIDE = ".aside-"
_CHECK_BYTES = 32
_LARGEST_NOTE_BYTES = 1 << 20
_WRITING_S = 600.0  # nobody writes one entry for longer than this


def default_cache_directory() -> Path:
    """Return $PERPSIM_CACHE_DIR, else perpsim in the XDG cache directory."""
    if chosen := os.environ.get("PERPSIM_CACHE_DIR"):
        return Path(chosen)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "perpsim"
    try:
        return Path.home() / ".cache" / "perpsim"
    except RuntimeError:
        return Path(os.devnull) / "perpsim"  # a user without a home: no directory, hence no cache


class ColumnCache:
    """Named columns by what they are and by the fingerprint of the data they were read from.

    `load` and `store` never fail: when the directory cannot be used, nothing is found, `store` answers False and
    `problem` says why.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory if directory is not None else default_cache_directory()
        self.problem: str | None = None

    @classmethod
    def chosen(cls, cache: ColumnCache | bool) -> ColumnCache | None:
        """Return the cache that is meant: True stands for the default one, False for none."""
        return (cls() if cache else None) if isinstance(cache, bool) else cache

    def columns(
        self,
        database: Database,
        key: Mapping[str, str],
        statement: Callable[[], Select[Any]],
        read: Callable[[Database], Columns],
    ) -> Columns | None:
        """Return what `read` returns, from the cache when the database can tell that nothing has changed since.

        `statement` gives the statement that selects from one table all that `read` reads, `key` says what that is,
        with the name of that `table`. The state is that of a snapshot, from which `read` reads, too. None when the
        database cannot tell its state: then nothing is read.
        """
        with database.snapshot(key["table"]) as snapshot:
            fingerprint = snapshot.whole_fingerprint()
            if fingerprint is None:
                fingerprint = self._fingerprint(snapshot, key, statement())
            if fingerprint is None:
                return None
            columns = self.load(key, fingerprint)
            if columns is None:
                columns = read(snapshot)
                self.store(key, fingerprint, columns)
            return columns

    def answer(self, database: Database, key: Mapping[str, str], ask: Callable[[Database], Any]) -> Any:
        """Return what `ask` answers to the question that `key` is, in plain JSON values and never None; from the cache
        when the whole database can tell that nothing has changed since.
        """
        with database.snapshot() as snapshot:
            state = snapshot.whole_fingerprint()
            answer = None if state is None else self.recall(key, state)
            if answer is None:
                answer = ask(snapshot)
                if state is not None:
                    self.remember(key, state, answer)
            return answer

    def _fingerprint(self, snapshot: Database, key: Mapping[str, str], statement: Select[Any]) -> Fingerprint | None:
        """Return the fingerprint of what a statement selects, from a note where one is of this state of everything."""
        state = snapshot.quick_fingerprint(statement)
        fingerprint: Fingerprint | None = None if state is None else self.recall(key, state)
        if fingerprint is None:
            fingerprint = snapshot.fingerprint(statement)
            if state is not None and fingerprint is not None:
                self.remember(key, state, fingerprint)  # next time the state is enough
        return fingerprint

    def load(self, key: Mapping[str, str], fingerprint: Fingerprint) -> Columns | None:
        """Return the stored columns, read-only and mapped from their files, or None when they are not there."""
        entry = self._entry(key, fingerprint)
        try:
            meta = _read_note(entry / _META)
            if meta["key"] != dict(key) or meta["fingerprint"] != fingerprint:
                return None
            return {name: _mapped(entry / f"{name}.npy", about) for name, about in meta["columns"].items()}
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever stands there, the database has it right
            self.problem = f"the cache entry {entry} is damaged and was not used: {error}"
            shutil.rmtree(entry, ignore_errors=True)
            return None

    def store(self, key: Mapping[str, str], fingerprint: Fingerprint, columns: Mapping[str, npt.NDArray[Any]]) -> bool:
        """Store columns in the place of what was there for this key; return whether that worked."""
        entry = self._entry(key, fingerprint)
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=entry.parent))
            try:
                _write(aside, {"key": dict(key), "fingerprint": fingerprint}, columns)
                _forget(entry.parent, but=aside)
                os.replace(aside, entry)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        except OSError as error:
            self.problem = f"the cache in {self.directory} cannot be written: {error.strerror or error}"
            return False
        return True

    def recall(self, key: Mapping[str, str], state: Fingerprint) -> Any:
        """Return what `remember` was given for this state of the database, or None."""
        try:
            noted = _read_note(self._place(key) / _STATES)
            if noted["key"] == dict(key) and noted["state"] == state:
                return noted.get("found")
        except FileNotFoundError:
            pass  # nothing is noted yet
        except Exception as error:  # as for an entry
            self.problem = f"the note {self._place(key) / _STATES} is damaged and was not used: {error}"
        return None

    def remember(self, key: Mapping[str, str], state: Fingerprint, found: Any) -> None:
        """Note what was found in this state of the whole database: the fingerprint of the data of `key`, or an answer,
        in plain JSON values.
        """
        place = self._place(key)
        try:
            place.mkdir(parents=True, exist_ok=True)
            descriptor, aside = tempfile.mkstemp(prefix=_ASIDE, dir=place)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_note({"key": dict(key), "state": state, "found": found}))
            os.replace(aside, place / _STATES)
        except OSError as error:
            self.problem = f"the cache in {self.directory} cannot be written: {error.strerror or error}"

    def clear(self) -> int:
        """Delete everything that is cached and return how many bytes that frees. Raises `DataError` when it cannot."""
        place = self.directory / _VERSION
        try:
            size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            if place.exists():
                shutil.rmtree(place)
        except OSError as error:
            raise DataError(f"the cache in {self.directory} cannot be cleared: {error.strerror or error}") from error
        return size

    def _place(self, key: Mapping[str, str]) -> Path:
        return self.directory / _VERSION / _digest(dict(key))

    def _entry(self, key: Mapping[str, str], fingerprint: Fingerprint) -> Path:
        return self._place(key) / _digest(fingerprint)


def rows_between(columns: Columns, start: int | None, stop: int | None) -> Columns:
    """Return the rows whose first column, by which they are in order, is in [start, stop)."""
    order = next(iter(columns.values()))
    first = 0 if start is None else int(np.searchsorted(order, start))
    end = len(order) if stop is None else max(int(np.searchsorted(order, stop)), first)
    return {name: column[first:end] for name, column in columns.items()}


def _digest(value: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()


def _write(directory: Path, meta: dict[str, Any], columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write columns and their description; everything has reached the disk when it returns."""
    about: dict[str, Any] = {}
    for name, column in columns.items():
        if not len(column):  # no file can be mapped in which there is nothing
            about[name] = {"empty": column.dtype.str}
            continue
        path = directory / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, column, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        about[name] = {"bytes": path.stat().st_size, "crc32": _checksum(path)}
    with (directory / _META).open("wb") as file:
        file.write(_note({**meta, "columns": about}))
        file.flush()
        os.fsync(file.fileno())


def _note(content: Mapping[str, Any]) -> bytes:
    """Return a description as the bytes of a file: a line of JSON and a digest of it."""
    line = json.dumps(content).encode()
    return line + b"\n" + hashlib.blake2b(line, digest_size=_CHECK_BYTES // 2).hexdigest().encode()


def _read_note(path: Path) -> Any:
    """Return the description in a file after checking that it is, to the last byte, one that this user has written."""
    if _own(path).st_size > _LARGEST_NOTE_BYTES:
        raise ValueError(f"{path.name} is too large")
    written = path.read_bytes()
    content = json.loads(written[: -_CHECK_BYTES - 1])
    if written != _note(content):
        raise ValueError(f"{path.name} is not as it was written")
    return content


def _own(path: Path) -> os.stat_result:
    """Return the status of a file after checking that it is a file of the user this process runs as."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path.name} is no file")
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise PermissionError(f"{path.name} belongs to another user")
    return status


def _mapped(path: Path, about: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Return the column in a file after checking that it is, to the last byte, the one that was written."""
    if "empty" in about:
        return np.empty(0, about["empty"])
    if _own(path).st_size != about["bytes"] or _checksum(path) != about["crc32"]:
        raise ValueError(f"{path.name} is not as it was written")
    column = np.load(path, mmap_mode="r", allow_pickle=False)
    column.flags.writeable = False
    return np.asarray(column)


def _checksum(path: Path) -> int:
    return zlib.crc32(np.memmap(path, np.uint8, "r").data)


def _forget(directory: Path, but: Path) -> None:
    """Delete other states of the same data, and what a crash in the middle of writing has left long ago."""
    for other in directory.iterdir():
        if other != but and not (other.name.startswith(_ASIDE) and _is_recent(other)):
            shutil.rmtree(other, ignore_errors=True)


def _is_recent(directory: Path) -> bool:
    try:
        return time.time() - directory.stat().st_mtime < _WRITING_S
    except FileNotFoundError:
        return True
