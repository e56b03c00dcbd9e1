"""A limit of memory for this process itself, whatever programs make it keep."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from .jail import address_space


@contextmanager
def limited_memory() -> Iterator[None]:
    """A context in which this process may use at most as much address space beyond today's as the machine has memory:
    what is too much fails with `MemoryError` instead of taking the machine along. A limit that is there already stays.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = address_space() + os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()
    if soft != resource.RLIM_INFINITY or (hard != resource.RLIM_INFINITY and hard <= most):
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
