"""A process that starts itself anew where programs run in it, so that its hash seed is always the same."""

from __future__ import annotations

import os
import sys

from processes import HASH_SEED, is_hash_random

_VARIABLE = "PYTHONHASHSEED"

#: What `sys.argv` begins with when Python has read its program from standard input, which cannot be read again.
_FROM_STANDARD_INPUT = ("", "-")


def fix_hash_seed() -> None:
    """Start this process anew, with the same arguments and files, unless its hash seed is the fixed one.

    To be called before anything else is done. The process keeps its number, its terminal and its parent, who sees one
    exit status. It happens once: where the seed is set but ignored (``python -I``), where the program cannot be read
    again, or where a process cannot replace itself (Windows), nothing happens and results bear a warning.
    """
    is_tried = os.environ.get(_VARIABLE) == HASH_SEED
    if not is_hash_random() or is_tried or os.name != "posix" or sys.argv[0] in _FROM_STANDARD_INPUT:
        return
    arguments = [sys.executable, *sys.orig_argv[1:]]
    if not sys.executable or arguments[len(arguments) - len(sys.argv) + 1 :] != sys.argv[1:]:
        return  # a host that has arguments of its own, for something else than this
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, arguments, {**os.environ, _VARIABLE: HASH_SEED})
