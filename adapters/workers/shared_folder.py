"""A private folder for what the processes of this machine share: files that are written once and mapped."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import IO

from .worker_interface import WorkersFailed


class SharedFolder:
    """A folder that nobody else may look into; `close`, or the end of the process, removes it with all files.

    Files that are mapped somewhere stay there until they are unmapped.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="perpsim-workers-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        self._owner = os.getpid()

    def write(self, name: str, parts: list[memoryview | bytes], alignment: int) -> list[int]:
        """Write parts one after another, each at a multiple of `alignment`, and return where each stands."""
        path = self.path / name
        try:
            with open(path, "xb") as file:
                return [_written(file, part, alignment) for part in parts]
        except OSError as error:
            path.unlink(missing_ok=True)
            size = sum(memoryview(part).nbytes for part in parts)
            text = (
                f"{size:,} bytes for the workers cannot be written to {self.path.parent} ({error.strerror}); set TMPDIR"
            )
            raise WorkersFailed(f"{text} to a folder with more room") from error

    def close(self) -> None:
        """Remove the folder."""
        if os.getpid() == self._owner:
            self._end()


def _written(file: IO[bytes], part: memoryview | bytes, alignment: int) -> int:
    file.write(bytes(-file.tell() % alignment))
    place = file.tell()
    file.write(part)
    return place
