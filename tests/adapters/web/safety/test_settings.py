"""What a server may be started with."""

from __future__ import annotations

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
