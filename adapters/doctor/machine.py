"""The machine: clock, hash seed, processors, memory, disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from processes import HASH_SEED, is_hash_random

from .finding import Finding

_GROUP = "machine"
_FIRST_YEAR, _LAST_YEAR = 2025, 2100
_WATCHED_S, _MOST_DRIFT_S = 0.05, 0.02
_MEBIBYTE = 1 << 20
_LITTLE_MEMORY, _LITTLE_DISK = 1 << 30, 1 << 30
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def look_at_machine() -> Iterator[Finding]:
    """Look at what runs take of the machine."""
    yield _clock()
    yield Finding(_GROUP, "time zone", True, f"{_zone()}; every time in perpsim is UTC, whatever it is")
    yield Finding(_GROUP, "hash seed", True, _seed())
    yield _processors()
    yield _memory()
    yield from _disks()


def _clock() -> Finding:
    now = datetime.now(UTC)
    problem = None if _FIRST_YEAR <= now.year < _LAST_YEAR else f"the year is {now.year}"
    wall, steady = time.time(), time.monotonic()
    time.sleep(_WATCHED_S)
    drift = abs((time.time() - wall) - (time.monotonic() - steady))
    if problem is None and drift > _MOST_DRIFT_S:
        problem = f"it was set, or runs wrong: {drift * 1_000:,.0f} ms in {_WATCHED_S * 1_000:,.0f} ms"
    return Finding(
        _GROUP,
        "clock",
        problem is None,
        f"{now:%Y-%m-%d %H:%M:%S} UTC{f', {problem}' if problem else ', steady'}",
        "download asks for the wrong time, stored runs bear it; runs themselves have a clock of their own",
        "set the clock, and keep it set (NTP)",
    )


def _seed() -> str:
    """Say what the seed of this process means: of the command and the sandbox it is fixed in any case."""
    if not is_hash_random():
        return f"{HASH_SEED}, as everywhere in perpsim: runs from Python give the same bytes, too"
    return (
        "random here; the command and the sandbox have a fixed one, and from Python a class that goes through sets of "
        f"texts needs PYTHONHASHSEED={HASH_SEED} to decide the same in every process"
    )


def _zone() -> str:
    here = datetime.now().astimezone()
    return f"{here.tzname()} ({here:%z})"


def _processors() -> Finding:
    there = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    return Finding(
        _GROUP,
        "processors",
        usable > 1,
        f"{usable} of {there}",
        "a program in the sandbox and the simulation take turns; a server runs one back-test at a time",
        "allow more (taskset, the container's limits)",
    )


def _memory() -> Finding:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [limit for limit in map(_limit, _CGROUP_LIMITS) if limit is not None]
    usable = min([total, *limits])
    left = min(_available(), usable)
    return Finding(
        _GROUP,
        "memory",
        left >= _LITTLE_MEMORY,
        f"{left // _MEBIBYTE:,} MB free of {usable // _MEBIBYTE:,} MB",
        "large runs end for want of memory: a year of minutes takes about 25 MB a symbol, a worker 100 MB",
        "close what else runs, or take fewer symbols",
    )


def _limit(path: str) -> int | None:
    """Return the limit of this container, or None where there is none."""
    try:
        text = Path(path).read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _available() -> int:
    """Return how many bytes of memory could be had, by what Linux says of it or by the free pages."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))


def _disks() -> Iterator[Finding]:
    for what, folder in (("disk here", Path.cwd()), ("disk of temporary files", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        yield Finding(
            _GROUP,
            what,
            free >= _LITTLE_DISK,
            f"{free // _MEBIBYTE:,} MB free in {folder}",
            "imports and saved runs may find no space: a year of minutes takes about 120 MB a symbol",
            "make room, or work in another folder" if what == "disk here" else "make room, or name another by TMPDIR",
        )
