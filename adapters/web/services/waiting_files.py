"""Uploaded files that wait for their import: in a folder of the server's own, for some hours."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ..safety import LARGEST_UPLOAD, Refused, wrong_field

#: At most so many files wait, with so many bytes together, and none for longer.
_MOST_FILES, _MOST_TOGETHER, _LONGEST_MS = 50, 4 * LARGEST_UPLOAD, 12 * 3_600_000
_LONGEST_NAME = 200
#: So much of the disk is left alone.
_LEFT_FREE = 256 << 20
_PREFIX = "perpsim-uploads-"
_BAD_NAME = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass
class WaitingFile:
    """A file on its way, or one that is whole. `name` is the user's, `path` is where the server keeps it."""

    file_id: str
    name: str
    path: Path
    added_ms: int
    size: int = 0
    is_whole: bool = False
    busy: int = field(default=0)

    @property
    def expires_ms(self) -> int:
        """When it is thrown away."""
        return self.added_ms + _LONGEST_MS


class WaitingFiles:
    """The files of one server; they are gone with it. Any thread may ask."""

    def __init__(self) -> None:
        self._files: dict[str, WaitingFile] = {}
        self._folder: Path | None = None
        self._lock = threading.Lock()

    def listed(self) -> list[WaitingFile]:
        """Return the files that are whole, the oldest first; those that have waited for too long go."""
        with self._lock:
            self._expire()
            return [each for each in self._files.values() if each.is_whole]

    def get(self, file_id: str) -> WaitingFile:
        """Return a file that is whole; refuses one that is not there any more."""
        found = next((each for each in self.listed() if each.file_id == file_id), None)
        if found is None:
            raise Refused(404, "this file does not wait here any more: upload it again")
        return found

    def begin(self, name: str) -> tuple[WaitingFile, BinaryIO]:
        """Make room for a file of a user's name, and return it with what its bytes are written to."""
        if _BAD_NAME.search(name) or name.strip(". ") == "" or name.startswith(".") or len(name) > _LONGEST_NAME:
            raise wrong_field("name", f"is no plain name of a file, of at most {_LONGEST_NAME} characters")
        with self._lock:
            self._expire()
            if len(self._files) >= _MOST_FILES:
                raise Refused(429, f"{_MOST_FILES} files are waiting already: import some, or throw some away")
            file_id = secrets.token_hex(8)
            folder = self._home() / file_id
            folder.mkdir()
            found = WaitingFile(file_id, name, folder / name, int(time.time() * 1000))
            self._files[file_id] = found
        try:
            return found, found.path.open("wb")
        except OSError:
            self.discard(found)
            raise wrong_field("name", "is no name that a file can have here") from None

    def grow(self, file: WaitingFile, more: int) -> None:
        """Note more bytes of a file; refuses it when it, or all of them, become too large."""
        with self._lock:
            file.size += more
            together = sum(each.size for each in self._files.values())
            free = shutil.disk_usage(self._home()).free
        if file.size > LARGEST_UPLOAD:
            raise Refused(413, f"the file is larger than {LARGEST_UPLOAD >> 20:,} MB: split it, or use perpsim import")
        if together > _MOST_TOGETHER or free < _LEFT_FREE:
            raise Refused(413, "there is no room for it: import the files that wait, or throw some away")

    def finish(self, file: WaitingFile) -> None:
        """Let a file wait that is whole."""
        file.is_whole = True

    def discard(self, file: WaitingFile) -> None:
        """Throw a file away."""
        with self._lock:
            self._files.pop(file.file_id, None)
        shutil.rmtree(file.path.parent, ignore_errors=True)

    def close(self) -> None:
        """Throw everything away."""
        with self._lock:
            self._files.clear()
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _expire(self) -> None:
        now = time.time() * 1000
        for each in [each for each in self._files.values() if now >= each.expires_ms and not each.busy]:
            del self._files[each.file_id]
            shutil.rmtree(each.path.parent, ignore_errors=True)

    def _home(self) -> Path:
        if self._folder is None:
            _throw_away_leftovers()
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        return self._folder


def _throw_away_leftovers() -> None:
    """Remove the folders of servers that were killed, once nobody can wait for what is in them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            is_old = time.time() * 1000 - folder.lstat().st_mtime * 1000 > 2 * _LONGEST_MS
        except OSError:  # another server was faster
            continue
        if is_old and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
