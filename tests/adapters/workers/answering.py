"""What workers are asked in tests: setups that stand in a module, as a user's would."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Answers:
    """Does what an argument says: ("echo", value), ("sleep", seconds), ("die",), ("die once", path), ("raise",) ..."""

    arrays: dict[str, Any] = field(default_factory=dict, compare=False)

    @contextmanager
    def __call__(self):
        yield self.answer

    def answer(self, argument: tuple[Any, ...]) -> Any:
        kind, *given = argument
        return getattr(self, f"_{kind.replace(' ', '_')}")(*given)

    def _echo(self, value: Any) -> Any:
        return value

    def _pid(self) -> int:
        return os.getpid()

    def _sleep(self, seconds: float) -> int:
        time.sleep(seconds)
        return os.getpid()

    def _spin(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                time.sleep(0.01)
            except BaseException:
                continue  # it will not be told

    def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _die_once(self, path: str) -> str:
        if not Path(path).exists():
            Path(path).touch()
            self._die()
        return "done"

    def _leave_a_folder(self) -> str:
        made = tempfile.mkdtemp()
        Path(made, "file").touch()
        return made

    def _raise(self, error: Exception) -> None:
        raise error

    def _environment(self) -> dict[str, str]:
        return dict(os.environ)

    def _flags(self) -> int:
        return sys.flags.hash_randomization

    def _own_mb(self) -> float:
        with open("/proc/self/smaps_rollup", encoding="ascii") as file:
            sizes = {line.split()[0]: int(line.split()[1]) for line in file.readlines()[1:]}
        return sizes["Anonymous:"] / 1024  # what is of no file: pages of one count elsewhere, written back or not

    def _sum(self, name: str) -> tuple[float, bool]:
        column: np.ndarray = self.arrays[name]
        return float(column.sum()), bool(column.flags.writeable)


@dataclass(frozen=True)
class Needs:
    """A setup that fails where a file is not there; arguments are seconds to sleep."""

    path: Path

    @contextmanager
    def __call__(self):
        if not self.path.exists():
            raise ValueError("it is not there")
        yield self.answer

    def answer(self, seconds):
        time.sleep(seconds)
        return seconds


class Refuses:
    """A setup that fails in the worker."""

    def __call__(self):
        raise ValueError("there is no such file here")
