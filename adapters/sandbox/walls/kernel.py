"""The few calls of the C library that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_CAPABILITIES_VERSION = 0x20080522
_AS_IT_IS, _NO_RANDOM_ADDRESSES = 0xFFFFFFFF, 0x40000


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call by number; a negative result leaves the reason in `ctypes.get_errno`."""
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = _library().syscall(ctypes.c_long(number), *words)
    return result


def prctl(option: int, *arguments: int) -> None:
    """Set a property of this process. Raises `OSError` where the kernel refuses."""
    words = [ctypes.c_ulong(each) for each in (*arguments, 0, 0, 0, 0)[:4]]
    if _library().prctl(ctypes.c_int(option), *words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


@contextmanager
def fixed_addresses() -> Iterator[bool]:
    """A context in which this thread starts processes whose addresses in memory are not random, where the kernel, or a
    container, lets it; it gives whether it does.
    """
    personality = _library().personality
    now = personality(ctypes.c_ulong(_AS_IT_IS))
    is_fixed = now >= 0 and personality(ctypes.c_ulong(now | _NO_RANDOM_ADDRESSES)) >= 0
    try:
        yield is_fixed
    finally:
        if now >= 0:
            personality(ctypes.c_ulong(now))


def unshare(namespaces: int) -> bool:
    """Move this process into new namespaces; tell whether the kernel lets it."""
    return bool(_library().unshare(ctypes.c_int(namespaces)) == 0)


def give_up_capabilities() -> None:
    """Give up every capability of this process. Raises `OSError` where the kernel refuses."""
    header, none = struct.pack("=Ii", _CAPABILITIES_VERSION, 0), bytes(24)
    if _library().capset(ctypes.c_char_p(header), ctypes.c_char_p(none)) != 0:
        raise OSError(ctypes.get_errno(), "capset refused")
