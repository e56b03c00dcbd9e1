"""Calls that are made in this process, one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from .worker_interface import Done, Setup


class ThisProcess:
    """Answers each argument when the answer is asked for: nothing is sent anywhere, so anything can be run."""

    size = 1
    message_ms = 0.0  # nothing is sent

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._setup: Setup | None = None
        self._answer: Callable[[Any], Any] | None = None
        self._waiting: deque[tuple[int, Any]] = deque()
        self._tickets = 0

    def setup(self, setup: Setup) -> None:
        """Say what answers the arguments from now on; nothing is done when that is the same as before."""
        if self._setup is not None and self._setup == setup:
            return
        self._setup = None
        self._stack.close()
        self._answer = self._stack.enter_context(setup())
        self._setup = setup

    def submit(self, argument: Any) -> int:
        """Put an argument into the queue and return its ticket."""
        self._tickets += 1
        self._waiting.append((self._tickets, argument))
        return self._tickets

    def as_completed(self) -> Iterator[Done]:
        """Yield the answers in the order in which they were asked for."""
        assert self._answer is not None
        while self._waiting:
            ticket, argument = self._waiting.popleft()
            try:
                done = Done(ticket, self._answer(argument))
            except Exception as error:  # whoever submitted it is told
                done = Done(ticket, None, error)
            yield done

    def cancel(self) -> None:
        """Empty the queue."""
        self._waiting.clear()

    def __enter__(self) -> ThisProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.cancel()
        self._setup = None
        self._stack.close()
