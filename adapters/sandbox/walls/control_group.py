"""A group of the kernel's for all workers of a sandbox together (cgroup v2), where this process may make one."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count

_numbers = count(1)


class ControlGroup:
    """All processes of one zygote, which together may use `memory_bytes` and be `processes`."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @classmethod
    def make(cls, memory_bytes: int, processes: int) -> ControlGroup | None:
        """Make a group below that of this process; None where there is no cgroup v2, or none that may be written."""
        parent = _own_folder()
        if parent is None:
            return None
        folder = os.path.join(parent, f"perpsim-{os.getpid()}-{next(_numbers)}")
        try:
            os.mkdir(folder)
        except OSError:
            return None
        try:
            _write(folder, "memory.max", memory_bytes)
            _write(folder, "pids.max", processes)
        except OSError:  # the controllers are not handed down to it
            os.rmdir(folder)
            return None
        return cls(folder)

    def add(self, pid: int) -> None:
        """Take in a process and all that it will start. Raises `OSError` where the kernel refuses."""
        _write(self._folder, "cgroup.procs", pid)

    def close(self) -> None:
        """Remove the group; its processes must have ended."""
        with suppress(OSError):
            os.rmdir(self._folder)


def _write(folder: str, name: str, value: int) -> None:
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(str(value))


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def _own_folder() -> str | None:
    """Return where the group of this process lies among the files of cgroup v2."""
    try:
        mounts, groups = _lines("/proc/self/mountinfo"), _lines("/proc/self/cgroup")
    except OSError:
        return None
    mounted = next((line.split()[4] for line in mounts if " - cgroup2 " in line), None)
    own = next((line[3:] for line in groups if line.startswith("0::")), None)
    return None if mounted is None or own is None else mounted + own
