"""The jail: what a process gives up before it runs a program that nobody vouches for.

Afterwards it can compute, read memory that it has, write to the pipes that it has, and end. It cannot open a file or a
socket, start a process or a thread, signal or trace another process, map code, or get any of this back.
"""

from __future__ import annotations

import os
import platform
import pwd
import resource
import sys
from contextlib import suppress

from .kernel import give_up_capabilities, prctl, unshare
from .landlock import give_up_files, landlock_problem
from .seccomp import filter_calls, seccomp_problem

_PARENT_DEATH_SIGNAL, _DUMPABLE, _REFUSE_EXECUTABLE_WRITES = 1, 4, 65
_SIGKILL = 9
_DROP_FROM_BOUNDING_SET, _MOST_CAPABILITIES = 24, 64
_MOUNTS, _HOST_NAME, _SHARED_MEMORY, _USERS, _NETWORK = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x40000000
#: Programs of strangers stand back behind everything else.
_NICE = 5
_FIRST_UID = 0x70000000
_NOBODY = 65534
_STATM_BYTES = 128


def jail_problem() -> str | None:
    """Return why programs cannot be locked up on this machine, or None."""
    return platform_problem() or descriptor_problem() or landlock_problem() or seccomp_problem()


def platform_problem() -> str | None:
    """Return why this system has no jail at all, or None."""
    if sys.platform.startswith("linux"):
        return None
    return f"{platform.system()} has no way to lock up a process that perpsim could use (Linux has)"


def descriptor_problem() -> str | None:
    """Return why a worker cannot be watched and given its data, or None."""
    if hasattr(os, "pidfd_open") and hasattr(os, "memfd_create"):
        return None
    return "this Python or kernel has no process descriptors or anonymous files"


def unused_uid(slot: int) -> int:
    """Return a user id that nobody has, for the run in a slot of this process."""
    uid = _FIRST_UID + os.getpid() % 0x10000 * 0x100 + slot % 0x100
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return uid
    return _NOBODY


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends; raises `OSError` when it has ended already."""
    prctl(_PARENT_DEATH_SIGNAL, _SIGKILL)
    if os.getppid() != parent:
        raise OSError("the parent is gone")


def lock_down(parent: int, memory_bytes: int, cpu_s: float) -> None:
    """Give up everything. `memory_bytes` come on top of what is in use now. Raises `OSError` where the kernel refuses:
    then nothing may be run.
    """
    os.nice(_NICE)
    _limit_resources(memory_bytes, cpu_s)
    prctl(_DUMPABLE, 0)
    die_with_parent(parent)  # changing the user has cleared it
    give_up_files()
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    with suppress(OSError):  # Linux before 6.3 does not know it; the filter refuses executable memory anyway
        prctl(_REFUSE_EXECUTABLE_WRITES, 1)
    filter_calls(os.getpid())


def _limit_resources(memory_bytes: int, cpu_s: float) -> None:
    seconds = max(int(cpu_s), 1)
    for limit, soft, hard in (
        (resource.RLIMIT_AS, address_space() + memory_bytes, address_space() + memory_bytes),
        (resource.RLIMIT_CPU, seconds, seconds + 2),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
    ):
        _, highest = resource.getrlimit(limit)
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.setrlimit(limit, (soft, hard))


def address_space() -> int:
    """Return the address space that is in use, in bytes."""
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        text = bytearray(_STATM_BYTES)  # always as long: where objects lie must not depend on what stands in it
        os.readv(descriptor, [text])
    finally:
        os.close(descriptor)
    return int(text[: text.index(b" ")]) * resource.getpagesize()


def live_apart() -> bool:
    """Give this process, and all that it will start, a network without devices and its own mounts, host name and shared
    memory, where the kernel lets it, and tell whether it does: root may do so, anybody else in a user namespace of its
    own, whose rights are given up at once.
    """
    apart = _NETWORK | _SHARED_MEMORY | _HOST_NAME | _MOUNTS
    if os.geteuid() == 0:
        return unshare(apart)
    is_apart = unshare(_USERS | apart)
    if is_apart:
        give_up_capabilities()
    return is_apart


def become_nobody(uid: int) -> None:
    """Take on a user id that owns nothing, with no right that could be had back; in a container that does not know it,
    that of nobody. Of one who is not root nothing changes.
    """
    if os.geteuid() != 0:
        return
    for capability in range(_MOST_CAPABILITIES):
        with suppress(OSError):  # a number that this kernel does not know
            prctl(_DROP_FROM_BOUNDING_SET, capability)
    os.setgroups([])
    try:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError:
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
