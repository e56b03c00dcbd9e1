"""What a server is started with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine import ConfigurationError

from .hosts import is_loopback

TOKEN_VARIABLE = "PERPSIM_TOKEN"
SHORTEST_TOKEN = 16
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]{1,60}){0,5}")


@dataclass(frozen=True)
class ServerSettings:
    """Database, address and limits of a server.

    `token` is what every request must bring where there is one; an address that other machines can reach takes one.
    At most `most_runs` back-tests run at a time, at most `most_waiting` wait for a place. `tls_cert` and `tls_key` are
    files in PEM form. `path_prefix` is what a proxy puts before every address ("/perpsim"); with `trusts_proxy` what it
    says of scheme, host and client counts (X-Forwarded-Proto, -Host and -For): only where nobody gets past it.
    `venue_url` takes the place of the addresses of venues in downloads.
    """

    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    most_runs: int = max(1, min(4, (os.cpu_count() or 2) - 1))
    most_waiting: int = 100
    tls_cert: Path | None = None
    tls_key: Path | None = None
    path_prefix: str = ""
    trusts_proxy: bool = False
    venue_url: str | None = None

    def __post_init__(self) -> None:
        problems = [*self._problems()]
        if problems:
            raise ConfigurationError(problems)

    def _problems(self) -> Iterator[str]:
        if self.token is None and not is_loopback(self.host):
            yield (
                f"host: {self.host} can be reached from other machines; set {TOKEN_VARIABLE} to a secret that callers "
                "must know, or use 127.0.0.1"
            )
        if self.token is None and self.trusts_proxy:
            yield f"trust_proxy: a proxy lets others in; set {TOKEN_VARIABLE} to a secret that callers must know"
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            yield f"{TOKEN_VARIABLE}: is shorter than {SHORTEST_TOKEN} characters"
        if self.most_runs < 1:
            yield f"runs: {self.most_runs} is below 1"
        if (self.tls_cert is None) != (self.tls_key is None):
            yield "tls_cert: give the certificate and the key, or neither"
        if not _PREFIX.fullmatch(self.path_prefix):
            yield f"path_prefix: {self.path_prefix} is none: write /perpsim, with no / at its end"

    @property
    def scheme(self) -> str:
        """What the server speaks itself."""
        return "http" if self.tls_cert is None else "https"
