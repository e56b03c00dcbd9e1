"""How often Python looks for garbage in cycles: not often while a simulation runs that makes none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many objects more than were freed are made before the next look. A run keeps records of what it did, and Python's
#: own 700 would go through all of them again and again.
_OBJECTS = 50_000


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """A context in which the garbage collector looks rarely; one that looks still more rarely, or never, stays so."""
    first, *others = gc.get_threshold()
    gc.set_threshold(max(first, _OBJECTS) if first else 0, *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)
