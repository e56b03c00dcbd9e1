"""The server's end of a worker process: starts it, hears its events, ends it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

logger = logging.getLogger("perpsim.web")

#: What fired in a preview, with what 50 signals saw at each of 1,000 instants, is the longest.
_LONGEST_LINE = 16 << 20
#: Answers to those who look at results come before the computing of others.
_NICE = 10
_ROOT = Path(__file__).resolve().parents[3]


class WorkerProcess:
    """A fresh interpreter that does one job; never a fork of the server, whose threads and locks it must not have."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._has_begun = False

    @classmethod
    async def start(cls, job: dict[str, Any], worker: str = "run_worker") -> WorkerProcess:
        """Start the process of a module that stands beside this one, and give it its job."""
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        surroundings = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        surroundings.pop("PERPSIM_TOKEN", None)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            f"{__package__}.{worker}",
            str(_NICE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=surroundings,
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C in the server's terminal is for the server
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(job).encode() + b"\n")
        await process.stdin.drain()
        return cls(process)

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yield the events that it sends, as (kind, data), until it has ended."""
        out = self._process.stdout
        assert out is not None
        while line := await out.readline():
            self._has_begun = True
            try:
                entry = json.loads(line)
                yield entry["event"], entry["data"]
            except (ValueError, KeyError, TypeError):
                logger.error("worker %d wrote %r", self._process.pid, line[:200])
        await self._process.wait()

    @property
    def exit_text(self) -> str:
        """How the process ended, in words."""
        code = self._process.returncode
        if code is not None and code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with status {code}"

    def interrupt(self, for_ever: bool = False) -> None:
        """Ask it to cancel the run and to store what there is, `for_ever`: because the server goes down; one that has
        not begun has nothing, and is ended.
        """
        if not self._has_begun:
            self.kill()
        elif for_ever and self._process.stdin is not None:
            self._process.stdin.close()  # which says that the server is gone
        else:
            self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            self._process.send_signal(number)
        except ProcessLookupError:
            logger.info("worker %d has ended already", self._process.pid)
