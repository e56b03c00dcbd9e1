"""Names of hosts, however they are written."""

from __future__ import annotations

import pytest

from adapters.web.safety.hosts import host_of, is_loopback, same_origin

HERE = ["localhost", "LocalHost:8000", "localhost.", "localhost.:8000", "127.0.0.1:80", "[::1]:9"]
ELSEWHERE = ["localhost.evil.com", "evil.com", "localhost:evil", "", "bob@localhost", "127.0.0.1.nip.io"]


@pytest.mark.parametrize(
    ("header", "is_here"), [*((each, True) for each in HERE), *((each, False) for each in ELSEWHERE)]
)
def test_a_loopback_name_is_one_in_any_way_of_writing(header: str, is_here: bool) -> None:
    assert is_loopback(host_of(header)) is is_here


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "is_same"),
    [
        ("http://localhost:8000", "http", "LOCALHOST.:8000", True),
        ("https://example.com", "https", "example.com:443", True),
        ("http://example.com", "https", "example.com", False),
        ("http://localhost:8000", "http", "localhost:8001", False),
        ("null", "http", "localhost", False),
        ("http://evil.com", "http", "localhost", False),
        ("http://[", "http", "[", False),
    ],
)
def test_an_origin_is_the_scheme_the_name_and_the_port(origin: str, scheme: str, host: str, is_same: bool) -> None:
    assert same_origin(origin, scheme, host) is is_same
