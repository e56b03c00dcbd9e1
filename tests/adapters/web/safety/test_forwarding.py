"""Requests that come through a proxy."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.web import ServerSettings
from adapters.web.safety.forwarding import client_of, forwarded

TOLD = {"x-forwarded-proto": "https", "x-forwarded-host": "example.com", "x-forwarded-for": "6.6.6.6, 10.0.0.9"}


def scope(path: str = "/", **headers: str) -> dict[str, Any]:
    given = {"host": "127.0.0.1:8000", **headers}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "path": path, "scheme": "http", "headers": raw, "client": ("127.0.0.1", 5), "method": "GET"}


@pytest.mark.parametrize("path", ["/perpsim/api/health", "/api/health"])
def test_a_prefix_may_come_or_be_taken_away_by_the_proxy(path: str) -> None:
    found = forwarded(scope(path), ServerSettings("sqlite://", path_prefix="/perpsim"))
    assert found["path"] == "/api/health"


def test_only_a_trusted_proxy_is_believed() -> None:
    assert forwarded(scope(**TOLD), ServerSettings("sqlite://")) == scope(**TOLD)
    found = forwarded(scope(**TOLD), ServerSettings("sqlite://", token="x" * 16, trusts_proxy=True))
    assert (found["scheme"], client_of(found)) == ("https", "10.0.0.9")
    assert dict(found["headers"])[b"host"] == b"example.com"
