"""What the kernel tells of other processes (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that a process has started, from whichever of its threads; none where it has ended."""
    found: list[int] = []
    for place in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, place.read_text("ascii").split())
    return found


def status(pid: int, name: str) -> str:
    """A line of a process's status; empty where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:")), "")


def has_signals(pid: int, name: str, *wanted: int) -> bool:
    """Whether a mask of signals (SigCgt: caught, ShdPnd: still to be delivered) has all of these."""
    mask = int(status(pid, name) or "0", 16)
    return all(mask >> (number - 1) & 1 for number in wanted)


def used_s(pid: int) -> float:
    """The processor time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
