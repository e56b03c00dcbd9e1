"""Requests as a browser has sent them, where a proxy stands between: without its prefix, and from whom it says."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

from .settings import ServerSettings


def forwarded(scope: Scope, settings: ServerSettings) -> Scope:
    """Return the scope of a request without the prefix of its path, whether the proxy has left it there or not; of a
    proxy that is trusted with the scheme, the host and the client that it tells of.
    """
    found = {**scope}
    if settings.path_prefix and scope["path"].startswith(f"{settings.path_prefix}/"):
        found["path"] = scope["path"].removeprefix(settings.path_prefix)
        found["raw_path"] = found["path"].encode()
    return _as_told(found) if settings.trusts_proxy else found


def _as_told(scope: Scope) -> Scope:
    """Take over what a proxy tells. Of several clients the last one counts: that one the proxy has seen itself."""
    told = Headers(scope=scope)
    scheme, host = _last(told, "x-forwarded-proto"), _last(told, "x-forwarded-host")
    client = _last(told, "x-forwarded-for")
    headers = [(name, value) for name, value in scope["headers"] if not host or name != b"host"]
    if host:
        headers.append((b"host", host.encode("latin-1")))
    return {
        **scope,
        "scheme": scheme if scheme in ("http", "https") else scope["scheme"],
        "headers": headers,
        "client": (client, 0) if client else scope["client"],
    }


def _last(headers: Headers, name: str) -> str:
    return headers.get(name, "").rpartition(",")[2].strip().lower()


def client_of(scope: Scope) -> str:
    """Return the address that a request comes from, "" where that is not known."""
    client = scope.get("client")
    return str(client[0]) if client else ""
