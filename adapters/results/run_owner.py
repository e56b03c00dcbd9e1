"""Who runs a back-test: enough to tell later whether that process is still alive."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path

_numbers = count(1)
#: The parts of this process that are not over.
_parts: set[int] = set()


@dataclass(frozen=True)
class Runner:
    """A process on a host; `started` tells it from a later one with the same number (None where unknown), `part` is
    the number of what it runs that may be over before the process is, None where nothing may.
    """

    host: str
    pid: int
    started: str | None
    part: int | None = None

    @classmethod
    def this(cls) -> Runner:
        """Return the present process."""
        return cls(socket.gethostname(), os.getpid(), _start_mark(os.getpid()))

    @classmethod
    def part_of_this(cls) -> Runner:
        """Return a part of the present process, until its `end`."""
        part = next(_numbers)
        _parts.add(part)
        return replace(cls.this(), part=part)

    def end(self) -> None:
        """Say that a part of this process is over."""
        if self.part is not None:
            _parts.discard(self.part)

    @classmethod
    def parse(cls, text: str | None) -> Runner | None:
        """Return the runner that `to_text` wrote, or None when the text is something else."""
        try:
            entry = json.loads(text or "")["runner"]
            return cls(entry["host"], entry["pid"], entry["started"], entry.get("part"))
        except (ValueError, KeyError, TypeError):
            return None

    def to_text(self) -> str:
        """Return the runner as text that `parse` reads."""
        entry = {name: value for name, value in asdict(self).items() if name != "part" or value is not None}
        return json.dumps({"runner": entry}, sort_keys=True)

    def is_gone(self) -> bool:
        """Tell whether the process, or its part, has certainly ended; one on another host never has."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it is there, and somebody else's
        if self.started is not None and _start_mark(self.pid) != self.started:
            return True
        return self.pid == os.getpid() and self.part is not None and self.part not in _parts


def _start_mark(pid: int) -> str | None:
    """Return the start time of a process in the kernel's own count, None where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None
