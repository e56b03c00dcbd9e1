"""A limit of memory for this process itself, whatever programs make it keep."""

from __future__ import annotations

import os
import resource

from .jail import address_space


def limit_own_memory() -> None:
    """Let this process use at most as much address space beyond today's as the machine has memory: what is too much
    fails with `MemoryError` instead of taking the machine along. A limit that is there already stays.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = address_space() + os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()
    if soft == resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or most < hard):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
