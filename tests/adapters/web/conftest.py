"""A server that the tests of the API share, and its market."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_server import Server, copied, make_market


@pytest.fixture(scope="package")
def web_market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_market(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="package")
def server(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("server")), "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="package")
def done(server: Server) -> int:
    return server.run("?all_triggers=true")


@pytest.fixture
def market(web_market: Path, tmp_path: Path) -> Path:
    return copied(web_market, tmp_path)
