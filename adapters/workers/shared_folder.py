"""A private folder for what the processes of this machine share."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from .mapped_files import write_object
from .sent_objects import Packed
from .worker_interface import WorkersFailed


class SharedFolder:
    """A folder that nobody else may look into; `close`, or the end of the process, removes it with all files.

    Files that are mapped somewhere stay there until they are unmapped. It stands `within` another folder, by default
    that for temporary files.
    """

    def __init__(self, within: str | None = None) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="perpsim-workers-", dir=within))
        except OSError as error:
            raise WorkersFailed(f"no folder for the workers can be made ({error}): set TMPDIR to one") from error
        self._end = weakref.finalize(self, _remove, self.path, os.getpid())

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
        """Remove all files: what is mapped somewhere stays there, and takes room, until it is unmapped."""
        for path in self.path.iterdir():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        self._end()


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(path, ignore_errors=True)
