"""A server that the tests of the page share, a browser, and a page in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.eventful_run import EVENTFUL, add_funding
from tests.support.web_server import Server, copied


@pytest.fixture(scope="package")
def server(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(add_funding(copied(web_market, tmp_path_factory.mktemp("page"))), "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    from tests.support.browsers import launched  # skips the tests where there is no browser

    with launched() as found:
        yield found


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    """A page of a fresh profile; afterwards nothing was asked of another machine and no script has failed."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    found = context.new_page()
    foreign: list[str] = []
    failed: list[str] = []
    found.on("request", lambda each: None if _is_here(each.url) else foreign.append(each.url))
    found.on("pageerror", lambda error: failed.append(str(error)))
    found.on("dialog", lambda each: failed.append(each.message))
    found.on("console", lambda each: failed.append(each.text) if "Content Security" in each.text else None)
    yield found
    context.close()
    assert foreign == []
    assert failed == []


@pytest.fixture(scope="package")
def done(server: Server) -> int:
    return server.run()


@pytest.fixture(scope="package")
def eventful(server: Server) -> int:
    return server.run(**EVENTFUL)


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"
