"""Looking at the programs that requests bring: in the sandbox and never in this process, a few at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from engine import Language

from ...sandbox import Sandbox, jail_problem
from ..safety import OneProblem, Refused, program_problems

_MOST_AT_ONCE = max(2, os.cpu_count() or 1)
_MOST_WAITING = 50


class ProgramCheck:
    """Finds what is wrong with programs; the sandbox for that starts with the first of them.

    `sandbox_problem` says why this machine has no sandbox; then nothing can be said of a program but that.
    Called from the server's event loop only, which goes on meanwhile.
    """

    def __init__(self) -> None:
        self.sandbox_problem = jail_problem()
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, "program-check")
        self._lock = Lock()
        self._sandbox: Sandbox | None = None
        self._under_way = 0

    async def problems(
        self, code: str, language: Language, symbols: Collection[str] = (), mistakes: str = "error"
    ) -> list[OneProblem]:
        """Return every problem of a program's text, each with its line; also what is literal in it and wrong, such as
        names and periods that are not there, with the severity `mistakes`: that does not keep it from running. With
        `symbols` others are mistakes too. Refuses when too many wait already.
        """
        if self.sandbox_problem is not None:
            return [OneProblem(field="code", message=no_sandbox_text(self.sandbox_problem))]
        if self._under_way >= _MOST_AT_ONCE + _MOST_WAITING:
            raise Refused(429, f"{_MOST_WAITING} programs are waiting to be looked at already; try again later")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._look, code, language, symbols, mistakes
            )
        finally:
            self._under_way -= 1

    def _look(self, code: str, language: Language, symbols: Collection[str], severity: str) -> list[OneProblem]:
        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(most_runs=_MOST_AT_ONCE)
            sandbox = self._sandbox
        problems, mistakes = sandbox.look_at(code, language, symbols)
        return program_problems([*problems, *(each._replace(severity=severity) for each in mistakes)])

    def close(self) -> None:
        """End the sandbox, and what is still looked at in it."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()


def no_sandbox_text(reason: str) -> str:
    """Return what is wrong where programs can be neither looked at nor run."""
    return f"programs run only in a sandbox, and there is none on this machine: {reason}"
