"""What holds for every page: its first keys, and that a token is asked for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import Server, make_market

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser
from tests.support.axe import violations  # isort: skip

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_the_keyboard_is_enough(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    page.keyboard.press("Tab")
    assert exposed(page, "document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert exposed(page, "document.activeElement.id") == "main"
    page.get_by_role("tab", name="Trades", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Triggers")).to_be_focused()
    expect(page.locator("table[aria-label=Triggers]")).to_be_visible()
    page.locator("[data-figure=sharpe_ratio]").focus()
    expect(page.get_by_role("tooltip")).to_contain_text("risk-free 0")


def test_a_browser_asks_for_the_token_once(browser: Browser, tmp_path: Path) -> None:
    server = Server(make_market(tmp_path, days=2), "--path-prefix", "/perpsim", token="a secret of the tests")
    try:
        context = browser.new_context()
        page = context.new_page()
        show(page, server, "new")
        assert violations(page) == []
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("dialog .bad")).to_contain_text("wrong")
        page.keyboard.press("Escape")  # the question comes back, by a button and by the next request
        expect(page.locator(".banner")).to_contain_text("asks for its token")
        page.get_by_role("button", name="Enter the token").click()
        page.get_by_label("Token").fill("a secret of the tests")
        page.keyboard.press("Enter")
        expect(page.locator("#run")).to_be_visible()
        context.close()
    finally:
        server.close()
