"""What a server may be started with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.web import ServerSettings
from engine import ConfigurationError

TOKEN = "a secret of the tests"


def test_a_token_is_asked_for_on_other_addresses() -> None:
    with pytest.raises(ConfigurationError, match="PERPSIM_TOKEN"):
        ServerSettings("sqlite:///x.db", "0.0.0.0")
    with pytest.raises(ConfigurationError, match="shorter"):
        ServerSettings("sqlite:///x.db", "0.0.0.0", token="short")
    ServerSettings("sqlite:///x.db", "::1")
    ServerSettings("sqlite:///x.db", "0.0.0.0", token=TOKEN)
    assert TOKEN not in repr(ServerSettings("sqlite:///x.db", token=TOKEN))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tls_cert": Path("x.pem")}, "tls_cert: give the certificate and the key"),
        ({"path_prefix": "perpsim/"}, "path_prefix: perpsim/ is none"),
        ({"trusts_proxy": True}, "trust_proxy: a proxy lets others in"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        ServerSettings("sqlite:///x.db", **changes)
