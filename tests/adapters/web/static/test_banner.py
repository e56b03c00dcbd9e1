"""What is not possible at this moment is said on the page, and it recovers by itself."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_pages import show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


@pytest.fixture
def own(market: Path) -> Iterator[Server]:
    found = Server(market, "--runs", "1")
    yield found
    found.close()


def test_a_database_that_is_away_is_said_and_the_page_comes_back(page: Page, own: Server) -> None:
    show(page, own, "history")
    wait_until(page, "document.querySelector('tbody tr')")
    away = own.market.with_name("away.db")
    own.market.rename(away)
    page.locator("nav a[href='#/pools']").click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("the database: ")
    expect(banner).to_contain_text("trying again")
    expect(banner).not_to_contain_text(str(own.market.parent))
    away.rename(own.market)
    expect(banner).to_have_count(0, timeout=20_000)
    expect(page.locator("#preview")).to_be_visible()


def test_a_server_that_is_away_is_said_and_the_page_comes_back(page: Page, own: Server) -> None:
    show(page, own, "history")
    wait_until(page, "document.querySelector('tbody tr')")
    port = own.url.rpartition(":")[2]
    own.kill()
    page.locator("nav a[href='#/pools']").click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("The server does not answer.")
    again = Server(own.market, "--port", port)
    try:
        expect(banner).to_have_count(0, timeout=20_000)
        expect(page.locator("#preview")).to_be_visible()
    finally:
        again.close()


def test_what_a_full_disk_has_refused_is_said(page: Page, own: Server) -> None:
    show(page, own, "new")
    wait_until(page, "window.perpsim?.editor")
    size = own.market.stat().st_size
    limits = resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (4_096, limits[1]))
    page.get_by_role("button", name="Everything").click()
    with page.expect_response(lambda each: each.url.endswith("/api/backtests")) as start:
        page.locator("#run").click()
    assert start.value.status == 503
    banner = page.locator(".banner")
    expect(banner).to_contain_text("the database: cannot be written")
    resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, limits)
    assert own.market.stat().st_size >= size
    expect(banner).to_have_count(0, timeout=20_000)
    page.locator("#run").click()
    page.wait_for_url("**/#/results/*")
    wait_until(page, "window.perpsim?.ready_ms")
