"""Which of the walls stand on this machine, and what is lost without each."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

from .walls import (
    ControlGroup,
    descriptor_problem,
    landlock_problem,
    landlock_version,
    platform_problem,
    restricts_signals,
    restricts_tcp,
    seccomp_problem,
)

_PROBE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from adapters.sandbox.walls import fixed_addresses, live_apart
with fixed_addresses() as fixed:
    print(json.dumps({"apart": live_apart(), "fixed": fixed}))
"""
_PATIENCE_S = 30.0
_SMALL_BYTES = 1 << 20
#: With less address space a worker, which has numpy and pandas in it, does not start.
_LEAST_ADDRESSES = 2 << 30


class Wall(NamedTuple):
    """A wall: why it does not stand here (None: it does), what is lost without it, and what to do about it."""

    name: str
    problem: str | None
    cost: str
    remedy: str
    is_needed: bool = False


def walls_here() -> Iterator[Wall]:
    """Look at every wall of the jail. Nothing is given up by this process: what cannot be tried without giving it up is
    tried in another one.
    """
    no_run = "no program runs in the sandbox; --trust runs programs of your own without"
    linux = "use Linux 5.13 or newer, also in a virtual machine or a container"
    platform = platform_problem()
    yield Wall("Linux", platform, no_run, linux, is_needed=True)
    if platform is not None:
        return
    yield Wall("process descriptors", descriptor_problem(), no_run, linux, is_needed=True)
    enabled = "enable Landlock in the kernel (lsm=landlock,...), and let the container use it"
    yield Wall("Landlock: no files", landlock_problem(), no_run, enabled, is_needed=True)
    yield Wall("seccomp: few system calls", seccomp_problem(), no_run, linux, is_needed=True)
    yield from _thinner_walls()
    yield from _limits()


def _thinner_walls() -> Iterator[Wall]:
    """Look at the walls that stand behind others."""
    newer = "use a newer kernel"
    version = f"the kernel's Landlock is of version {landlock_version()}"
    tcp = None if restricts_tcp() else version
    yield Wall("Landlock: no TCP", tcp, "connections are held off by the system call filter alone", newer)
    signals = None if restricts_signals() else version
    yield Wall("Landlock: no signals to others", signals, "signals are held off by the filter alone", newer)
    tried = _tried_elsewhere()
    yield Wall(
        "a network and mounts of its own",
        None if tried.get("apart") else "the kernel, or the container, refuses user namespaces",
        "one wall less before network and files; Landlock and the filter stand",
        "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or the container's options)",
    )
    yield Wall(
        "fixed addresses in memory",
        None if tried.get("fixed") else "personality is refused here",
        "a program that looks at id() or at the order of its objects may decide otherwise in another run",
        "allow the system call personality in the container",
    )
    is_root = os.geteuid() == 0
    yield Wall(
        "a user that owns nothing",
        None if is_root else "only root can take on another user",
        "workers run as you; what is yours is behind the other walls",
        "nothing: it takes a root that starts perpsim",
    )


def _limits() -> Iterator[Wall]:
    group = ControlGroup.make(_SMALL_BYTES, 1)
    if group is not None:
        group.close()
    yield Wall(
        "a limit for all workers together (cgroup v2)",
        None if group is not None else "there is no cgroup v2 here, or none that may be written",
        "each worker has its limit of memory, all together have none",
        "start perpsim in a group of its own, such as systemd-run --user --scope -p Delegate=yes perpsim ...",
    )
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    small = most != resource.RLIM_INFINITY and most < _LEAST_ADDRESSES
    yield Wall(
        "address space to limit",
        f"only {most >> 20:,} MB may be used (ulimit -v)" if small else None,
        "workers may not start, and runs may end with MemoryError",
        "allow more: ulimit -v unlimited",
    )


def _tried_elsewhere() -> dict[str, bool]:
    """Return what a process that gives it up can give up."""
    command = [sys.executable, "-I", "-c", _PROBE, json.dumps(sys.path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=True)
        found: dict[str, bool] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}  # both count as refused
    return found
