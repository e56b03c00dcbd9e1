"""What names a cluster."""

from __future__ import annotations

import pytest

from adapters.workers.cluster_address import ClusterAddress, parse_address
from engine import ConfigurationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp://scheduler:8786", ClusterAddress("tcp://scheduler:8786")),
        (" tls://10.0.0.1:8786/ ", ClusterAddress("tls://10.0.0.1:8786")),
        ("tcp://[fe80::1%eth0]:1", ClusterAddress("tcp://[fe80::1%eth0]:1")),
        ("local", ClusterAddress(None)),
        ("local:3", ClusterAddress(None, 3)),
    ],
)
def test_a_scheduler_or_this_machine_is_named(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "tcp://", "tcp://host", "tcp://host:0", "tcp://host:65536", "http://host:8786", "tcp://a:b@host:1", "local:0",
     "local:x", "local:99999", "tcp:/host:1", None],
)  # fmt: skip
def test_what_names_no_cluster_is_refused_with_what_does(text):
    with pytest.raises(ConfigurationError, match=r"tcp://HOST:PORT or tls://HOST:PORT .* by local or local:2"):
        parse_address(text)


def test_an_address_without_its_kind_is_recognised():
    with pytest.raises(ConfigurationError, match=r"; tcp://localhost:8786 is the scheduler there"):
        parse_address("localhost:8786")
