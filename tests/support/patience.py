"""Waiting for what other processes and threads come to, where there is no event to wait on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: A net under tests that hang, much longer than anything takes on a machine that is busy with something else.
PATIENCE_S = 120.0
_LOOK_S = 0.003


def until(condition: Callable[[], T]) -> T:
    """Return what `condition` gives as soon as that is true; fail when it never comes to that."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {PATIENCE_S:g} s: {condition}"
        time.sleep(_LOOK_S)
    return found
