"""What identifies the content of an SQLite file without reading it: equal fingerprints mean equal data."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock

from .interface import Fingerprint, StateWatch

#: How long a file must have been left alone before its stamps are proof: file systems count time in steps of up to
#: two seconds, and of two changes within one step the second leaves no trace.
SETTLED_S = 3.0

_HEADER_BYTES = 100  # holds the change counter (bytes 24 to 27), the size in pages and the schema cookie
_LOGGED = b"\2\2"  # in bytes 18 and 19: commits go to a write-ahead log (sqlite.org/fileformat2.html, 1.3.3)
_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_LARGEST_LOG_BYTES = 256 * 1024 * 1024
_INDEX_BYTES = 48
_INDEX_FIGURES = slice(16, 40)  # last frame, pages, checksum up to there, salts (sqlite.org/walformat.html, 2.1)


class SqliteWatch(StateWatch):
    """Tells the state of a file by a connection of its own that stays open, and reads nothing.

    SQLite counts for a connection what others commit (PRAGMA data_version). A file that was put in the place of the
    first is another state; so is one after a while in which it could not be asked.
    """

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path, self._connect = path, connect
        self._raw: sqlite3.Connection | None = None
        self._opened, self._file = 0, (0, 0)
        self._lock = Lock()

    def state(self) -> Hashable | None:
        """Return which connection it is that counts, and its count; None where the file cannot be asked now."""
        with self._lock:
            try:
                status = os.stat(self._path)
                if self._raw is None or self._file != (status.st_dev, status.st_ino):
                    self._open((status.st_dev, status.st_ino))
                assert self._raw is not None
                return self._opened, self._raw.execute("PRAGMA data_version").fetchone()[0]
            except (OSError, sqlite3.Error):
                self._let_go()
                return None

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._let_go()

    def _open(self, file: tuple[int, int]) -> None:
        self._let_go()
        self._raw, self._file, self._opened = self._connect(), file, self._opened + 1

    def _let_go(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None


def sqlite_fingerprint(path: Path) -> Fingerprint | None:
    """Return a fingerprint of the committed content of a file that SQLite has open in this process, or None when it
    cannot be told for sure: always while the file or its log has changed in the last few seconds.

    In rollback mode every commit raises the change counter in the header. With a write-ahead log commits go to the
    log, where each frame carries a running checksum of all before it; which frames count says the header of the log's
    index in shared memory. Once the log is in the file and gone, only the stamps tell. They catch a file that was
    replaced, too.
    """
    try:
        header, log = _held_bytes(path, _HEADER_BYTES), _log_fingerprint(path.with_name(f"{path.name}-wal"))
        index = _log_index(path.with_name(f"{path.name}-shm")) if header[18:20] == _LOGGED else ""
        status = os.stat(path)
    except OSError:
        return None
    if log is None or len(header) < _HEADER_BYTES or not _is_settled(status):
        return None
    return {
        "path": str(path),
        "device": status.st_dev,
        "inode": status.st_ino,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
        "header": header.hex(),
        "log": log,
        "index": index,
    }


def _is_settled(status: os.stat_result) -> bool:
    return time.time() - max(status.st_mtime, status.st_ctime) >= SETTLED_S


def _log_fingerprint(path: Path) -> str | None:
    """Return what identifies the write-ahead log: "" without one, None when it is too long or too new to tell."""
    try:
        with path.open("rb") as log:  # it carries no locks and may be opened and closed
            status = os.fstat(log.fileno())
            if not status.st_size:
                return ""
            if status.st_size > _LARGEST_LOG_BYTES or not _is_settled(status):
                return None
            digest = hashlib.blake2b(f"{status.st_size} {status.st_mtime_ns}".encode(), digest_size=16)
            header = os.pread(log.fileno(), _LOG_HEADER_BYTES, 0)
            digest.update(header)
            step = int.from_bytes(header[8:12], "big") + _FRAME_HEADER_BYTES
            for place in range(_LOG_HEADER_BYTES, status.st_size, step):
                digest.update(os.pread(log.fileno(), _FRAME_HEADER_BYTES, place))
            return digest.hexdigest()
    except FileNotFoundError:
        return ""


def _log_index(path: Path) -> str:
    """Return which part of the log counts, "" where that is not in a file. Raises `OSError` while it is changing."""
    if not path.exists():
        return ""
    both = _held_bytes(path, 2 * _INDEX_BYTES)
    if both[:_INDEX_BYTES] != both[_INDEX_BYTES:]:
        raise BlockingIOError(f"{path} is being written")
    return both[_INDEX_FIGURES].hex()


def _held_bytes(path: Path, count: int) -> bytes:
    """Return the first bytes of a file, read through the descriptor that SQLite has of it in this process.

    Closing a descriptor of our own would drop all POSIX locks that this process holds on the file, those of SQLite's
    open connections included (sqlite.org/howtocorrupt.html, 2.2). Raises `OSError` where none is found.
    """
    wanted = os.stat(path)
    for name in os.listdir("/dev/fd"):
        try:
            if os.path.samestat(os.fstat(int(name)), wanted):
                return os.pread(int(name), count, 0)
        except OSError:
            continue  # it was closed meanwhile
    raise FileNotFoundError(f"{path} is not open")
