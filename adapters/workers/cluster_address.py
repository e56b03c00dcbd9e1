"""What names a cluster: the address of a scheduler, or one of this machine."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine import ConfigurationError
from engine.plain_values import shown

LOCAL = "local"
_LOCAL = re.compile(r"local(?::(?P<workers>[0-9]{1,4}))?")
#: An IPv6 address stands in brackets, as in URLs.
_SCHEDULER = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.%\w]+\]|[^\s:/@\[\]]+):(?P<port>[0-9]{1,5})/?")
_MOST_WORKERS, _LAST_PORT = 1_000, 65_535


class ClusterAddress(NamedTuple):
    """A scheduler's address, or, where that is None, so many workers of this machine (None: one a processor)."""

    scheduler: str | None
    workers: int | None = None


def parse_address(text: str) -> ClusterAddress:
    """Return what an address names. Raises `ConfigurationError` for what names no cluster."""
    stripped = text.strip() if isinstance(text, str) else ""
    if found := _SCHEDULER.fullmatch(stripped):
        if 0 < int(found["port"]) <= _LAST_PORT:
            return ClusterAddress(stripped.rstrip("/"))
    elif found := _LOCAL.fullmatch(stripped):
        workers = None if found["workers"] is None else int(found["workers"])
        if workers is None or 0 < workers <= _MOST_WORKERS:
            return ClusterAddress(None, workers)
    hint = ""
    if re.fullmatch(r"[^\s:/@]+:[0-9]{1,5}", stripped) and not stripped.startswith(f"{LOCAL}:"):
        hint = f"; tcp://{stripped} is the scheduler there"
    raise ConfigurationError(
        [
            f"cluster: {shown(text)} is not the address of a cluster; a scheduler is named by tcp://HOST:PORT or "
            f"tls://HOST:PORT (its port is 8786 unless it was told otherwise), workers of this machine by {LOCAL} or "
            f"{LOCAL}:2{hint}"
        ]
    )
