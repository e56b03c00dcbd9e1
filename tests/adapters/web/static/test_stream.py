"""The events of runs in several tabs: one stream, none for who does not look, and the end of a run after a restart."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import until
from tests.support.web_pages import exposed, show
from tests.support.web_server import SLOW, Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

TABS = 8
HIDE = """(isHidden) => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


class Streams:
    """The streams of events that a browser has open."""

    def __init__(self, context: Any) -> None:
        self.open: list[Any] = []
        self.most = 0
        context.on("request", self._begun)
        for name in ("requestfinished", "requestfailed"):
            context.on(name, lambda each: self.open.remove(each) if each in self.open else None)

    def _begun(self, request: Any) -> None:
        if "/api/events" in request.url:
            self.open.append(request)
            self.most = max(self.most, len(self.open))


def test_many_tabs_share_one_stream_and_a_hidden_one_has_none(browser: Browser, server: Server) -> None:
    run_id = server.start(code=SLOW)
    context = browser.new_context()
    streams = Streams(context)
    pages = [context.new_page() for _ in range(TABS)]
    for page in pages:
        show(page, server, f"results/{run_id}")
    for page in pages:
        wait_until(page, "window.perpsim?.progress?.length >= 2")
    assert len(streams.open) == 1

    for page in pages:
        page.evaluate(HIDE, True)
    until(lambda: pages[0].evaluate("() => 1") and not streams.open)
    seen = exposed(pages[-1], "perpsim.progress.length")
    pages[-1].evaluate(HIDE, False)
    wait_until(pages[-1], f"perpsim.progress.length > {seen} + 1")
    assert len(streams.open) == 1
    instants = exposed(pages[-1], "perpsim.progress.map((each) => each.time)")
    assert instants == sorted(instants)

    server.client.delete(f"/api/backtests/{run_id}")
    for page in pages:
        page.evaluate(HIDE, False)
    for page in pages:
        expect(page.get_by_role("alert")).to_contain_text("cancelled")
    until(lambda: pages[0].evaluate("() => 1") and not streams.open)
    context.close()


def test_a_browser_that_cannot_share_has_a_stream_for_each_tab(browser: Browser, server: Server) -> None:
    run_id = server.start(code=SLOW)
    context = browser.new_context()
    context.add_init_script("delete window.BroadcastChannel")
    streams = Streams(context)
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        show(page, server, f"results/{run_id}")
        wait_until(page, "window.perpsim?.progress?.length >= 2")
    assert len(streams.open) == 2
    server.client.delete(f"/api/backtests/{run_id}")
    for page in pages:
        expect(page.get_by_role("alert")).to_contain_text("cancelled")
    context.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_after_a_restart_the_page_shows_what_became_of_the_run(page: Page, market: Path, number: int) -> None:
    first = Server(market, "--runs", "1")
    run_id = first.start(code=SLOW)
    port = first.url.rpartition(":")[2]
    show(page, first, f"results/{run_id}")
    wait_until(page, "window.perpsim?.progress?.length >= 3")
    first.process.send_signal(number)
    first.process.wait(30)
    first.close()
    again = Server(market, "--port", port)
    try:
        ended = page.get_by_role("alert").filter(has_text="the server ended during the run")
        expect(ended).to_be_visible(timeout=30_000)
        assert page.locator("progress").count() == 0
        page.goto("about:blank")
    finally:
        again.close()
