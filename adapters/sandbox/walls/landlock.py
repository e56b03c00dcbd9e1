"""Taking the whole file system, TCP and other processes away from this process (Landlock)."""

from __future__ import annotations

import ctypes
import os
import struct

from .kernel import prctl, syscall

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1
_NO_NEW_PRIVILEGES = 38
#: How many file system rights each version of the interface knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_MOST_FILE_RIGHTS = 16
_TCP_FROM, _SCOPES_FROM = 4, 6
_BIND_AND_CONNECT = _SOCKETS_AND_SIGNALS = 0b11


def landlock_version() -> int:
    """Return the version of the kernel's interface, 0 where there is none."""
    version = syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(version, 0)


def landlock_problem() -> str | None:
    """Return why files cannot be taken away, or None."""
    return None if landlock_version() else "the kernel offers no Landlock (Linux 5.13 and later, where it is enabled)"


def restricts_tcp() -> bool:
    """Whether TCP connections can be taken away, too."""
    return landlock_version() >= _TCP_FROM


def restricts_signals() -> bool:
    """Whether signals to other processes, and sockets without a file, can be taken away, too."""
    return landlock_version() >= _SCOPES_FROM


def give_up_files() -> None:
    """Refuse this process every file, TCP connections and signals to others. Raises `OSError` where that fails."""
    version = landlock_version()
    attributes = struct.pack("=Q", (1 << _FILE_RIGHTS.get(version, _MOST_FILE_RIGHTS)) - 1)
    if version >= _TCP_FROM:
        attributes += struct.pack("=Q", _BIND_AND_CONNECT)
    if version >= _SCOPES_FROM:
        attributes += struct.pack("=Q", _SOCKETS_AND_SIGNALS)
    rules = syscall(_CREATE_RULESET, ctypes.c_char_p(attributes), len(attributes), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused the rules")
    prctl(_NO_NEW_PRIVILEGES, 1)
    restricted = syscall(_RESTRICT_SELF, rules, 0)
    number = ctypes.get_errno()
    os.close(rules)
    if restricted != 0:
        raise OSError(number, "Landlock refused to restrict the process")
