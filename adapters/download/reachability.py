"""Whether there is a way to a venue at all: asked once before a download, so that its lack is said at once."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from engine import DataError

#: How long a connection may take before nobody counts as there.
CONNECT_PATIENCE_S = 4.0

_PORTS = {"http": 80, "https": 443}


class Unreachable(DataError):
    """There is no way to a venue: its name, and what is wrong at which host."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return f"{self.name} cannot be reached ({self.problem}); check the network, HTTPS_PROXY and --url"


def require_reachable(name: str, addresses: Iterable[str]) -> None:
    """Raise `Unreachable` unless one of a venue's addresses, or the proxy on the way to it, takes a connection.

    All are tried at once, each in a thread of its own: looking up a name is deaf to Ctrl-C and knows no time limit.
    """
    targets = list(dict.fromkeys(map(_target, addresses)))
    answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    for host, port in targets:
        threading.Thread(target=_try, args=(host, port, answers), daemon=True).start()
    deadline, problem = time.monotonic() + CONNECT_PATIENCE_S, ""
    for _ in targets:
        try:
            answer = answers.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            problem = problem or f"{targets[0][0]}: no answer within {CONNECT_PATIENCE_S:.0f} s"
            break
        if answer is None:
            return
        problem = problem or answer
    raise Unreachable(name, problem)


def _target(address: str) -> tuple[str, int]:
    """Return host and port of an address, or those of the proxy that the environment names for it."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(address, get_environ_proxies(address))
    parts = urlsplit(proxy if proxy is None or "://" in proxy else f"http://{proxy}") if proxy else urlsplit(address)
    return str(parts.hostname), parts.port or _PORTS.get(parts.scheme, 1080)


def _try(host: str, port: int, answers: queue.SimpleQueue[str | None]) -> None:
    try:
        socket.create_connection((host, port), timeout=CONNECT_PATIENCE_S).close()
    except (OSError, ValueError) as error:
        answers.put(f"{host}: {getattr(error, 'strerror', None) or error}")
    else:
        answers.put(None)
