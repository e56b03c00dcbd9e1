"""What an interruption has left open, because it came just when a context was to end or had only begun."""

from __future__ import annotations

import traceback


def let_go(error: BaseException) -> None:
    """End the contexts that only the traceback of an exception still holds, such as a transaction, which who goes on
    while the exception is handled would wait for.

    Nothing can be read from the variables in that traceback after this.
    """
    traceback.clear_frames(error.__traceback__)
