"""Names of hosts as requests bring them: which mean this machine, and whether a page is one of this server's."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine only, however it is written."""
    host = plain_host(host)
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def plain_host(host: str) -> str:
    """Return a name or an address in one way of writing: lower case, no brackets, no dot at its end."""
    return host.strip("[]").lower().removesuffix(".")


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port; "" where that is none."""
    return "" if (found := _split(f"http://{header}")) is None else found[0]


def same_origin(origin: str, scheme: str, host: str) -> bool:
    """Tell whether an Origin header names the scheme and the Host header of a request: a port that is usual for a
    scheme need not be said.
    """
    return origin != "null" and _split(origin) is not None and _split(origin) == _split(f"{scheme}://{host}")


def _split(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.hostname is None or parts.username is not None:
        return None
    return plain_host(parts.hostname), port or _PORTS.get(parts.scheme)
