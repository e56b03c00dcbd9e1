"""A private folder for what the processes of this machine share."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from .mapped_files import write_object
from .sent_objects import Packed
from .worker_interface import WorkersFailed

_PREFIX = "perpsim-workers-"


class SharedFolder:
    """A folder that nobody else may look into; `close`, or the end of the process, removes it with all files.

    Files that are mapped somewhere stay there until they are unmapped. It stands `within` another folder, by default
    that for temporary files. A process that is killed leaves its own behind: the next one made beside it removes that.
    """

    def __init__(self, within: str | None = None) -> None:
        try:
            _remove_leftovers(Path(within or tempfile.gettempdir()))
            self.path, lock = _locked_folder(within)
        except OSError as error:
            raise WorkersFailed(f"no folder for the workers can be made ({error}): set TMPDIR to one") from error
        self._end = weakref.finalize(self, _remove, self.path, lock, os.getpid())

    def write(self, name: str, sent: Packed) -> Path:
        """Write an object to a new file and return its path. Raises `WorkersFailed` where there is no room."""
        path = self.path / name
        try:
            write_object(path, sent)
        except OSError as error:
            raise WorkersFailed(
                f"{sent.size:,} bytes for the workers cannot be written to {self.path.parent} ({error.strerror}): set "
                "TMPDIR to a folder with more room"
            ) from error
        return path

    def clear(self) -> None:
        """Remove all files: what is mapped somewhere stays there, and takes room, until it is unmapped. Folders stay:
        they are what workers have for a while.
        """
        for path in self.path.iterdir():
            if not path.is_dir():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        self._end()


def _locked_folder(within: str | None) -> tuple[Path, int | None]:
    """Make a folder and lock it: that tells that its process is alive, in whichever container that runs."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
        lock = _lock_of(path)
        if path.exists():  # else it was taken for a leftover before it was locked
            return path, lock
        if lock is not None:
            os.close(lock)


def _lock_of(path: Path) -> int | None:
    """Lock a folder of this user until the descriptor is closed; None where it is locked already, or cannot be."""
    with suppress(ImportError, OSError):  # somebody else's, gone, or on a file system without locks
        import fcntl  # where that is missing there are no worker processes

        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(folder)
        else:
            return folder
    return None


def _remove_leftovers(within: Path) -> None:
    """Remove the folders of processes that are gone."""
    for path in within.glob(f"{_PREFIX}*"):
        if (lock := _lock_of(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _remove(path: Path, lock: int | None, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(path, ignore_errors=True)
        if lock is not None:
            os.close(lock)
