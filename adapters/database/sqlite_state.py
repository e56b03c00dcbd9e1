"""What identifies the content of an SQLite file without reading it: equal fingerprints mean equal data."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from .interface import Fingerprint

_HEADER_BYTES = 100  # holds the change counter (bytes 24 to 27), the size in pages and the schema cookie
_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_LARGEST_LOG_BYTES = 256 * 1024 * 1024
_MOST_HELD_FILES = 128

_held: dict[tuple[int, int], int] = {}
_held_lock = threading.Lock()


def sqlite_fingerprint(path: Path) -> Fingerprint | None:
    """Return a fingerprint of the committed content of an SQLite file, or None when it cannot be told for sure.

    In rollback mode every commit raises the change counter in the header. With a write-ahead log commits go to the
    log, where each frame carries a running checksum of all before it. Inode and times catch a file that was replaced.
    """
    if not hasattr(os, "pread"):
        return None
    try:
        log = _log_fingerprint(path.with_name(f"{path.name}-wal"))
        status = os.stat(path)
        header = _header(path)
    except OSError:
        return None
    if log is None or len(header) < _HEADER_BYTES:
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
    }


def _log_fingerprint(path: Path) -> str | None:
    """Return what identifies the write-ahead log: "" without one, None when it is too long to tell quickly."""
    try:
        with path.open("rb") as log:
            status = os.fstat(log.fileno())
            if not status.st_size:
                return ""
            if status.st_size > _LARGEST_LOG_BYTES:
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


def _header(path: Path) -> bytes:
    """Return the first bytes of the file, read through a descriptor that stays open.

    Closing any descriptor of a file drops all POSIX locks that this process holds on it, those of SQLite's open
    connections included (sqlite.org/howtocorrupt.html, 2.2). The log carries no locks and may be opened and closed.
    """
    status = os.stat(path)
    with _held_lock:
        descriptor = _held.get((status.st_dev, status.st_ino))
        if descriptor is None:
            descriptor = os.open(path, os.O_RDONLY)
            status = os.fstat(descriptor)
            _held[status.st_dev, status.st_ino] = descriptor
            if len(_held) > _MOST_HELD_FILES:
                os.close(_held.pop(next(iter(_held))))
        return os.pread(descriptor, _HEADER_BYTES, 0)
