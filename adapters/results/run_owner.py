"""Who runs a back-test: enough to tell later whether that process is still alive."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Runner:
    """A process on a host; `started` tells it from a later one with the same number (None where unknown)."""

    host: str
    pid: int
    started: str | None

    @classmethod
    def this(cls) -> Runner:
        """Return the present process."""
        return cls(socket.gethostname(), os.getpid(), _start_mark(os.getpid()))

    @classmethod
    def parse(cls, text: str | None) -> Runner | None:
        """Return the runner that `to_text` wrote, or None when the text is something else."""
        try:
            entry = json.loads(text or "")["runner"]
            return cls(entry["host"], entry["pid"], entry["started"])
        except (ValueError, KeyError, TypeError):
            return None

    def to_text(self) -> str:
        """Return the runner as text that `parse` reads."""
        return json.dumps({"runner": asdict(self)}, sort_keys=True)

    def is_gone(self) -> bool:
        """Tell whether the process has certainly ended; one on another host never has."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it is there, and somebody else's
        return self.started is not None and _start_mark(self.pid) != self.started


def _start_mark(pid: int) -> str | None:
    """Return the start time of a process in the kernel's own count, None where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None
