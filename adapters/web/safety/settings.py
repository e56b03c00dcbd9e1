"""What a server is started with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address

from engine import ConfigurationError

TOKEN_VARIABLE = "PERPSIM_TOKEN"
SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class ServerSettings:
    """Database, address and limits of a server.

    `token` is what every request must bring where there is one; an address that other machines can reach takes one.
    At most `most_runs` back-tests run at a time, at most `most_waiting` wait for a place. `venue_url` takes the
    place of the addresses of venues in downloads.
    """

    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    most_runs: int = max(1, min(4, (os.cpu_count() or 2) - 1))
    most_waiting: int = 100
    venue_url: str | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.token is None and not is_loopback(self.host):
            problems.append(
                f"host: {self.host} can be reached from other machines; set {TOKEN_VARIABLE} to a secret that callers "
                "must know, or use 127.0.0.1"
            )
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            problems.append(f"{TOKEN_VARIABLE}: is shorter than {SHORTEST_TOKEN} characters")
        if self.most_runs < 1:
            problems.append(f"runs: {self.most_runs} is below 1")
        if problems:
            raise ConfigurationError(problems)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
