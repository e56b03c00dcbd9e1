"""How many processors this process may use."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """Return how many processors this process may keep busy: those that it may run on, within the quota of its
    container; at least one.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return there if quota is None else max(1, min(there, int(quota)))


def _quota(cgroup: Path) -> float | None:
    """Return how many processors' time the control group has, by the files of cgroup v2 or v1."""
    try:
        if (cgroup / "cpu.max").is_file():
            most, period = (cgroup / "cpu.max").read_text("ascii").split()
        else:
            most = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text("ascii")
        return int(most) / int(period) if int(most) > 0 else None
    except (OSError, ValueError):  # no control groups, or "max"
        return None
