"""A group of the kernel's for all workers of a sandbox together (cgroup v2), where this process may make one."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path

_numbers = count(1)


class ControlGroup:
    """All processes of one zygote, which together may use `memory_bytes` and be `processes`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def make(cls, memory_bytes: int, processes: int) -> ControlGroup | None:
        """Make a group below that of this process; None where there is no cgroup v2, or none that may be written."""
        parent = _own_folder()
        if parent is None:
            return None
        folder = parent / f"perpsim-{os.getpid()}-{next(_numbers)}"
        try:
            folder.mkdir()
        except OSError:
            return None
        try:
            (folder / "memory.max").write_text(str(memory_bytes))
            (folder / "pids.max").write_text(str(processes))
        except OSError:  # the controllers are not handed down to it
            folder.rmdir()
            return None
        return cls(folder)

    def add(self, pid: int) -> None:
        """Take in a process and all that it will start. Raises `OSError` where the kernel refuses."""
        (self._folder / "cgroup.procs").write_text(str(pid))

    def close(self) -> None:
        """Remove the group; its processes must have ended."""
        with suppress(OSError):
            self._folder.rmdir()


def _own_folder() -> Path | None:
    """Return where the group of this process lies among the files of cgroup v2."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
        groups = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return None
    mounted = next((line.split()[4] for line in mounts if " - cgroup2 " in line), None)
    own = next((line[3:] for line in groups if line.startswith("0::")), None)
    return None if mounted is None or own is None else Path(mounted + own)
